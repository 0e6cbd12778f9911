//! Errors of accepting never end the server. Time is simulated here: no socket is involved.

use std::sync::Mutex;

use super::*;

/// Fails as told, then hands over connections.
struct Failing {
    errors: Mutex<Vec<io::Error>>,
    connections: tokio::sync::Mutex<mpsc::Receiver<BoxIo>>,
}

impl Accept for Failing {
    async fn accept(&self) -> io::Result<(BoxIo, Peer)> {
        if let Some(error) = self.errors.lock().unwrap().pop() {
            return Err(error);
        }
        match self.connections.lock().await.recv().await {
            Some(io) => Ok((io, Peer::Unix)),
            None => std::future::pending().await,
        }
    }
}

const EMFILE: i32 = 24;

#[tokio::test(start_paused = true)]
async fn errors_of_accepting_end_nothing() {
    let (sender, connections) = mpsc::channel(1);
    let errors = (0..20).map(|_| io::Error::from_raw_os_error(EMFILE)).collect();
    let source = Failing {
        errors: Mutex::new(errors),
        connections: tokio::sync::Mutex::new(connections),
    };
    let (shutdown, counters) = (Shutdown::new(), Counters::new());
    let router = Router::new().route("/", axum::routing::get(async || "hello"));
    let limits = ServerLimits::default();
    let server = tokio::spawn(run(
        source,
        None,
        router,
        limits,
        shutdown.clone(),
        counters.clone(),
    ));
    let (mut client, served) = tokio::io::duplex(1024);
    sender.send(Box::new(served)).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("hello"),
        "{answer}"
    );
    assert_eq!((counters.read().accept_errors, counters.read().accepted), (20, 1));
    shutdown.stop();
    server.await.unwrap();
}

#[test]
fn waits_grow_up_to_a_second_and_start_again() {
    let mut backoff = Backoff::default();
    let full = io::Error::from_raw_os_error(EMFILE);
    let waits: Vec<u128> = (0..10)
        .map(|_| backoff.after(&full).unwrap().as_millis())
        .collect();
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 1280, 1280]);
    assert_eq!(
        backoff.after(&io::Error::from(io::ErrorKind::ConnectionAborted)),
        None
    );
    backoff.reset();
    assert_eq!(backoff.after(&full).unwrap().as_millis(), 10);
}

#[tokio::test(start_paused = true)]
async fn each_phase_has_its_time() {
    let (head, idle) = (Duration::from_secs(10), Duration::from_secs(60));
    let (sender, connections) = mpsc::channel(1);
    let source = Failing {
        errors: Mutex::default(),
        connections: tokio::sync::Mutex::new(connections),
    };
    let (shutdown, counters) = (Shutdown::new(), Counters::new());
    let slow = async || tokio::time::sleep(Duration::from_secs(1000)).await;
    let router = Router::new().route("/", axum::routing::get(slow));
    let limits = ServerLimits {
        head_timeout: head,
        idle_timeout: idle,
        ..ServerLimits::default()
    };
    let server = tokio::spawn(run(
        source,
        None,
        router,
        limits,
        shutdown.clone(),
        counters.clone(),
    ));
    let (mut client, served) = tokio::io::duplex(1024);
    sender.send(Box::new(served)).await.unwrap();
    let mut buffer = [0; 1024];
    for _ in 0..2 {
        // Just in time for the first head (after 9 of 10 s), and for the second (idle 59 of 60 s, then 9 of 10 s).
        // The answer itself may take as long as it likes.
        client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        tokio::time::sleep(head - Duration::from_secs(1)).await;
        client.write_all(b"host: x\r\n\r\n").await.unwrap();
        let read = client.read(&mut buffer).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200 "));
        tokio::time::sleep(idle - Duration::from_secs(1)).await;
    }
    let since = tokio::time::Instant::now();
    assert_eq!(client.read(&mut buffer).await.unwrap(), 0);
    assert!(since.elapsed() <= Duration::from_secs(2), "{:?}", since.elapsed());
    assert_eq!(counters.read().closed_idle, 1);
    shutdown.stop();
    server.await.unwrap();
}
