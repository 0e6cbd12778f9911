//! Reaching a service: `http://host:port`, `https://host:port` by its pinned certificate, `unix:/path`.
//!
//! Connections are kept and used again, one request at a time each. A kept one may have been closed by the server
//! meanwhile; then the request goes out again on another, but **only if it cannot have been done**: it never left, or
//! its method is one that may be repeated (GET, HEAD, OPTIONS, PUT, DELETE). A POST that left and got no answer is
//! the caller's to judge: [`ClientError::maybe_done`] says so.
//!
//! A server may be hostile too: its answers are bounded in bytes, lines and time. Redirects are not followed, and no
//! proxy of the environment is used.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use crate::listener::BoxIo;
use crate::problem::Problem;
use crate::tls::{Fingerprint, pinned_config};

/// What a client waits for and takes.
#[derive(Clone, Debug)]
pub struct ClientLimits {
    /// Time to connect, the TLS handshake included. 5 s.
    pub connect_timeout: Duration,
    /// Time for a request, from its start to the last byte of its answer. 30 s.
    pub request_timeout: Duration,
    /// Bytes of an answer's body. 64 MiB.
    pub answer_bytes_max: usize,
    /// Lines in an answer's head. 100.
    pub headers_max: usize,
    /// Bytes of an answer's head. 64 KiB, at least 8 KiB.
    pub head_bytes_max: usize,
    /// Connections kept for the next request. 4.
    pub kept_max: usize,
}

impl Default for ClientLimits {
    fn default() -> ClientLimits {
        ClientLimits {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            answer_bytes_max: 64 << 20,
            headers_max: 100,
            head_bytes_max: 64 << 10,
            kept_max: 4,
        }
    }
}

/// What a server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

impl Answer {
    /// The answer if it is a success; otherwise what the server says is the problem.
    pub fn success(self) -> Result<Answer, Problem> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(Problem::read(self.status, &self.body).unwrap_or_else(|| {
            let message = "the server refused without saying why";
            Problem::new(self.status, Problem::code_of(self.status), message)
        }))
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum ClientError {
    /// Not an address of a service.
    Address(String),
    /// Not a request that can be sent.
    Request(String),
    /// No connection; nothing was sent.
    Connect(String),
    /// The connection ended before the request left.
    Unsent(String),
    /// The request left, and the connection ended before its answer was whole.
    Unanswered(String),
    /// It took too long.
    Timeout {
        /// Whether the request may have left.
        sent: bool,
    },
    /// The answer is larger than the client takes.
    TooLarge,
    /// The server does not open a WebSocket here; this is what it says instead.
    NoWebSocket(Box<Answer>),
    /// The WebSocket ended, or what came over it broke its rules.
    WebSocket(String),
}

impl ClientError {
    /// Whether the server may have done what was asked although no answer came.
    pub fn maybe_done(&self) -> bool {
        matches!(
            self,
            ClientError::Unanswered(_)
                | ClientError::Timeout { sent: true }
                | ClientError::TooLarge
                | ClientError::WebSocket(_)
        )
    }
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ClientError::Address(why) => write!(f, "not the address of a service: {why}"),
            ClientError::Request(why) => write!(f, "this request cannot be sent: {why}"),
            ClientError::Connect(why) => write!(f, "cannot connect: {why}"),
            ClientError::Unsent(why) => {
                write!(f, "the connection ended before the request was sent: {why}")
            }
            ClientError::Unanswered(why) => write!(f, "the request was sent but not answered: {why}"),
            ClientError::Timeout { sent: false } => write!(f, "the server cannot be reached in time"),
            ClientError::Timeout { sent: true } => write!(f, "the request was sent but not answered in time"),
            ClientError::TooLarge => write!(f, "the answer is larger than this client takes"),
            ClientError::NoWebSocket(answer) => {
                write!(f, "the server opens no WebSocket here: status {}", answer.status)
            }
            ClientError::WebSocket(why) => write!(f, "the WebSocket ended: {why}"),
        }
    }
}

impl std::error::Error for ClientError {}

/// Where the service is.
#[derive(Clone)]
enum Target {
    Tcp {
        host: String,
        port: u16,
        tls: Option<TlsConnector>,
    },
    Unix(PathBuf),
}

/// One service. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    target: Target,
    /// As in `Host`.
    pub(crate) authority: Authority,
    pub(crate) limits: ClientLimits,
    kept: Arc<Mutex<Vec<Connection>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.target {
            Target::Tcp { tls, .. } => {
                let scheme = if tls.is_some() { "https" } else { "http" };
                write!(f, "Client({scheme}://{})", self.authority)
            }
            Target::Unix(path) => write!(f, "Client(unix:{})", path.display()),
        }
    }
}

