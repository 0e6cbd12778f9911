//! A page's folder, served behind the guard, and requests to it as bytes.
#![allow(dead_code, reason = "each test file uses its part")]

use axum::Router;
use playfair_http::{Bound, Counters, GuardLimits, Listener, ServerLimits, Shutdown, guard, serve};
use playfair_page::Page;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Writes a page's folder. Beside it lies what is not to be served.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page");
    for (path, text) in files {
        let path = page.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(folder.path().join("secret"), "outside").unwrap();
    folder
}

pub(crate) fn load(folder: &Path) -> Page {
    Page::load(&folder.join("page")).unwrap()
}

/// A server. Dropped, it ends.
pub(crate) struct Site {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Site {
    pub(crate) async fn serve(files: &[(&str, &str)]) -> Self {
        let folder = folder(files);
        let page = load(folder.path());
        // From here on it is in memory.
        folder.close().unwrap();
        Self::of(page.routes()).await
    }

    pub(crate) async fn of(routes: Router) -> Self {
        let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let Bound::Tcp(address) = *listener.bound() else {
            panic!("not TCP");
        };
        let limits = GuardLimits {
            rate: None,
            ..GuardLimits::default()
        };
        let router = guard(routes, &limits);
        let serving = serve(
            listener,
            router,
            ServerLimits::default(),
            Shutdown::new(),
            Counters::new(),
        );
        Self {
            address,
            serving: tokio::spawn(serving),
        }
    }

    pub(crate) async fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        let asked = async {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            Answer::read(&String::from_utf8(bytes).unwrap())
        };
        tokio::time::timeout(Duration::from_secs(60), asked)
            .await
            .unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            (name.to_lowercase(), value.to_owned())
        };
        Self {
            status: status.parse().unwrap(),
            headers: lines.map(header).collect(),
            body: body.to_owned(),
        }
    }

    /// All values of a header.
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.headers.iter().filter(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The code of the problem that this must be.
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        body["error"]["code"].as_str().unwrap().to_owned()
    }
}
