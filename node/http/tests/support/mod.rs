//! A server for a test, raw connections to it, and a folder that goes away.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use playfair_http::{Bound, Client, ClientLimits, Counters, Listener, ServerLimits, Shutdown, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A small time for limits that shall be reached.
pub(crate) const SOON: Duration = Duration::from_millis(100);
/// A time that no test takes.
pub(crate) const NEVER: Duration = Duration::from_secs(3600);

/// Limits of which none is reached by time.
pub(crate) fn patient() -> ServerLimits {
    ServerLimits {
        head_timeout: NEVER,
        idle_timeout: NEVER,
        stall_timeout: NEVER,
        tls_timeout: NEVER,
        grace: NEVER,
        ..ServerLimits::default()
    }
}

/// Fails a test that would hang.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("this takes too long")
}

/// Waits until something that a server does becomes visible.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    within(async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

pub(crate) struct Running {
    pub(crate) bound: Bound,
    pub(crate) shutdown: Shutdown,
    pub(crate) counters: Counters,
    pub(crate) task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(listener: Listener, router: Router, limits: ServerLimits) -> Running {
        let (bound, shutdown, counters) = (listener.bound().clone(), Shutdown::new(), Counters::new());
        let task = tokio::spawn(serve(
            listener,
            router,
            limits,
            shutdown.clone(),
            counters.clone(),
        ));
        Running {
            bound,
            shutdown,
            counters,
            task,
        }
    }

    /// On a free TCP port.
    pub(crate) async fn tcp(router: Router, limits: ServerLimits) -> Running {
        let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        Running::start(listener, router, limits)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.bound.to_string(), None, ClientLimits::default()).unwrap()
    }

    pub(crate) async fn raw(&self) -> TcpStream {
        match &self.bound {
            Bound::Tcp(addr) | Bound::Tls(addr) => TcpStream::connect(addr).await.unwrap(),
            Bound::Unix(_) => panic!("not TCP"),
        }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.stop();
        within(self.task).await.unwrap();
    }
}

/// Sends bytes, however many the server takes, and reads what comes until the end.
pub(crate) async fn ask(stream: &mut TcpStream, bytes: &[u8]) -> String {
    let _ = stream.write_all(bytes).await;
    rest(stream).await
}

/// What comes until the end, an unfriendly one included.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    within(async {
        let mut buffer = [0; 4096];
        while let Ok(more @ 1..) = stream.read(&mut buffer).await {
            all.extend_from_slice(&buffer[..more]);
        }
    })
    .await;
    String::from_utf8_lossy(&all).into_owned()
}

/// One answer with a `Content-Length`, on a connection that goes on.
pub(crate) async fn one(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    within(async {
        loop {
            all.push(stream.read_u8().await.expect("an answer"));
            let text = String::from_utf8_lossy(&all).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .expect("a length");
            if body.len() == length.parse::<usize>().unwrap() {
                return text;
            }
        }
    })
    .await
}

pub(crate) const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// An empty folder of this test alone.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("playfair-http-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