/// A connection that waits for a request. Its task ends with it.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// A client of the service at `address`: `http://host:port`, `https://host:port` or `unix:/path`. With `https`,
    /// `pinned` is the fingerprint of the certificate that the server must show; without it, there must be none.
    pub fn new(
        address: &str,
        pinned: Option<Fingerprint>,
        limits: ClientLimits,
    ) -> Result<Client, ClientError> {
        let wrong = |why: &str| ClientError::Address(format!("{address}: {why}"));
        let (target, authority) = if let Some(path) = address.strip_prefix("unix:") {
            if !path.starts_with('/') {
                return Err(wrong("a Unix socket's path starts with /"));
            }
            if pinned.is_some() {
                return Err(wrong("a Unix socket has no certificate"));
            }
            (Target::Unix(path.into()), Authority::from_static("localhost"))
        } else {
            let uri: Uri = address
                .parse()
                .map_err(|_| wrong("expected http://host:port, https://host:port or unix:/path"))?;
            let authority = uri.authority().cloned().ok_or_else(|| wrong("it has no host"))?;
            if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() {
                return Err(wrong("it must end after the port"));
            }
            if authority.as_str().contains('@') || authority.host().is_empty() {
                return Err(wrong("expected host:port after //"));
            }
            // A port that is no port would be taken for none.
            let port_fits = match authority.port_u16() {
                Some(port) => authority.as_str() == format!("{}:{port}", authority.host()),
                None => authority.as_str() == authority.host(),
            };
            if !port_fits {
                return Err(wrong("its port is not a number from 0 to 65535"));
            }
            let (tls, port) = match (uri.scheme_str(), pinned) {
                (Some("http"), None) => (None, 80),
                (Some("http"), Some(_)) => return Err(wrong("a certificate needs https")),
                (Some("https"), Some(cert)) => {
                    let config = pinned_config(cert).map_err(|error| wrong(&error.to_string()))?;
                    (Some(TlsConnector::from(config)), 443)
                }
                (Some("https"), None) => return Err(wrong("https needs the certificate to expect")),
                _ => return Err(wrong("the scheme must be http, https or unix")),
            };
            let host = authority.host().trim_start_matches('[').trim_end_matches(']');
            let target = Target::Tcp {
                host: host.to_owned(),
                port: authority.port_u16().unwrap_or(port),
                tls,
            };
            (target, authority)
        };
        Ok(Client {
            target,
            authority,
            limits,
            kept: Arc::default(),
        })
    }

    /// GET without headers of ours.
    pub async fn get(&self, path: &str) -> Result<Answer, ClientError> {
        self.request(Method::GET, path, HeaderMap::new(), Bytes::new())
            .await
    }

    /// POST with a content type.
    pub async fn post(
        &self,
        path: &str,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, ClientError> {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.request(Method::POST, path, HeaderMap::from_iter([kind]), body.into())
            .await
    }

    /// GET, with the answer's body handed to `piece` as it comes, however long it is; each piece must come within the time of a
    /// request. An answer that is no success is read whole instead.
    ///
    /// # Errors
    /// [`ClientError`], also when `piece` fails.
    pub async fn download(
        &self,
        path: &str,
        mut piece: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<Answer, ClientError> {
        let request = self.request_to(Method::GET, path, HeaderMap::new(), Bytes::new())?;
        let limit = self.limits.request_timeout;
        let late = |_| ClientError::Timeout { sent: true };
        let mut connection = self.connect_http().await?;
        let sent = connection.sender.try_send_request(request);
        let response = tokio::time::timeout(limit, sent).await.map_err(late)?;
        let response = response.map_err(|failed| ClientError::Unanswered(why(failed.error())))?;
        if !response.status().is_success() {
            return self.read(response).await;
        }
        let (parts, mut body) = response.into_parts();
        while let Some(frame) = tokio::time::timeout(limit, body.frame()).await.map_err(late)? {
            let frame = frame.map_err(|error| ClientError::Unanswered(why(&error)))?;
            if let Some(bytes) = frame.data_ref() {
                piece(bytes).map_err(|error| ClientError::Request(error.to_string()))?;
            }
        }
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: Bytes::new(),
        })
    }

    /// One request and its answer. `path` starts with `/` and may have a query. `Host` and `Content-Length` are set
    /// here.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let request = self.request_to(method, path, headers, body)?;
        let mut sent = false;
        match tokio::time::timeout(self.limits.request_timeout, self.send(request, &mut sent)).await {
            Ok(done) => done,
            Err(_) => Err(ClientError::Timeout { sent }),
        }
    }

    /// A request with the headers that are set here.
    fn request_to(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let path = parse_path(path)?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.into();
        *request.headers_mut() = headers;
        let host = HeaderValue::from_str(self.authority.as_str())
            .map_err(|error| ClientError::Request(error.to_string()))?;
        request.headers_mut().insert(header::HOST, host);
        request.headers_mut().remove(header::CONTENT_LENGTH);
        request.headers_mut().remove(header::TRANSFER_ENCODING);
        Ok(request)
    }

    async fn send(&self, request: Request<Full<Bytes>>, sent: &mut bool) -> Result<Answer, ClientError> {
        let repeatable = request.method().is_idempotent();
        // Every turn but the last uses up a kept connection, so this ends.
        loop {
            let kept = self.kept().pop();
            let reused = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect_http().await?,
            };
            if reused && connection.sender.ready().await.is_err() {
                continue;
            }
            *sent = true;
            match connection.sender.try_send_request(request.clone()).await {
                Ok(response) => {
                    let answer = self.read(response).await?;
                    self.keep(connection);
                    return Ok(answer);
                }
                Err(mut failed) => {
                    // Whatever hyper hands back never left.
                    let unsent = failed.take_message().is_some();
                    *sent = !unsent;
                    if reused && (unsent || repeatable) {
                        continue;
                    }
                    let why = why(failed.error());
                    return Err(if unsent {
                        ClientError::Unsent(why)
                    } else {
                        ClientError::Unanswered(why)
                    });
                }
            }
        }
    }

    async fn read(&self, response: http::Response<Incoming>) -> Result<Answer, ClientError> {
        let (parts, body) = response.into_parts();
        let bytes_max = self.limits.answer_bytes_max;
        // What a server promises costs nothing to refuse.
        if body.size_hint().lower() > bytes_max as u64 {
            return Err(ClientError::TooLarge);
        }
        match Limited::new(body, bytes_max).collect().await {
            Ok(body) => Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes(),
            }),
            Err(error) if error.is::<LengthLimitError>() => Err(ClientError::TooLarge),
            Err(error) => Err(ClientError::Unanswered(why(&*error))),
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, connection: Connection) {
        let mut kept = self.kept();
        if kept.len() < self.limits.kept_max && !connection.sender.is_closed() {
            kept.push(connection);
        }
    }

    async fn connect_http(&self) -> Result<Connection, ClientError> {
        let io = self.connect().await?;
        let (sender, connection) = http1::Builder::new()
            .max_headers(self.limits.headers_max)
            .max_buf_size(self.limits.head_bytes_max.max(8 << 10))
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| ClientError::Connect(why(&error)))?;
        let task = tokio::spawn(async move {
            // How it ends is told to whoever sends over it.
            let _ = connection.await;
        });
        Ok(Connection {
            sender,
            task: task.abort_handle(),
        })
    }

    /// A new connection, with TLS if the address says so.
    pub(crate) async fn connect(&self) -> Result<BoxIo, ClientError> {
        let connect = async {
            let io: BoxIo = match &self.target {
                Target::Unix(path) => Box::new(UnixStream::connect(path).await?),
                Target::Tcp { host, port, tls } => {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    stream.set_nodelay(true)?;
                    match tls {
                        None => Box::new(stream),
                        // The pin decides, so the name is any: it is neither sent nor compared.
                        Some(tls) => Box::new(tls.connect(any_name(), stream).await?),
                    }
                }
            };
            Ok::<BoxIo, io::Error>(io)
        };
        match tokio::time::timeout(self.limits.connect_timeout, connect).await {
            Ok(Ok(io)) => Ok(io),
            Ok(Err(error)) => Err(ClientError::Connect(error.to_string())),
            Err(_) => Err(ClientError::Timeout { sent: false }),
        }
    }
}

fn any_name() -> ServerName<'static> {
    ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1])))
}

pub(crate) fn parse_path(path: &str) -> Result<PathAndQuery, ClientError> {
    if !path.starts_with('/') {
        return Err(ClientError::Request("a path starts with /".to_owned()));
    }
    path.parse()
        .map_err(|error| ClientError::Request(format!("{path:?}: {error}")))
}

/// An error with what caused it: hyper's own words tell only where.
fn why(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
