//! The explorer page and its files over HTTP. Its behaviour in a browser: `explorer_in_a_browser`.

use crate::raw_http::{HttpResponse, call};
use crate::schema::schema_json;
use aws_lc_rs::digest::{SHA256, digest};
use flate2::read::GzDecoder;
use std::io::Read as _;
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_TOKEN, Fault, Sandbox};

/// The header of a browser that navigates.
const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

async fn start() -> Sandbox {
    Sandbox::builder().schema_json(schema_json()).start().await.unwrap()
}

async fn get(sandbox: &Sandbox, path: &str, headers: &[(&'static str, &str)]) -> HttpResponse {
    request(sandbox, "GET", path, headers).await
}

async fn request(
    sandbox: &Sandbox,
    method: &'static str,
    path: &str,
    headers: &[(&'static str, &str)],
) -> HttpResponse {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let url = format!("{}{}", sandbox.explorer_url(), path.trim_start_matches('/'));
    call(&url, method, &headers, "").await
}

/// The paths of the attributes `src` and `href`.
fn links(page: &str) -> Vec<&str> {
    let values = page.split("src=\"").skip(1).chain(page.split("href=\"").skip(1));
    values.filter_map(|rest| rest.split('"').next()).filter(|link| *link != "data:,").collect()
}

#[tokio::test]
async fn browsers_get_a_page_that_loads_nothing_else_and_is_not_recorded() {
    let sandbox = start().await;
    sandbox.faults([Fault::status(503)]);
    let page = get(&sandbox, "/", &[HTML]).await;
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains(&format!("data-account=\"{DEMO_ACCOUNT}\" data-token=\"{DEMO_TOKEN}\"")));
    assert!(!page.text.contains("{{") && !page.text.contains("//"), "{}", page.text);
    assert!(!page.text.contains("<style") && !page.text.contains("<script>"), "{}", page.text);
    assert_eq!(page.headers["cache-control"], "no-store");
    let (_, nonce) = page.text.split_once("data-nonce=\"").unwrap();
    let nonce = nonce.split('"').next().unwrap();
    assert_eq!(
        page.headers["content-security-policy"],
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src data:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    assert!(!get(&sandbox, "/", &[HTML]).await.text.contains(nonce), "a nonce is used once");
    let links = links(&page.text);
    assert_eq!(links.len(), 7, "{links:?}");
    for link in links {
        let file = get(&sandbox, link, &[]).await;
        assert_eq!(file.status, 200, "{link}");
        let expected = match link.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(file.headers["content-type"], expected, "{link}");
        assert_eq!(file.headers["x-content-type-options"], "nosniff", "{link}");
        assert_eq!(file.headers["cross-origin-resource-policy"], "same-origin", "{link}");
        assert_eq!(file.headers["content-length"], file.bytes.len().to_string(), "{link}");
    }
    assert!(sandbox.requests().is_empty() && sandbox.arrivals().is_empty());
    assert_eq!(sandbox.faults_left(), 1);
}

#[tokio::test]
async fn the_vendored_files_are_those_of_the_readme() {
    let sandbox = start().await;
    let readme = include_str!("../../explorer/README.md");
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let name = row[1].strip_suffix(".gz").unwrap();
        let file = get(&sandbox, &format!("/explorer/{name}"), &[]).await;
        assert_eq!(file.headers["content-encoding"], "gzip");
        let mut content = Vec::new();
        GzDecoder::new(&*file.bytes).read_to_end(&mut content).unwrap();
        let hash: String =
            digest(&SHA256, &content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, row[4], "{name}");
    }
}

#[tokio::test]
async fn tokens_are_escaped() {
    let builder = Sandbox::builder().schema_json(schema_json()).account("a&b");
    let sandbox = builder.token("\"><script>alert(1)</script>").start().await.unwrap();
    let page = get(&sandbox, "/", &[HTML]).await.text;
    let expected = r#"data-account="a&amp;b" data-token="&quot;>&lt;script>alert(1)&lt;/script>""#;
    assert!(page.contains(expected), "{page}");
}

#[tokio::test]
async fn a_head_request_gets_the_headers_only() {
    let sandbox = start().await;
    for path in ["/", "/explorer/graphiql.min.js"] {
        let head = request(&sandbox, "HEAD", path, &[HTML]).await;
        let full = get(&sandbox, path, &[HTML]).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0));
        for name in ["content-type", "content-length", "cache-control"] {
            assert_eq!(head.headers[name], full.headers[name], "{name}");
        }
        assert_eq!(head.headers.get("content-encoding"), full.headers.get("content-encoding"));
    }
}

#[tokio::test]
async fn other_requests_are_those_of_the_api() {
    let sandbox = start().await;
    for (method, path, accept, status) in [
        ("GET", "/", "*/*", 405),
        ("GET", "/", "application/json", 405),
        ("GET", "/", "text/html-sandboxed", 405),
        ("POST", "/", HTML.1, 401),
        ("OPTIONS", "/", HTML.1, 405),
        ("GET", "/graphql", HTML.1, 405),
        ("GET", "/explorer", HTML.1, 404),
        ("POST", "/explorer/explorer.js", HTML.1, 404),
        ("GET", "/people", HTML.1, 404),
    ] {
        let response = request(&sandbox, method, path, &[("accept", accept)]).await;
        assert_eq!(response.status, status, "{method} {path} {accept}");
        assert!(response.body["message"].is_string(), "{}", response.text);
        assert!(response.headers.contains_key("x-costlimit-cost"));
    }
    assert_eq!(sandbox.requests().len(), 9);
    for path in ["/explorer/", "/explorer/none.js", "/explorer/../index.html", "/explorer/vendor"] {
        assert_eq!(get(&sandbox, path, &[HTML]).await.status, 404, "{path}");
    }
    assert_eq!(sandbox.requests().len(), 9);
}

#[tokio::test]
async fn pages_of_other_sites_do_not_get_the_token() {
    let sandbox = start().await;
    let host = sandbox.explorer_url();
    let host = host.strip_prefix("http://").unwrap().trim_end_matches('/');
    let (_, port) = host.split_once(':').unwrap();
    let by_name = format!("LocalHost:{port}");
    let own = format!("http://{host}");
    for headers in [
        vec![("host", host)],
        vec![("host", &by_name)],
        vec![("host", "localhost")],
        vec![("host", "127.0.0.1:8080")],
        vec![("host", host), ("origin", &own)],
    ] {
        let response = get(&sandbox, "/", &[&[HTML], &*headers].concat()).await;
        assert_eq!(response.status, 200, "{headers:?}");
        assert!(!response.headers.contains_key("access-control-allow-origin"));
    }
    let rebound = format!("attacker.example:{port}");
    let suffix = format!("127.0.0.1.attacker.example:{port}");
    let no_port = format!("{host}.attacker.example");
    for headers in [
        vec![("host", &*rebound)],
        vec![("host", &*suffix)],
        vec![("host", &*no_port)],
        vec![("host", "localhost.attacker.example")],
        vec![("host", "127.0.0.1:")],
        vec![("host", "127.0.0.1@attacker.example")],
        vec![("host", "0.0.0.0")],
        vec![("host", "")],
        vec![("host", host), ("origin", "https://attacker.example")],
        vec![("host", host), ("origin", "http://127.0.0.1:1")],
        vec![("host", host), ("origin", "null")],
    ] {
        for path in ["/", "/explorer/explorer.js"] {
            let response = get(&sandbox, path, &[&[HTML], &*headers].concat()).await;
            assert_eq!(response.status, 403, "{headers:?}");
            assert!(!response.text.contains(DEMO_TOKEN));
        }
    }
}
