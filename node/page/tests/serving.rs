//! A page as browsers, and others, ask for it.

mod support;

use support::{Answer, Site};

/// What the page's answers have in common.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types playfair";
const SCRIPT: &str = "/assets-0123456789abcdef/main.mjs";

async fn site() -> Site {
    Site::serve(&[
        ("index.html", "<!doctype html>"),
        ("robots.txt", "all"),
        ("assets-0123456789abcdef/main.mjs", "plain script"),
        ("assets-0123456789abcdef/main.mjs.br", "as brotli"),
        ("assets-0123456789abcdef/main.mjs.gz", "as gzip"),
        ("assets-0123456789abcdef/deep/er/x_bg.wasm", "\0asm"),
        ("assets-0123456789abcdef/icon.svg", "<svg/>"),
        ("assets-0123456789abcdef/page.css", "a{}"),
        ("assets-0123456789abcdef/manifest.webmanifest", "{}"),
        ("assets-0123456789abcdef/unknown.end", "?"),
        ("other/x.js", "not fixed"),
    ])
    .await
}

fn is_protected(answer: &Answer) {
    assert_eq!(answer.header("content-security-policy"), POLICY);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    let off = answer.header("permissions-policy");
    for power in ["camera", "microphone", "geolocation", "usb", "payment"] {
        assert!(off.contains(&format!("{power}=()")), "{power} in {off}");
    }
}

#[tokio::test]
async fn every_file_has_its_kind_and_its_time() {
    let site = site().await;
    let fixed = "public, max-age=31536000, immutable";
    for (path, kind, kept, body) in [
        ("/", "text/html; charset=utf-8", "no-cache", "<!doctype html>"),
        (
            "/?insecure",
            "text/html; charset=utf-8",
            "no-cache",
            "<!doctype html>",
        ),
        ("/robots.txt", "text/plain; charset=utf-8", "no-cache", "all"),
        (
            "/other/x.js",
            "text/javascript; charset=utf-8",
            "no-cache",
            "not fixed",
        ),
        (SCRIPT, "text/javascript; charset=utf-8", fixed, "plain script"),
        (
            "/assets-0123456789abcdef/deep/er/x_bg.wasm",
            "application/wasm",
            fixed,
            "\0asm",
        ),
        (
            "/assets-0123456789abcdef/icon.svg",
            "image/svg+xml",
            fixed,
            "<svg/>",
        ),
        (
            "/assets-0123456789abcdef/page.css",
            "text/css; charset=utf-8",
            fixed,
            "a{}",
        ),
        (
            "/assets-0123456789abcdef/manifest.webmanifest",
            "application/manifest+json",
            fixed,
            "{}",
        ),
        (
            "/assets-0123456789abcdef/unknown.end",
            "application/octet-stream",
            fixed,
            "?",
        ),
    ] {
        let answer = site.get(path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), kind, "{path}");
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert_eq!(answer.body, body, "{path}");
        is_protected(&answer);
    }
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let site = site().await;
    let first = site.get(SCRIPT, "").await;
    let tag = first.header("etag");
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34,
        "{tag}"
    );
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = site.get(SCRIPT, &format!("if-none-match: {known}\r\n")).await;
        assert_eq!((answer.status, &*answer.body), (304, ""), "{known}");
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("cache-control"), first.header("cache-control"));
        assert!(answer.header("vary").contains("accept-encoding"));
        is_protected(&answer);
    }
    for unknown in ["\"x\"", "", "W/", &tag[1..], "\u{1}"] {
        let answer = site.get(SCRIPT, &format!("if-none-match: {unknown}\r\n")).await;
        assert_ne!(answer.status, 304, "{unknown}");
    }
    // Another encoding is another entity.
    let other = format!("accept-encoding: br\r\nif-none-match: {tag}\r\n");
    let other = site.get(SCRIPT, &other).await;
    assert_eq!((other.status, &*other.body), (200, "as brotli"));
    assert_ne!(other.header("etag"), tag);
}

