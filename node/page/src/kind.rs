//! What a file is, by the end of its name.

use http::HeaderValue;

/// The content type; bytes of no kind for an end that is not known. Browsers are told to believe it (`nosniff`).
pub(crate) fn of(path: &str) -> HeaderValue {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    HeaderValue::from_static(match end {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    })
}
