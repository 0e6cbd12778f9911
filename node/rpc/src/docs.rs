//! The service's description for people: one page, made of the OpenAPI document when the service starts.
//!
//! It has no script and asks nobody for anything but its own style sheet, so its content security policy allows nothing else. All that it
//! shows is the document's, escaped.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{HeaderValue, header};
use serde_json::{Map, Value};
use std::fmt::Write;
use std::sync::Arc;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const STYLE: &str = include_str!("docs.css");

/// The page under `/docs` below a prefix, and its style sheet.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(
    prefix: &str,
    document: &utoipa::openapi::OpenApi,
) -> Router<S> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let page: Arc<str> = page(prefix, &document).into();
    let page = async move || served("text/html; charset=utf-8", page.to_string());
    Router::new().route(&format!("{prefix}/docs"), get(page)).route(
        &format!("{prefix}/docs/style.css"),
        get(async || served("text/css", STYLE)),
    )
}

fn served(kind: &'static str, body: impl IntoResponse) -> impl IntoResponse {
    let kind = HeaderValue::from_static(kind);
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_SECURITY_POLICY, POLICY),
        ],
        body,
    )
}

/// The whole page.
fn page(prefix: &str, document: &Value) -> String {
    let info = document.get("info");
    let title = text(info, "title");
    let mut body = String::new();
    let mut contents = String::new();
    for tag in list(document, "tags") {
        let name = text(Some(tag), "name");
        let _ = write!(contents, "<li><a href=\"#tag-{name}\">{name}</a></li>");
        let about = text(Some(tag), "description");
        let _ = write!(body, "<h2 id=\"tag-{name}\">{name}</h2><p>{about}</p>");
        for (path, item) in entries(document.get("paths")) {
            for (method, operation) in entries(Some(item)) {
                let tagged = list(operation, "tags").iter().any(|of| of == &tag["name"]);
                if tagged {
                    show_operation(&mut body, path, method, operation);
                }
            }
        }
    }
    body.push_str("<h2 id=\"types\">Types</h2>");
    for (name, schema) in entries(document.pointer("/components/schemas")) {
        let name = escaped(name);
        let about = text(Some(schema), "description");
        let _ = write!(body, "<h3 id=\"type-{name}\">{name}</h3><p>{about}</p>");
        show_schema(&mut body, schema);
    }
    let about = text(info, "description");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"{prefix}/docs/style.css\"></head><body>\
         <h1>{title}</h1><p>{about}</p><p>For programs: <a href=\"{prefix}/openapi.json\">{prefix}/openapi.json</a>. \
         Errors are <code>{{\"error\":{{\"code\",\"message\",\"retry_after_ms\"?}}}}</code>.</p>\
         <nav><ul>{contents}<li><a href=\"#types\">types</a></li></ul></nav>{body}</body></html>"
    )
}

fn show_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let summary = text(Some(operation), "summary");
    let about = text(Some(operation), "description");
    let (path, verb) = (escaped(path), escaped(&method.to_uppercase()));
    let _ = write!(
        out,
        "<section><h3><span class=\"method\">{verb}</span> <code>{path}</code></h3><p>{summary}</p>"
    );
    if !about.is_empty() && about != summary {
        let _ = write!(out, "<p>{about}</p>");
    }
    let parameters = list(operation, "parameters");
    if !parameters.is_empty() {
        out.push_str("<h4>Parameters</h4><dl>");
        for parameter in parameters {
            let of = |name| text(Some(parameter), name);
            let _ = write!(
                out,
                "<dt><code>{}</code> in {}, {}</dt><dd>{}</dd>",
                of("name"),
                of("in"),
                kind(parameter.get("schema")),
                of("description")
            );
        }
        out.push_str("</dl>");
    }
    if let Some(body) = operation.get("requestBody") {
        out.push_str("<h4>Body</h4><dl>");
        show_content(out, body);
        out.push_str("</dl>");
    }
    out.push_str("<h4>Answers</h4><dl>");
    for (status, answer) in entries(operation.get("responses")) {
        let (status, about) = (escaped(status), text(Some(answer), "description"));
        let _ = write!(out, "<dt>{status}</dt><dd>{about}</dd>");
        show_content(out, answer);
    }
    out.push_str("</dl></section>");
}

fn show_content(out: &mut String, holder: &Value) {
    for (media, content) in entries(holder.get("content")) {
        let (media, kind) = (escaped(media), kind(content.get("schema")));
        let _ = write!(out, "<dd><code>{media}</code>: {kind}</dd>");
    }
}

