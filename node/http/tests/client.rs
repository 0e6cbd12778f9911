//! The client: connections used again, what is sent twice and what never, and servers that misbehave.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, header};
use playfair_http::{Client, ClientError, ClientLimits, Identity, Peer};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn client(address: &str, limits: ClientLimits) -> Client {
    Client::new(address, None, limits).unwrap()
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let port = async |ConnectInfo(peer): ConnectInfo<Peer>| match peer {
        Peer::Tcp(addr) => addr.port().to_string(),
        Peer::Unix => unreachable!(),
    };
    let router = Router::new()
        .route("/", get(port))
        .route("/echo", post(async |body: String| body));
    let server = Running::tcp(router, patient()).await;
    let client = server.client();
    let first = within(client.get("/")).await.unwrap().body;
    for number in 0..20 {
        let text = format!("text {number}");
        let answer = within(client.post("/echo", "text/plain", text.clone()))
            .await
            .unwrap();
        assert_eq!(answer.body, text);
        assert_eq!(within(client.clone().get("/")).await.unwrap().body, first);
    }
    assert_eq!(server.counters.read().accepted, 1);
    // Requests at the same time have connections of their own.
    let both = futures_util::future::join_all((0..8).map(|_| client.get("/")));
    assert!(
        within(both)
            .await
            .into_iter()
            .all(|answer| answer.unwrap().status == 200)
    );
    assert!(server.counters.read().accepted <= 8);
    drop(client);
    until(|| server.counters.read().open == 0).await;
    server.stop().await;
}

/// Reads one request's head and as much body as it promises.
async fn heard(stream: &mut TcpStream) -> Option<String> {
    let mut all = Vec::new();
    loop {
        all.push(stream.read_u8().await.ok()?);
        let text = String::from_utf8_lossy(&all).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.map_or(0, |length| length.parse().unwrap()) {
            return Some(text);
        }
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers the first request of each connection and hangs up on the second, having read it. It counts
/// what it reads.
async fn hangs_up_on_the_second() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if heard(&mut stream).await.is_some() {
                counter.fetch_add(1, SeqCst);
                stream.write_all(OK).await.unwrap();
            }
            if heard(&mut stream).await.is_some() {
                counter.fetch_add(1, SeqCst);
            }
        }
    });
    (address, read)
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated() {
    let (address, read) = hangs_up_on_the_second().await;
    let client = client(&address, ClientLimits::default());
    assert_eq!(within(client.get("/")).await.unwrap().body, "ok");
    assert_eq!(within(client.get("/")).await.unwrap().body, "ok");
    assert_eq!(read.load(SeqCst), 3);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_repeated() {
    let (address, read) = hangs_up_on_the_second().await;
    let client = client(&address, ClientLimits::default());
    assert_eq!(
        within(client.post("/", "text/plain", "1")).await.unwrap().body,
        "ok"
    );
    let error = within(client.post("/", "text/plain", "2")).await.unwrap_err();
    assert!(
        matches!(error, ClientError::Unanswered(_)) && error.maybe_done(),
        "{error}"
    );
    assert_eq!(read.load(SeqCst), 2);
    // The next one is on a new connection.
    assert_eq!(
        within(client.post("/", "text/plain", "3")).await.unwrap().body,
        "ok"
    );
}

#[tokio::test]
async fn what_never_left_is_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (closed, was_closed) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        heard(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        drop(stream);
        closed.send(()).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        heard(&mut stream).await.unwrap();
        stream.write_all(OK).await.unwrap();
        heard(&mut stream).await;
    });
    let client = client(&address, ClientLimits::default());
    assert_eq!(
        within(client.post("/", "text/plain", "1")).await.unwrap().body,
        "ok"
    );
    within(was_closed).await.unwrap();
    // The end lies in the client's socket: turns enough that the connection's task has read it.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        within(client.post("/", "text/plain", "2")).await.unwrap().body,
        "ok"
    );
}

/// A server that answers every connection with these bytes.
async fn says(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if heard(&mut stream).await.is_some() {
                // The client may leave at any moment.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut [0; 16]).await;
            }
        }
    });
    address
}

