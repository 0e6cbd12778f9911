//! How a service says no: one form for every error, `{"error":{"code","message","retry_after_ms"?}}`.
//!
//! `code` is for programs and never changes its meaning; `message` is for people. A problem that time alone may cure
//! says how long to wait, in the body in milliseconds and in the header `Retry-After` in whole seconds.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What happened, for programs: lower case with underscores.
    pub code: Cow<'static, str>,
    /// What happened and what to do about it, for people.
    pub message: String,
    /// After how many milliseconds the same request may be sent again; none where waiting does not help.
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// A problem that waiting does not cure.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            status,
            code: code.into(),
            message: message.into(),
            retry_after_ms: None,
        }
    }

    /// The same, with the time to wait before another try.
    pub fn retry_after_ms(mut self, wait_ms: u64) -> Problem {
        self.retry_after_ms = Some(wait_ms);
        self
    }

    /// 400, `bad_request`.
    pub fn bad_request(message: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// 404, `not_found`.
    pub fn not_found(message: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 500, `internal`. It tells nothing of what went wrong: that belongs into the log.
    pub fn internal() -> Problem {
        let message = "the service failed to answer; the reason is in its log";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The code that a bare status stands for.
    pub(crate) fn code_of(status: StatusCode) -> &'static str {
        match status {
            StatusCode::BAD_REQUEST => "bad_request",
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::REQUEST_TIMEOUT => "timeout",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::UNPROCESSABLE_ENTITY => "unprocessable",
            StatusCode::UPGRADE_REQUIRED => "upgrade_required",
            StatusCode::TOO_MANY_REQUESTS => "rate_limited",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ if status.is_server_error() => "internal",
            _ => "refused",
        }
    }

    /// The body: JSON.
    pub fn to_json(&self) -> String {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (Some(wait_ms), Some(error)) = (self.retry_after_ms, error.as_object_mut()) {
            error.insert("retry_after_ms".to_owned(), wait_ms.into());
        }
        json!({ "error": error }).to_string()
    }

    /// Reads the problem in an answer; none if the body has another form.
    pub fn read(status: StatusCode, body: &[u8]) -> Option<Problem> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = body.get("error")?;
        Some(Problem {
            status,
            code: Cow::Owned(error.get("code")?.as_str()?.to_owned()),
            message: error.get("message")?.as_str()?.to_owned(),
            retry_after_ms: error.get("retry_after_ms").and_then(Value::as_u64),
        })
    }

    /// The header `Retry-After`: whole seconds, rounded up, at least one.
    pub(crate) fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|ms| ms.div_ceil(1000).max(1))
    }
}

/// The code of the problem that an answer is: an extension of every answer made of one, for who counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemCode(pub Cow<'static, str>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json()).into_response();
        response.extensions_mut().insert(ProblemCode(self.code.clone()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.status.as_u16(), self.code, self.message)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for wait in [None, Some(0), Some(1), Some(1500)] {
            let mut problem = Problem::new(StatusCode::CONFLICT, "nonce_used", "a \"quoted\" message");
            problem.retry_after_ms = wait;
            assert_eq!(
                Problem::read(StatusCode::CONFLICT, problem.to_json().as_bytes()),
                Some(problem)
            );
        }
        for other in [
            &b""[..],
            b"{}",
            b"[]",
            b"{\"error\":1}",
            b"{\"error\":{\"code\":1}}",
            b"\xff",
        ] {
            assert_eq!(Problem::read(StatusCode::CONFLICT, other), None);
        }
    }

    #[test]
    fn the_wait_is_a_header_in_whole_seconds() {
        let answer = Problem::not_found("x").retry_after_ms(1001).into_response();
        assert_eq!(answer.headers()[header::RETRY_AFTER], "2");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(answer.extensions().get(), Some(&ProblemCode("not_found".into())));
        let answer = Problem::not_found("x").retry_after_ms(0).into_response();
        assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
        assert!(
            !Problem::not_found("x")
                .into_response()
                .headers()
                .contains_key(header::RETRY_AFTER)
        );
    }
}