/// A type's fields, or what it may be.
fn show_schema(out: &mut String, schema: &Value) {
    let required = list(schema, "required");
    let mut fields: Vec<(&String, &Value)> = entries(schema.get("properties")).collect();
    for part in list(schema, "allOf") {
        fields.extend(entries(part.get("properties")));
        if part.get("$ref").is_some() {
            let _ = write!(out, "<p>With all of {}.</p>", kind(Some(part)));
        }
    }
    if fields.is_empty() {
        let _ = write!(out, "<p>{}</p>", kind(Some(schema)));
        return;
    }
    out.push_str("<dl>");
    for (name, field) in fields {
        let optional = match required.iter().any(|of| of.as_str() == Some(name)) {
            true => "",
            false => ", may be left out",
        };
        let (name, about) = (escaped(name), text(Some(field), "description"));
        let _ = write!(
            out,
            "<dt><code>{name}</code>: {}{optional}</dt><dd>{about}</dd>",
            kind(Some(field))
        );
    }
    out.push_str("</dl>");
}

/// A type in a few words, with a way to its own place.
fn kind(schema: Option<&Value>) -> String {
    let Some(schema) = schema else {
        return "anything".to_owned();
    };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = escaped(name.rsplit('/').next().unwrap_or(name));
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    let choices = ["oneOf", "anyOf"].iter().flat_map(|of| list(schema, of));
    let choices: Vec<String> = choices.map(|choice| kind(Some(choice))).collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let words: Vec<String> = list(schema, "enum")
        .iter()
        .map(|word| format!("<code>{}</code>", escaped(&word.to_string())))
        .collect();
    if !words.is_empty() {
        return words.join(" or ");
    }
    let fields: Vec<String> = entries(schema.get("properties"))
        .map(|(name, field)| format!("{}: {}", escaped(name), kind(Some(field))))
        .collect();
    if !fields.is_empty() {
        return format!("{{ {} }}", fields.join(", "));
    }
    let format = text(Some(schema), "format");
    let one = |name: &str| match name {
        "array" => format!("list of {}", kind(schema.get("items"))),
        "null" => "null".to_owned(),
        name if format.is_empty() => escaped(name),
        name => format!("{} ({format})", escaped(name)),
    };
    match schema.get("type") {
        Some(Value::String(name)) => one(name),
        Some(Value::Array(names)) => {
            let names: Vec<String> = names.iter().filter_map(Value::as_str).map(one).collect();
            names.join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn text(of: Option<&Value>, name: &str) -> String {
    let found = of.and_then(|of| of.get(name)).and_then(Value::as_str);
    escaped(found.unwrap_or_default())
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn entries(of: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    of.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_of_the_documents_is_on_their_pages() {
        for (prefix, document) in [("/v1", crate::openapi()), ("/admin/v1", crate::admin_openapi())] {
            let document = serde_json::to_value(document).unwrap();
            let page = page(prefix, &document);
            for (path, item) in entries(document.get("paths")) {
                assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
                for (_, operation) in entries(Some(item)) {
                    for (_, answer) in entries(operation.get("responses")) {
                        let about = text(Some(answer), "description");
                        assert!(page.contains(&about), "{path}: {about}");
                    }
                }
            }
            for (name, _) in entries(document.pointer("/components/schemas")) {
                assert!(page.contains(&format!("id=\"type-{name}\"")), "{name}");
            }
            // Every way leads somewhere on the page, or to this service.
            for way in page.split("href=\"").skip(1) {
                let way = way.split('"').next().unwrap();
                let there = match way.strip_prefix('#') {
                    Some(id) => page.contains(&format!("id=\"{id}\"")),
                    None => way.starts_with(prefix),
                };
                assert!(there, "{way}");
            }
            for outside in [
                "http:", "https:", "src=", "<script", "style=\"", "@import", "url(",
            ] {
                assert!(!page.contains(outside) && !STYLE.contains(outside), "{outside}");
            }
        }
    }

    #[test]
    fn what_a_document_says_is_text() {
        let document = json!({
            "info": {"title": "<b>", "description": "\"&'"},
            "tags": [{"name": "a", "description": "<script>x</script>"}],
        });
        let page = page("/v1", &document);
        assert!(page.contains("<h1>&lt;b&gt;</h1>") && page.contains("&quot;&amp;&#39;"));
        assert!(!page.contains("<script"));
    }
}
