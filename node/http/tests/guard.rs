//! What the guard keeps from handlers, and the form of every error.

mod support;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use playfair_http::{
    Answer, Client, ClientIp, GuardLimits, Listener, Origins, Peer, Problem, RateLimit, Toll, guard,
};
use support::*;
use tokio::io::AsyncWriteExt;

fn service() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
        .route("/never", get(async || std::future::pending::<()>().await))
        .route("/dear", get(async |toll: Toll| toll.charge(9).map(|()| "paid")))
        .route(
            "/who",
            get(
                async |ConnectInfo(peer): ConnectInfo<Peer>, ip: axum::Extension<ClientIp>| {
                    format!("{} {:?}", peer == Peer::Unix, ip.0.0)
                },
            ),
        )
        .route("/json", post(async |body: axum::Json<Vec<u8>>| body))
}

async fn guarded(limits: GuardLimits) -> (Running, Client) {
    let server = Running::tcp(guard(service(), &limits), patient()).await;
    let client = server.client();
    (server, client)
}

fn problem(answer: Answer) -> Problem {
    assert_eq!(answer.headers["content-type"], "application/json", "{answer:?}");
    answer.success().unwrap_err()
}

#[tokio::test]
async fn a_body_has_a_size() {
    let (server, client) = guarded(GuardLimits {
        body_bytes_max: 1000,
        ..GuardLimits::default()
    })
    .await;
    for (length, taken) in [(0, true), (1000, true), (1001, false), (3_000_000, false)] {
        // The server need not read what it refuses, so a long body may find the connection closed.
        let answer = match within(client.post("/length", "text/plain", vec![0; length])).await {
            Err(error) if length > 1_000_000 => {
                assert!(error.maybe_done(), "{error}");
                continue;
            }
            answer => answer.unwrap(),
        };
        if taken {
            assert_eq!(answer.success().unwrap().body, length.to_string());
        } else {
            let problem = problem(answer);
            assert_eq!((problem.status.as_u16(), &*problem.code), (413, "too_large"));
        }
    }
    // The length alone is enough to refuse: nothing of the body was sent.
    let head = "POST /length HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1001\r\n\r\n";
    let answer = ask(&mut server.raw().await, head.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.contains(r#""code":"too_large""#),
        "{answer}"
    );
    // Without a length it is counted as it comes.
    let head = "POST /length HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunked = |chunks: usize| {
        head.to_owned() + &format!("64\r\n{}\r\n", "x".repeat(100)).repeat(chunks) + "0\r\n\r\n"
    };
    let answer = ask(&mut server.raw().await, chunked(10).as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("1000"),
        "{answer}"
    );
    let answer = ask(&mut server.raw().await, chunked(11).as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 413 ") && answer.contains(r#""code":"too_large""#),
        "{answer}"
    );
    server.stop().await;
}

#[tokio::test]
async fn time_is_limited() {
    let (server, client) = guarded(GuardLimits {
        request_timeout: SOON,
        ..GuardLimits::default()
    })
    .await;
    let answer = problem(within(client.get("/never")).await.unwrap());
    assert_eq!((answer.status.as_u16(), &*answer.code), (503, "timeout"));
    assert!(answer.retry_after_ms.is_some());
    // A body that does not come is the client's fault.
    let mut slow = server.raw().await;
    let head = "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    slow.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut slow).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains(r#""code":"timeout""#),
        "{answer}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_panic_is_one_answer() {
    let (server, client) = guarded(GuardLimits::default()).await;
    let answer = problem(within(client.get("/panic")).await.unwrap());
    assert_eq!((answer.status.as_u16(), &*answer.code), (500, "internal"));
    assert!(!answer.message.contains("purpose"), "{answer}");
    assert_eq!(within(client.get("/")).await.unwrap().body, "hello");
    // Even the connection goes on.
    assert_eq!(server.counters.read().accepted, 1);
    server.stop().await;
}

#[tokio::test]
async fn every_error_has_one_form() {
    let (server, client) = guarded(GuardLimits::default()).await;
    let answer = problem(within(client.get("/nowhere")).await.unwrap());
    assert_eq!((answer.status.as_u16(), &*answer.code), (404, "not_found"));
    let answer = within(client.post("/", "text/plain", "")).await.unwrap();
    assert!(answer.headers["allow"].to_str().unwrap().contains("GET"));
    let answer = problem(answer);
    assert_eq!(
        (answer.status.as_u16(), &*answer.code),
        (405, "method_not_allowed")
    );
    let answer = problem(
        within(client.post("/json", "application/json", "[1,"))
            .await
            .unwrap(),
    );
    assert_eq!((answer.status.as_u16(), &*answer.code), (400, "bad_request"));
    assert!(answer.message.contains("JSON"), "{answer}");
    let answer = problem(within(client.post("/json", "text/plain", "[1]")).await.unwrap());
    assert_eq!(&*answer.code, "unsupported_media_type");
    let answer = within(client.post("/json", "application/json", "[1]"))
        .await
        .unwrap();
    assert_eq!(answer.body, "[1]");
    let head = within(client.request(Method::HEAD, "/nowhere", HeaderMap::new(), "".into()))
        .await
        .unwrap();
    assert_eq!((head.status.as_u16(), head.body.len()), (404, 0));
    server.stop().await;
}

