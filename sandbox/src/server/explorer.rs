//! The explorer page for browsers, and its files.
//!
//! The page contains the token of the sandbox, so it is served to pages of this machine only.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::state::{ServerState, header};

const PAGE: &str = include_str!("../../explorer/index.html");
const FOLDER: &str = "/explorer/";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Responds to a browser; none for requests to the API.
pub(super) fn respond(server: &ServerState, request: &Parts) -> Option<Response> {
    let Parts { method, uri, headers, .. } = request;
    let file = uri.path().strip_prefix(FOLDER);
    let is_page = uri.path() == "/" && accepts_html(headers);
    if !(is_page || file.is_some()) || !(method == Method::GET || method == Method::HEAD) {
        return None;
    }
    if !is_local(headers) {
        let message = "The explorer is available at 127.0.0.1 and localhost only";
        return Some(response(StatusCode::FORBIDDEN, TEXT, "", message.into()));
    }
    let nonce = Uuid::new_v4().simple().to_string();
    Some(match file.map(content) {
        None => response(StatusCode::OK, HTML, &nonce, page(server, &nonce).into()),
        Some(Some((media_type, content))) => response(StatusCode::OK, media_type, "", content.into()),
        Some(None) => response(StatusCode::NOT_FOUND, TEXT, "", "Not found".into()),
    })
}

/// A file of the page. The vendored ones are compressed.
fn content(name: &str) -> Option<(&'static str, &'static [u8])> {
    Some(match name {
        "explorer.css" => (CSS, include_bytes!("../../explorer/explorer.css")),
        "explorer.js" => (JAVASCRIPT, include_bytes!("../../explorer/explorer.js")),
        "graphiql.min.css" => (CSS, include_bytes!("../../explorer/vendor/graphiql.min.css.gz")),
        "graphiql.min.js" => (JAVASCRIPT, include_bytes!("../../explorer/vendor/graphiql.min.js.gz")),
        "react.production.min.js" => {
            (JAVASCRIPT, include_bytes!("../../explorer/vendor/react.production.min.js.gz"))
        }
        "react-dom.production.min.js" => {
            (JAVASCRIPT, include_bytes!("../../explorer/vendor/react-dom.production.min.js.gz"))
        }
        "LICENCES.txt" => (TEXT, include_bytes!("../../explorer/vendor/LICENCES.txt")),
        _ => return None,
    })
}

fn page(server: &ServerState, nonce: &str) -> String {
    let token = server.users.first().map_or("", |(_, token)| token.expose_secret());
    PAGE.replace("{{nonce}}", nonce)
        .replace("{{account}}", &attribute(&server.account))
        .replace("{{token}}", &attribute(token))
}

/// Escapes the value of an HTML attribute in double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let mut accepted = header(headers, ACCEPT.as_str()).into_iter().flat_map(|accept| accept.split(','));
    accepted.any(|range| {
        let media_type = range.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("text/html")
    })
}

/// Whether a request is for a loopback host and from no other origin. Others are DNS rebinding, where a
/// name of another site resolves to this machine, or scripts of other sites.
fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = header(headers, HOST.as_str()) else { return false };
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let is_loopback = name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost");
    let is_same = |origin: &str| origin.split_once("://").is_some_and(|(_, origin)| origin == host);
    let is_same_origin = headers.get(ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(is_same));
    is_loopback && port.parse::<u16>().is_ok() && is_same_origin
}

/// A response whose page runs and loads nothing but the files of the explorer, and cannot be framed. The
/// nonce allows styles that GraphiQL inserts.
fn response(status: StatusCode, media_type: &'static str, nonce: &str, content: Bytes) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let is_compressed = content.starts_with(&GZIP_MAGIC);
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if is_compressed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
