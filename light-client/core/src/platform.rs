//! What the light client needs of the place in which it runs.

use std::future::Future;

/// Where the client runs: how it asks a node, what time it is, where it keeps what it has verified.
///
/// All answers are hostile: the client checks them. An implementation bounds them ([`Request::bytes_max`]) and waits no longer than its
/// user would.
pub trait Platform {
    /// Asks the node. An answer with any status is an answer.
    ///
    /// # Errors
    /// When there is none, it is longer than allowed, or it takes too long.
    fn fetch(&self, request: Request<'_>) -> impl Future<Output = Result<Response, Unreachable>>;

    /// The clock, ms since 1970. It may be wrong.
    fn now_ms(&self) -> u64;

    /// A clock that only goes forward, in microseconds from anywhere on: for how long a check took.
    fn micros(&self) -> u64;

    /// What was kept under this name; none also when it is damaged or forbidden.
    fn load(&self, name: &str) -> impl Future<Output = Option<Vec<u8>>>;

    /// Keeps bytes under a name. A failure costs time at the next start, and nothing else.
    fn store(&self, name: &str, bytes: &[u8]) -> impl Future<Output = ()>;
}

/// A question to the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its path, from the node's address on: `/v1/...`.
    pub path: &'a str,
    /// What is posted; without it, the question is a GET.
    pub body: Option<Body<'a>>,
    /// The longest answer that is read, bytes.
    pub bytes_max: usize,
}

/// What is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// `application/json`.
    Json(&'a str),
    /// `application/octet-stream`.
    Bytes(&'a [u8]),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// The body, not longer than allowed.
    pub body: Vec<u8>,
}

/// Why there is no answer, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(pub String);