#[tokio::test]
async fn an_answer_has_a_size() {
    let limits = ClientLimits {
        answer_bytes_max: 1000,
        headers_max: 10,
        head_bytes_max: 8 << 10,
        ..ClientLimits::default()
    };
    let with_length = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}",
            "x".repeat(length.min(5000))
        )
    };
    let chunk = |length: usize| format!("{length:x}\r\n{}\r\n", "x".repeat(length));
    let chunked = |chunks: usize| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
        head + &chunk(100).repeat(chunks) + "0\r\n\r\n"
    };
    let endless = |length: usize| format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(length));
    for (answer, length) in [
        (with_length(0), Some(0)),
        (with_length(1000), Some(1000)),
        (with_length(1001), None),
        (with_length(usize::MAX / 4), None),
        (chunked(10), Some(1000)),
        (chunked(11), None),
        (endless(1000), Some(1000)),
        (endless(1001), None),
    ] {
        let address = says(answer.clone()).await;
        let got = within(client(&address, limits.clone()).get("/")).await;
        match length {
            Some(length) => assert_eq!(got.unwrap().body.len(), length),
            None => assert!(matches!(got, Err(ClientError::TooLarge)), "{got:?}"),
        }
    }
    for head in ["a: b\r\n".repeat(11), format!("a: {}\r\n", "x".repeat(100_000))] {
        let address = says(format!("HTTP/1.1 200 OK\r\n{head}content-length: 0\r\n\r\n")).await;
        let got = within(client(&address, limits.clone()).get("/")).await;
        assert!(matches!(got, Err(ClientError::Unanswered(_))), "{got:?}");
    }
}

#[tokio::test]
async fn nonsense_is_an_error() {
    for answer in [
        &b""[..],
        b"\r\n",
        b"HTTP/1.1 2",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"220 smtp ready\r\n",
        b"\0\xff\xfe\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc",
    ] {
        let address = says(answer).await;
        let got = within(client(&address, ClientLimits::default()).get("/")).await;
        assert!(
            matches!(got, Err(ClientError::Unanswered(_))),
            "{:?}: {got:?}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[tokio::test]
async fn time_is_limited() {
    let limits = ClientLimits {
        request_timeout: SOON,
        connect_timeout: SOON,
        ..ClientLimits::default()
    };
    // It listens and never accepts: TCP connects, and nothing else happens.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let error = within(client(&format!("http://{address}"), limits.clone()).get("/"))
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Timeout { sent: true }), "{error}");
    let pin = Identity::generate().unwrap();
    let secure = Client::new(&format!("https://{address}"), Some(pin.fingerprint()), limits).unwrap();
    let error = within(secure.get("/")).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { sent: false }), "{error}");
}

#[tokio::test]
async fn a_request_says_what_it_must() {
    let router = Router::new().route(
        "/{*path}",
        get(async |uri: http::Uri, headers: HeaderMap| {
            let host = headers[header::HOST].to_str().unwrap().to_owned();
            format!("{host} {uri} {:?}", headers.get("x-own"))
        }),
    );
    let server = Running::tcp(router, patient()).await;
    let own = HeaderMap::from_iter([
        (
            http::HeaderName::from_static("x-own"),
            HeaderValue::from_static("1"),
        ),
        // Framing is not the caller's.
        (header::CONTENT_LENGTH, HeaderValue::from_static("77")),
        (header::TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
        (header::HOST, HeaderValue::from_static("elsewhere")),
    ]);
    let answer = within(server.client().request(Method::GET, "/a/b?c=d", own, "".into()))
        .await
        .unwrap();
    let host = server.bound.to_string().replace("http://", "");
    assert_eq!(answer.body, format!("{host} /a/b?c=d Some(\"1\")"));
    for path in ["", "a", "http://x/", "/a b", "/a\r\nhost: x", "*"] {
        let error = within(server.client().get(path)).await.unwrap_err();
        assert!(matches!(error, ClientError::Request(_)), "{path}: {error}");
    }
    server.stop().await;
}

#[test]
fn an_address_is_strict() {
    let cert = Identity::generate().unwrap().fingerprint();
    for (address, pinned) in [
        ("http://127.0.0.1:1", false),
        ("http://localhost", false),
        ("http://[::1]:1/", false),
        ("https://h:1", true),
        ("unix:/run/s", false),
    ] {
        let pin = pinned.then_some(cert);
        let other = (!pinned).then_some(cert);
        assert!(
            Client::new(address, pin, ClientLimits::default()).is_ok(),
            "{address}"
        );
        // https needs a certificate, the others have none.
        assert!(
            Client::new(address, other, ClientLimits::default()).is_err(),
            "{address}"
        );
    }
    for address in [
        "",
        "http",
        "http://",
        "http:///",
        "h:1",
        "ftp://h:1",
        "http://h:1/path",
        "http://h:1?q",
        "http://u@h:1",
        "http://u:p@h:1",
        "http://h:99999",
        "http://h:",
        "http://h:01",
        "http://a b",
        "unix:",
        "unix:relative",
        "unix://",
        "/run/s",
    ] {
        let made = Client::new(address, None, ClientLimits::default());
        let ok = address == "unix://";
        assert_eq!(made.is_ok(), ok, "{address}");
    }
}
