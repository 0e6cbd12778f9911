//! Requests that nobody means well by: seeded, in memory, against the whole service behind its guard. No panic, no answer 5xx
//! but the documented 503, each refusal in our form, and memory as before. A hundred thousand of them, in some twelve seconds.

mod support;

use axum::body::Body;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::BodyExt;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use playfair_http::{GuardLimits, guard};
use playfair_runtime::local::Players;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use support::*;

const REQUESTS: u32 = 100_000;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn bytes(&mut self, end: usize) -> Vec<u8> {
        (0..self.below(end)).map(|_| self.roll() as u8).collect()
    }
}

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "256",
    "257",
    "65536",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1e400",
    "0.5",
];

/// A part of a path or a query.
fn word(dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => dice.of(&NUMBERS).to_owned(),
        1 => "0".repeat(dice.below(200)),
        2 => dice.bytes(40).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
        3 => dice.bytes(30).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02X}");
            text
        }),
        4 => dice
            .of(&[
                "..", ".", "%2e%2e", "%00", "%ff", "%", "%zz", "", "%2F", "{chain}", "*", "~",
            ])
            .to_owned(),
        5 => "x".repeat(dice.below(4_000)),
        6 => dice
            .of(&["counter", "Counter", "counter%20", "nobody"])
            .to_owned(),
        7 => dice
            .of(&[
                "chains",
                "blocks",
                "calls",
                "state",
                "query",
                "accounts",
                "module",
                "abi",
                "ws",
                "tape",
                "node",
                "openapi.json",
                "docs",
            ])
            .to_owned(),
        _ => String::from_utf8_lossy(&dice.bytes(20)).into_owned(),
    }
}

fn path(dice: &mut Dice, known: &[String]) -> String {
    let mut path = match dice.one_in(4) {
        true => (0..dice.below(7)).fold(String::new(), |path, _| format!("{path}/{}", word(dice))),
        false => dice.of(known),
    };
    if dice.one_in(3) {
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let at = dice.below(parts.len());
        parts[at] = word(dice);
        path = parts.join("/");
    }
    for at in 0..dice.below(4) {
        let name = dice.of(&["from", "count", "before", "wait", "x", "", "from"]);
        let value = match dice.one_in(2) {
            true => dice.of(&NUMBERS).to_owned(),
            false => word(dice),
        };
        let _ = write!(path, "{}{name}={value}", if at == 0 { '?' } else { '&' });
    }
    path
}

/// Anything that JSON can say, and some that it cannot.
fn nasty(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(11) {
        0 => Value::Null,
        1 => json!(dice.roll()),
        2 => json!(-(dice.below(1 << 40) as i64)),
        3 => json!(1.5e300),
        4 => json!("0".repeat(dice.below(9_000))),
        5 => json!(dice.of(&["params", "upgrade", "", "xyz", "\u{0}", "\u{1f600}"])),
        6 => json!(true),
        7 if depth < 6 => json!(
            (0..dice.below(5))
                .map(|_| nasty(dice, depth + 1))
                .collect::<Vec<_>>()
        ),
        8 => json!({ "module": "6e" }),
        9 if depth < 6 => {
            json!({ dice.of(&["module", "account", "place", "account_key", "keys"]): nasty(dice, depth + 1) })
        }
        _ => json!({ "account_key": { "account": "00".repeat(20), "index": dice.roll() } }),
    }
}

fn spoil(dice: &mut Dice, value: &mut Value) {
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) if !items.is_empty() && !dice.one_in(4) => items.iter_mut().collect(),
        Value::Object(fields) if !fields.is_empty() && !dice.one_in(4) => {
            if dice.one_in(5) {
                let more = nasty(dice, 3);
                fields.insert(dice.of(&["height", "more", "entry", "payload"]).to_owned(), more);
            }
            fields.values_mut().collect()
        }
        other => {
            *other = nasty(dice, 0);
            return;
        }
    };
    let at = dice.below(inner.len());
    if let Some(inner) = inner.into_iter().nth(at) {
        spoil(dice, inner);
    }
}

