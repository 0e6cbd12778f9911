//! Answers: which file, in which encoding, for how long, and what it may do in a browser.

use crate::accept::{Encoding, choose};
use crate::bundle::hex;
use crate::kind;
use axum::Router;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use playfair_http::Problem;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What folders are called whose files never change: their names have the digest of what is in them.
const ASSETS: &str = "assets-";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// To be kept, and asked for again each time, which the entity tag makes cheap.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What every answer of the page tells browsers.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types playfair",
        ),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), \
             fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), \
             screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()",
        ),
    ),
];

/// A file, ready to be sent.
#[derive(Debug)]
pub(crate) struct Served {
    kind: HeaderValue,
    kept: HeaderValue,
    plain: Body,
    brotli: Option<Body>,
    gzip: Option<Body>,
}

/// Bytes and their strong entity tag: another encoding is another entity.
#[derive(Debug)]
struct Body {
    bytes: Bytes,
    tag: String,
}

impl Body {
    fn new(bytes: Vec<u8>) -> Self {
        let hash = Sha256::digest(&bytes);
        Self {
            tag: format!("\"{}\"", hex(hash.get(..16).unwrap_or_default())),
            bytes: bytes.into(),
        }
    }
}

impl Served {
    pub(crate) fn new(path: &str, plain: Vec<u8>, brotli: Option<Vec<u8>>, gzip: Option<Vec<u8>>) -> Self {
        let is_fixed = path.starts_with(ASSETS) && path.contains('/');
        Self {
            kind: kind::of(path),
            kept: if is_fixed { FOR_EVER } else { ASK_AGAIN },
            plain: Body::new(plain),
            brotli: brotli.map(Body::new),
            gzip: gzip.map(Body::new),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let encoding = choose(asked, self.brotli.is_some(), self.gzip.is_some());
        let (body, coding) = match (encoding, &self.brotli, &self.gzip) {
            (Encoding::Brotli, Some(body), _) => (body, Some("br")),
            (Encoding::Gzip, _, Some(body)) => (body, Some("gzip")),
            _ => (&self.plain, None),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, self.kept.clone());
        if let Ok(tag) = HeaderValue::from_str(&body.tag) {
            headers.insert(header::ETAG, tag);
        }
        if self.brotli.is_some() || self.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if knows(asked, &body.tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(header::CONTENT_TYPE, self.kind.clone());
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        (headers, body.bytes.clone()).into_response()
    }
}

/// Whether the client has this entity already (`If-None-Match`: RFC 9110, section 13.1.2).
fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let lines = asked.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// A page's files by what is asked for.
type Table = BTreeMap<String, Served>;

/// Routes for `/`, each file beside index.html, and each folder: few, since answers are counted by them.
pub(crate) fn routes(files: Vec<(String, Served)>) -> Router {
    let mut table = Table::new();
    let mut routes = BTreeSet::new();
    for (path, file) in files {
        let at = match path.as_str() {
            "index.html" => "/".to_owned(),
            path => format!("/{path}"),
        };
        routes.insert(match path.split_once('/') {
            Some((folder, _)) => format!("/{folder}/{{*file}}"),
            None => at.clone(),
        });
        table.insert(at, file);
    }
    let mut router = Router::new();
    for route in routes {
        router = router.route(&route, get(file));
    }
    router.layer(map_response(protected)).with_state(Arc::new(table))
}

/// The path is looked up as it was sent: names are plain, so that whoever writes one otherwise means something else.
async fn file(State(table): State<Arc<Table>>, uri: Uri, headers: HeaderMap) -> Response {
    match table.get(uri.path()) {
        Some(file) => file.answer(&headers),
        None => Problem::not_found("the page has no such file; `/` is where it begins").into_response(),
    }
}

async fn protected(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What a node answers at `/` that has no page.
pub fn no_page() -> Router {
    const MESSAGE: &str = "this node serves no page, only its web API (/v1/docs); `cargo xtask web` builds the page into target/web/page, \
                   which `api.page` (--page) names or which lies as `playfair-page` beside the program";
    Router::new().route("/", get(async || Problem::not_found(MESSAGE)))
}