#[tokio::test]
async fn the_client_chooses_the_encoding() {
    let site = site().await;
    for (wish, coding, body) in [
        ("gzip, deflate, br, zstd", "br", "as brotli"),
        ("gzip", "gzip", "as gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", "as gzip"),
        ("br;q=0.2, gzip;q=0.3", "gzip", "as gzip"),
        ("identity", "", "plain script"),
        ("zstd", "", "plain script"),
        ("br;q=nonsense", "", "plain script"),
    ] {
        let answer = site.get(SCRIPT, &format!("accept-encoding: {wish}\r\n")).await;
        assert_eq!(answer.header("content-encoding"), coding, "{wish}");
        assert_eq!(answer.body, body, "{wish}");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert!(answer.header("vary").contains("accept-encoding"));
    }
    // Where there is nothing to choose, caches need not know what was asked for.
    let answer = site.get("/", "accept-encoding: br\r\n").await;
    assert_eq!(answer.header("content-encoding"), "");
    assert!(!answer.header("vary").contains("accept-encoding"), "{answer:?}");
    // Encodings have no path of their own.
    assert_eq!(site.get(&format!("{SCRIPT}.br"), "").await.status, 404);
}

#[tokio::test]
async fn a_head_is_an_answer_without_a_body_and_nothing_else_is_taken() {
    let site = site().await;
    for path in ["/", SCRIPT] {
        let (head, get) = (site.ask("HEAD", path, "").await, site.get(path, "").await);
        assert_eq!((head.status, &*head.body), (200, ""));
        for name in ["etag", "content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        is_protected(&head);
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            let answer = site.ask(method, path, "content-length: 0\r\n").await;
            assert_eq!(answer.problem(405), "method_not_allowed", "{method} {path}");
            is_protected(&answer);
        }
    }
}

#[tokio::test]
async fn no_path_leads_anywhere_else() {
    let site = site().await;
    let long = format!("/{}", "a".repeat(8_000));
    let deep = "/assets-0123456789abcdef".to_owned() + &"/x".repeat(3_000);
    let paths = [
        "/index.html",
        "//",
        "///",
        "/.",
        "/..",
        "/../",
        "/../secret",
        "/%2e%2e/secret",
        "/%2e%2e%2fsecret",
        "/..%2fsecret",
        "/..%5csecret",
        "/..;/secret",
        "/assets-0123456789abcdef",
        "/assets-0123456789abcdef/",
        "/assets-0123456789abcdef//main.mjs",
        "/assets-0123456789abcdef/../secret",
        "/assets-0123456789abcdef/../../secret",
        "/assets-0123456789abcdef/%2e%2e/%2e%2e/secret",
        "/assets-0123456789abcdef/./main.mjs",
        "/assets-0123456789abcdef/main.mjs/",
        "/assets-0123456789abcdef/main.mjs%00",
        "/assets-0123456789abcdef/main%2emjs",
        "/assets-0123456789abcdef/MAIN.mjs",
        "/assets-0123456789abcdef/%00",
        "/assets-0123456789abcdef/%ff%fe",
        "/assets-0123456789abcdef/%",
        "/assets-0123456789abcdef/{*file}",
        "//etc/passwd",
        "/secret",
        "/ä",
        "/x\\..\\secret",
        &long,
        &deep,
    ];
    for path in paths {
        let answer = site.get(path, "").await;
        assert_eq!(answer.problem(404), "not_found", "{path}");
        assert!(!answer.body.contains("outside"), "{path}");
    }
    // What is no request at all.
    for path in ["/\0", "/a b", "secret", "/\r\nx: y"] {
        let answer = site.get(path, "").await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
    }
    assert_eq!(site.get("/", "").await.status, 200);
}

#[tokio::test]
async fn a_node_without_a_page_says_how_to_get_one() {
    let site = Site::of(playfair_page::no_page()).await;
    let answer = site.get("/", "").await;
    assert_eq!(answer.problem(404), "not_found");
    for words in ["api.page", "cargo xtask web", "/v1/docs"] {
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    assert_eq!(site.get("/other", "").await.problem(404), "not_found");
}