fn spoil_bytes(dice: &mut Dice, bytes: &mut Vec<u8>) {
    for _ in 0..=dice.below(3) {
        match dice.below(5) {
            0 => bytes.truncate(dice.below(bytes.len() + 1)),
            1 => bytes.extend(dice.bytes(200)),
            2 if !bytes.is_empty() => {
                let at = dice.below(bytes.len());
                bytes[at] = dice.roll() as u8;
            }
            3 if !bytes.is_empty() => {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            _ => {
                let more = bytes.clone();
                bytes.extend(more.iter().take(dice.below(124 * 3)));
            }
        }
    }
}

fn body(dice: &mut Dice, calls: &[Vec<u8>]) -> (Vec<u8>, &'static str) {
    let json = "application/json";
    match dice.below(6) {
        0 => (
            dice.bytes(600),
            dice.of(&[json, "text/plain", "application/octet-stream"]),
        ),
        1 | 2 => {
            let mut bytes = dice.of(calls);
            spoil_bytes(dice, &mut bytes);
            (bytes, "application/octet-stream")
        }
        _ => {
            let mut value = dice.of(&[
                json!({"keys": [{"module": "6e"}, "params", {"account": "00".repeat(20)}], "height": 0}),
                json!({"keys": vec![json!("params"); 256]}),
                json!({"entry": 0, "payload": "00ff", "height": 0}),
                json!({"entry": 1}),
            ]);
            for _ in 0..dice.below(3) {
                spoil(dice, &mut value);
            }
            let mut bytes = value.to_string().into_bytes();
            match dice.below(8) {
                0 => spoil_bytes(dice, &mut bytes),
                1 => bytes = "[".repeat(dice.below(5_000)).into_bytes(),
                2 => bytes = format!(r#"{{"entry":0,"entry":{}}}"#, dice.of(&NUMBERS)).into_bytes(),
                3 => bytes = format!(r#"{{"keys":["params"],"height":{}}}"#, dice.of(&NUMBERS)).into_bytes(),
                _ => {}
            }
            (
                bytes,
                dice.of(&[
                    json,
                    json,
                    json,
                    "application/json; charset=utf-8",
                    "application/json;x",
                    "",
                ]),
            )
        }
    }
}

/// A request, if what was rolled is one at all.
fn request(dice: &mut Dice, known: &[String], calls: &[Vec<u8>]) -> Option<Request<Body>> {
    let path = path(dice, known);
    let mut uri: Uri = path.parse().ok()?;
    let methods = [
        Method::GET,
        Method::POST,
        Method::POST,
        Method::PUT,
        Method::HEAD,
        Method::OPTIONS,
        Method::DELETE,
        Method::CONNECT,
        Method::TRACE,
    ];
    let method = match dice.one_in(6) {
        true => dice.of(&methods),
        false if path.contains("/state") || path.contains("/query") || path.contains("/calls?") => {
            Method::POST
        }
        false => Method::GET,
    };
    // What is well-formed may wait for its turn for long: that is no part of this test.
    if method == Method::POST && uri.path().ends_with("/calls") {
        uri = format!("{}?wait=no", uri.path()).parse().ok()?;
    }
    let (bytes, kind) = body(dice, calls);
    let mut request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::CONTENT_TYPE, kind);
    for _ in 0..dice.below(4) {
        let name = dice.of(&[
            "if-none-match",
            "range",
            "accept",
            "x-forwarded-for",
            "upgrade",
            "connection",
            "sec-websocket-key",
            "sec-websocket-version",
            "content-length",
            "transfer-encoding",
            "expect",
            "origin",
            "access-control-request-method",
            "cookie",
        ]);
        let value = match dice.below(4) {
            0 => dice
                .of(&[
                    "websocket",
                    "upgrade",
                    "13",
                    "*",
                    "bytes=0-18446744073709551616",
                    "chunked",
                    "null",
                ])
                .as_bytes()
                .to_vec(),
            1 => dice.of(&NUMBERS).as_bytes().to_vec(),
            _ => dice.bytes(100),
        };
        request = request.header(name, http::HeaderValue::from_bytes(&value).ok()?);
    }
    request.body(Body::from(bytes)).ok()
}

/// Memory of this process, bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    4096 * pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_comes_breaks_it() {
    let scene = Scene::start().await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = Players::of(chain.id);
    let mut calls = Vec::new();
    let mut ids = Vec::new();
    for n in 0..4 {
        let record = players
            .call("anna", n % 2, &vec![n; 40 * usize::from(n)])
            .unwrap();
        let (_, sealed) = scene.call(record.clone()).await;
        ids.push(sealed["id"].as_str().unwrap().to_owned());
        calls.push(record);
    }
    calls.push(players.call("bert", 0, b"new").unwrap());
    let anna: String = players
        .id("anna")
        .0
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut known: Vec<String> = [
        "",
        "/blocks",
        "/blocks/1",
        "/blocks/4/tape",
        "/module",
        "/abi",
        "/ws",
        "/calls?wait=no",
        "/state",
        "/query",
        "/state",
        "/query",
    ]
    .iter()
    .map(|end| format!("/v1/chains/counter{end}"))
    .collect();
    known.extend(
        [
            "/v1/node",
            "/v1/chains",
            "/v1/openapi.json",
            "/v1/docs",
            "/",
            "/v1",
        ]
        .map(str::to_owned),
    );
    known.push(format!("/v1/chains/counter/accounts/{anna}"));
    known.push(format!("/v1/chains/counter/accounts/{anna}/calls"));
    known.push(format!("/v1/chains/counter/calls/{}", ids[0]));
    let limits = GuardLimits {
        rate: None,
        ..GuardLimits::default()
    };
    let router = guard(playfair_rpc::router(Arc::clone(&scene.host)), &limits);
    let service = TowerToHyperService::new(router);
    let mut dice = Dice(6);
    let (mut statuses, mut warm, mut sent) = (BTreeMap::<u16, u32>::new(), 0, 0);
    while sent < REQUESTS {
        let before = dice.0;
        let Some(request) = request(&mut dice, &known, &calls) else {
            continue;
        };
        let what = format!("seed {before:#x}: {} {}", request.method(), request.uri());
        let answer = service.call(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        *statuses.entry(parts.status.as_u16()).or_default() += 1;
        if parts.status.is_server_error() || parts.status.is_client_error() {
            let text = String::from_utf8_lossy(&body);
            let problem = playfair_http::Problem::read(parts.status, &body);
            if parts.status.is_server_error() {
                let problem = problem.as_ref().unwrap_or_else(|| panic!("{what}: {text}"));
                let documented = ["too_many_queries", "overloaded", "unavailable"].contains(&&*problem.code);
                assert!(
                    parts.status == StatusCode::SERVICE_UNAVAILABLE && documented,
                    "{what}: {problem}"
                );
            }
            // An answer to HEAD has no body.
            assert!(
                problem.is_some() || body.is_empty(),
                "{what}: {} {text}",
                parts.status
            );
        }
        sent += 1;
        if sent == REQUESTS / 5 {
            warm = resident();
        }
    }
    let grown = resident().saturating_sub(warm);
    println!(
        "{sent} requests, by status: {statuses:?}; {} KiB more since the first fifth",
        grown >> 10
    );
    for status in [200, 202, 400, 404, 405, 415, 422] {
        assert!(statuses.contains_key(&status), "no answer {status}: {statuses:?}");
    }
    assert!(grown < 48 << 20, "memory grew by {grown} bytes");
    // It still does what it did.
    let (status, sealed) = scene.call(players.call("anna", 0, b"").unwrap()).await;
    assert_eq!(status, 200, "{sealed}");
    scene.stop().await;
}
