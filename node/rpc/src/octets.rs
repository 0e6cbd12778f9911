//! Bytes that never change under their name: with an entity tag, in parts if asked for so (RFC 9110, sections 13 and 14).

use crate::hex::Hex;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use playfair_http::Problem;
use sha2::{Digest, Sha256};

/// The answer that gives `bytes`. One range of bytes is honoured, several are answered with everything, as is a range of another
/// entity (`If-Range`).
pub(crate) fn answer(headers: &HeaderMap, kind: &'static str, bytes: Vec<u8>) -> Result<Response, Problem> {
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let tag = format!("\"{}\"", Hex::of(hash.get(..16).unwrap_or_default()));
    let said = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let fixed = [
        (header::ETAG, tag.clone()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    if is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    let of_this = said(header::IF_RANGE).is_none_or(|wanted| wanted == tag);
    let range = said(header::RANGE).filter(|_| of_this).and_then(parse);
    let Some(range) = range else {
        return Ok((StatusCode::OK, fixed, kind, bytes).into_response());
    };
    let length = bytes.len();
    let Some((first, last)) = range.within(length) else {
        let message = format!("there are {length} bytes");
        let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range", message);
        let mut response = problem.into_response();
        if let Ok(whole) = HeaderValue::from_str(&format!("bytes */{length}")) {
            response.headers_mut().insert(header::CONTENT_RANGE, whole);
        }
        return Ok(response);
    };
    let part = bytes.get(first..=last).unwrap_or_default().to_vec();
    let which = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))];
    Ok((StatusCode::PARTIAL_CONTENT, fixed, kind, which, part).into_response())
}

/// Whether who asks has what this entity tag names: `If-None-Match`, compared weakly.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let said = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok());
    let mut tags = said.into_iter().flat_map(|tags| tags.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// One range as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// From here, to there or to the end.
    From(usize, Option<usize>),
    /// So many at the end.
    Last(usize),
}

/// One range; what is none, or more than one, is not looked at.
fn parse(text: &str) -> Option<Range> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More than a number holds is more than there are bytes.
        digits.then(|| text.parse().unwrap_or(usize::MAX))
    };
    match (first, last) {
        ("", last) => Some(Range::Last(number(last)?)),
        (first, "") => Some(Range::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Range::From(first, Some(last)))
        }
    }
}

impl Range {
    /// The first byte and the last; none if there are none.
    fn within(self, length: usize) -> Option<(usize, usize)> {
        let end = length.checked_sub(1)?;
        let (first, last) = match self {
            Self::From(first, last) => (first, last.unwrap_or(end).min(end)),
            Self::Last(0) => return None,
            Self::Last(count) => (length.saturating_sub(count), end),
        };
        (first <= last).then_some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(headers: &[(header::HeaderName, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        answer(
            &headers.collect(),
            "application/octet-stream",
            b"0123456789".to_vec(),
        )
        .unwrap()
    }

    fn told<'r>(response: &'r Response, name: &header::HeaderName) -> &'r str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn ranges_are_those_of_the_standard() {
        for (range, status, which) in [
            ("bytes=0-3", 206, "bytes 0-3/10"),
            ("bytes=7-", 206, "bytes 7-9/10"),
            ("bytes=-2", 206, "bytes 8-9/10"),
            ("bytes=-99", 206, "bytes 0-9/10"),
            ("bytes=5-99999999999999999999999", 206, "bytes 5-9/10"),
            ("bytes=10-", 416, "bytes */10"),
            ("bytes=-0", 416, "bytes */10"),
            ("bytes=3-2", 200, ""),
            ("bytes=0-1,3-4", 200, ""),
            ("bytes=a-b", 200, ""),
            ("bytes=+1-2", 200, ""),
            ("lines=1-2", 200, ""),
            ("bytes=", 200, ""),
        ] {
            let response = ask(&[(header::RANGE, range)]);
            assert_eq!(response.status().as_u16(), status, "{range}");
            assert_eq!(told(&response, &header::CONTENT_RANGE), which, "{range}");
        }
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let tag = told(&ask(&[]), &header::ETAG).to_owned();
        for (said, status) in [
            (tag.as_str(), 304),
            (&format!("\"x\", W/{tag}"), 304),
            ("*", 304),
            ("\"x\"", 200),
        ] {
            let response = ask(&[(header::IF_NONE_MATCH, said)]);
            assert_eq!(response.status().as_u16(), status, "{said}");
            assert_eq!(told(&response, &header::ETAG), tag);
        }
        let range = (header::RANGE, "bytes=0-0");
        assert_eq!(ask(&[range.clone(), (header::IF_RANGE, &tag)]).status(), 206);
        assert_eq!(ask(&[range, (header::IF_RANGE, "\"x\"")]).status(), 200);
    }
}