#[tokio::test]
async fn the_rate_is_limited_and_dear_routes_cost_more() {
    let rate = RateLimit {
        // So slow that no token comes back during the test.
        per_second: 1,
        burst: 12,
        clients_max: 10,
    };
    let (server, client) = guarded(GuardLimits {
        rate: Some(rate),
        ..GuardLimits::default()
    })
    .await;
    let start = tokio::time::Instant::now();
    assert_eq!(
        within(client.get("/dear")).await.unwrap().success().unwrap().body,
        "paid"
    );
    assert_eq!(within(client.get("/")).await.unwrap().body, "hello");
    let answer = within(client.get("/dear")).await.unwrap();
    let header = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse::<u64>()
        .unwrap();
    let answer = problem(answer);
    assert_eq!((answer.status.as_u16(), &*answer.code), (429, "rate_limited"));
    let wait_ms = answer.retry_after_ms.unwrap();
    let passed_ms = start.elapsed().as_millis() as u64;
    // Nine more for what it asks, and one for asking again.
    assert!(
        wait_ms <= 10_000 && wait_ms + passed_ms + 1 >= 10_000,
        "{wait_ms} after {passed_ms}"
    );
    assert_eq!(header, wait_ms.div_ceil(1000));
    // Plain requests to nowhere pay as well.
    let mut refused = false;
    for _ in 0..(2 + start.elapsed().as_secs() + 20) {
        refused |= within(client.get("/nowhere")).await.unwrap().status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(refused);
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_names_the_client_only_if_trusted() {
    let said = HeaderMap::from_iter([(
        http::HeaderName::from_static("x-forwarded-for"),
        HeaderValue::from_static("9.9.9.9, 8.8.8.8"),
    )]);
    for (trusted, client_ip) in [
        (vec![], "127.0.0.1"),
        (vec!["127.0.0.1".parse().unwrap()], "8.8.8.8"),
    ] {
        let (server, client) = guarded(GuardLimits {
            trusted_proxies: trusted,
            ..GuardLimits::default()
        })
        .await;
        let answer = within(client.request(Method::GET, "/who", said.clone(), "".into()))
            .await
            .unwrap();
        assert_eq!(answer.body, format!("false Some({client_ip})"));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_unix_socket_has_no_address_and_no_rate() {
    let folder = Folder::new();
    let limits = GuardLimits {
        rate: Some(RateLimit {
            per_second: 1,
            burst: 1,
            clients_max: 1,
        }),
        request_timeout: Duration::from_secs(60),
        ..GuardLimits::default()
    };
    let listener = Listener::unix(folder.join("s")).await.unwrap();
    let server = Running::start(listener, guard(service(), &limits), patient());
    for _ in 0..5 {
        let answer = within(server.client().get("/who")).await.unwrap();
        assert_eq!(answer.body, "true None");
    }
    server.stop().await;
}

#[tokio::test]
async fn browsers_are_told_what_they_may() {
    let only = Origins::Only(vec![HeaderValue::from_static("https://a.example")]);
    for (origins, allowed) in [(Origins::Any, "*"), (only, "https://a.example")] {
        let (server, client) = guarded(GuardLimits {
            origins,
            ..GuardLimits::default()
        })
        .await;
        let ask = async |method: Method, path: &str, origin: &'static str| {
            let headers = HeaderMap::from_iter([
                (http::header::ORIGIN, HeaderValue::from_static(origin)),
                (
                    http::header::ACCESS_CONTROL_REQUEST_METHOD,
                    HeaderValue::from_static("POST"),
                ),
            ]);
            within(client.request(method, path, headers, "".into()))
                .await
                .unwrap()
                .headers
        };
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/nowhere"),
            (Method::OPTIONS, "/"),
        ] {
            let headers = ask(method.clone(), path, "https://a.example").await;
            assert_eq!(headers["access-control-allow-origin"], allowed);
            assert!(!headers.contains_key("access-control-allow-credentials"));
            if method == Method::OPTIONS {
                assert_eq!(headers["access-control-allow-methods"], "GET,POST");
            } else {
                assert_eq!(headers["x-content-type-options"], "nosniff");
                assert!(
                    headers["content-security-policy"]
                        .to_str()
                        .unwrap()
                        .starts_with("default-src 'none'")
                );
            }
        }
        let headers = ask(Method::GET, "/", "https://b.example").await;
        assert_eq!(
            headers.contains_key("access-control-allow-origin"),
            allowed == "*"
        );
        server.stop().await;
    }
}
