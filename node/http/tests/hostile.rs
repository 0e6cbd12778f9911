//! Bytes of an attacker: nothing panics, nothing is smuggled, and the server goes on.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use axum::Router;
use axum::body::Bytes;
use axum::extract::WebSocketUpgrade;
use axum::routing::{any, get};
use playfair_http::{GuardLimits, guard};
use support::*;
use tokio::io::AsyncWriteExt;

/// `/` takes any body, `/socket` is a WebSocket, and `/hidden` counts its visits.
fn service() -> (Router, Arc<AtomicUsize>) {
    let visits = Arc::new(AtomicUsize::new(0));
    let counter = visits.clone();
    let hidden = async move || {
        counter.fetch_add(1, SeqCst);
        "hidden"
    };
    let socket = async |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async |mut socket| while let Some(Ok(_)) = socket.recv().await {})
    };
    let router = Router::new()
        .route("/", any(async |body: Bytes| format!("{} bytes", body.len())))
        .route("/socket", any(socket))
        .route("/hidden", get(hidden));
    let limits = GuardLimits {
        rate: None,
        ..GuardLimits::default()
    };
    (guard(router, &limits), visits)
}

#[tokio::test]
async fn nothing_is_smuggled() {
    let (router, visits) = service();
    let server = Running::tcp(router, patient()).await;
    let inner = "GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = inner.len();
    let attempts = [
        // The chunks end at once; the length says that the rest is body.
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
            length + 5
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: {}\r\n\r\n0\r\n\r\n{inner}",
            length + 5
        ),
        // Two lengths.
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: {length}\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\ncontent-length: 0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0, {length}\r\n\r\n{inner}"),
        // Lengths that some read and others do not.
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0x0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length : 0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length\t: {length}\r\n\r\n{inner}"),
        // Codings that some read and others do not.
        format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        // Chunks that lie.
        format!("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n{inner}"),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n{inner}"
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n{inner}"
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0;{}\r\n\r\n{inner}",
            "x".repeat(100_000)
        ),
        // Lines that are not lines.
        format!("GET / HTTP/1.1\r\nhost: x\r\na: b\r\n c: d\r\n\r\n{inner}"),
        format!("GET / HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n{inner}"),
        format!("GET / HTTP/1.1\r\nhost: x\r\n: b\r\n\r\n{inner}"),
        format!("GET / HTTP/1.1\r\nhost: x\r\na\0: b\r\n\r\n{inner}"),
        format!("GET / /hidden HTTP/1.1\r\nhost: x\r\n\r\n{inner}"),
        format!("GET /\r\n\r\n{inner}"),
    ];
    for attempt in &attempts {
        let mut stream = server.raw().await;
        let _ = stream.write_all(attempt.as_bytes()).await;
        let _ = stream.shutdown().await;
        let answer = rest(&mut stream).await;
        assert!(!answer.contains("hidden"), "{attempt}\n{answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{attempt}\n{answer}");
        assert_eq!(visits.load(SeqCst), 0, "{attempt}");
    }
    // Two requests in order on one connection are two requests.
    let both = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc{inner}");
    let mut stream = server.raw().await;
    let first = one(&mut stream, &both).await;
    assert!(first.ends_with("3 bytes"), "{first}");
    assert!(one(&mut stream, "").await.ends_with("hidden"));
    assert_eq!(visits.load(SeqCst), 1);
    server.stop().await;
}

/// A small generator; the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

const STARTS: &[&[u8]] = &[
    b"POST / HTTP/1.1\r\nhost: x\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\n",
    b"OPTIONS / HTTP/1.1\r\nhost: x\r\n",
    b"GET /%00%ff..//?a=b& HTTP/1.1\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n",
    b"GET http://x/ HTTP/1.0\r\n",
    b"GET /socket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
      sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
];

const LINES: &[&[u8]] = &[
    b"host: y\r\n",
    b"content-length: 5\r\n",
    b"content-length: 0\r\n",
    b"content-length: 18446744073709551615\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: close\r\n",
    b"connection: upgrade\r\n",
    b"upgrade: websocket\r\n",
    b"sec-websocket-extensions: permessage-deflate\r\n",
    b"expect: 100-continue\r\n",
    b"x-forwarded-for: ,,\xff\r\n",
    b"origin: null\r\n",
    b"access-control-request-method: \xff\r\n",
];

const PIECES: &[&[u8]] = &[
    b"GET ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"/",
    b" HTTP/1.1\r\n",
    b" HTTP/9.9\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\x81\x85\0\0\0\0hello",
    b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x16\x03\x01\x02\x00\x01",
    b"hello",
];

#[tokio::test]
async fn ten_thousand_random_inputs() {
    let (router, _) = service();
    let server = Running::tcp(router, patient()).await;
    let mut numbers = Numbers(0x0070_6c61_7966_6169);
    let (mut answered, mut upgraded) = (0, 0);
    for round in 0..10_000 {
        let mut bytes = Vec::new();
        let piece = |numbers: &mut Numbers, pieces: &[&'static [u8]]| pieces[numbers.below(pieces.len())];
        if round % 2 == 0 {
            // Almost right, so that it gets beyond the head.
            bytes.extend_from_slice(piece(&mut numbers, STARTS));
            for _ in 0..numbers.below(6) {
                bytes.extend_from_slice(piece(&mut numbers, LINES));
            }
            bytes.extend_from_slice(b"\r\n");
        }
        for _ in 0..numbers.below(8) {
            let pieces = [LINES, PIECES][numbers.below(2)];
            bytes.extend_from_slice(piece(&mut numbers, pieces));
        }
        if numbers.below(4) == 0 {
            bytes.extend((0..numbers.below(40)).map(|_| numbers.below(256) as u8));
        }
        if numbers.below(4) == 0 && !bytes.is_empty() {
            let place = numbers.below(bytes.len());
            bytes[place] ^= 1 << numbers.below(8);
        }
        let mut stream = server.raw().await;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let answer = rest(&mut stream).await;
        answered += usize::from(answer.starts_with("HTTP/1."));
        upgraded += usize::from(answer.starts_with("HTTP/1.1 101 "));
        assert!(!answer.contains(" 500 "), "round {round}: {bytes:?}\n{answer}");
    }
    // The generator reaches the handlers and the sockets, and all of it is gone.
    assert!(
        answered > 5000 && server.counters.read().requests > 1000,
        "{answered}, {:?}",
        server.counters.read()
    );
    assert!(upgraded > 0, "{upgraded}");
    until(|| server.counters.read().open == 0).await;
    assert_eq!(within(server.client().get("/")).await.unwrap().body, "0 bytes");
    server.stop().await;
}
