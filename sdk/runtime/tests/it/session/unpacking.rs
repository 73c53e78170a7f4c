//! Answers that are packed, and what is known when they cannot be read.

use crate::session::server::{Server, answer};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::time::Duration;
use xurrent_runtime::{Error, ErrorKind};

const BODY: &[u8] = br#"{"data":{"a":"0123456789 0123456789 0123456789"}}"#;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

async fn ask(status: &str, head: &str, body: &[u8], max: u64) -> Result<String, Error> {
    let server = Server::start(answer(status, head, body));
    let client = server.client().max_response_size(max).build().unwrap();
    let result = client.raw("mutation { a }", ()).await;
    assert!(server.requests.lock().unwrap()[0].contains("accept-encoding: gzip"));
    result.map(|json| json.as_text().to_owned())
}

#[tokio::test]
async fn gzip_is_read_under_all_its_names_and_in_several_members() {
    let (first, second) = BODY.split_at(20);
    let members = [gzip(first), gzip(b""), gzip(second)].concat();
    for coding in ["gzip", "GZIP", "x-gzip", "X-Gzip", "identity, gzip"] {
        for body in [&gzip(BODY), &members] {
            let head = format!("content-encoding: {coding}\r\ncontent-length: {}\r\n", body.len());
            let text = ask("200 OK", &head, body, 1_000).await.unwrap();
            assert!(text.contains("0123456789"), "{coding}: {text}");
            let limit = BODY.len() as u64;
            assert!(ask("200 OK", &head, body, limit).await.is_ok(), "{coding}");
            let error = ask("200 OK", &head, body, limit - 1).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.to_string().contains("more than 48 bytes"), "{error}");
        }
    }
    for coding in ["identity", "", "Identity"] {
        assert!(ask("200 OK", &format!("content-encoding: {coding}\r\n"), BODY, 1_000).await.is_ok());
    }
}

#[tokio::test]
async fn another_coding_is_named() {
    for coding in ["br", "zstd", "gzip, gzip", "deflate"] {
        let error = ask("200 OK", &format!("content-encoding: {coding}\r\n"), b"\x1b", 99).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Decode, Some("r-5")), "{error}");
        assert!(error.to_string().contains(&format!("content coding {coding:?}")), "{error}");
        assert!(!error.is_not_executed());
    }
    // A refusal is known by its status.
    let error = ask("429 Too Many Requests", "content-encoding: br\r\n", b"\x1b", 99).await.unwrap_err();
    assert!(error.is_rate_limited() && error.is_not_executed(), "{error}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_was_an_answer() {
    let damaged = [&gzip(BODY)[..30], b"xxxxxxxxxxxxxxxxxxxxxxxxxxxx"].concat();
    let cut = &gzip(BODY)[..30];
    for (head, body, words) in [
        ("content-length: 500\r\n", BODY, "answered 200 OK, but its response broke off"),
        ("transfer-encoding: chunked\r\n", b"ff\r\n{", "but its response broke off"),
        ("content-encoding: gzip\r\n", cut, "answered 200 OK, but its gzip body is damaged"),
        ("content-encoding: gzip\r\n", &damaged, "its gzip body is damaged"),
    ] {
        let server = Server::start(answer("200 OK", &head.replace("content-length", "Content-Length"), body));
        let client = server.client().build().unwrap();
        let error = client.raw("mutation { a }", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Transport, Some("r-5")), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.is_not_executed() && !error.is_timeout());
    }
    // The status of a refusal is worth more than the rest of its words.
    let server = Server::start(answer("401 Unauthorized", "Content-Length: 500\r\n", b"{"));
    let error = server.client().build().unwrap().raw("mutation { a }", ()).await.unwrap_err();
    assert!(error.is_unauthorized() && error.is_not_executed(), "{error}");
}

#[tokio::test]
async fn what_did_not_come_in_time_is_known_as_such() {
    let server = Server::start(answer("200 OK", "content-length: 500\r\n", b"{"));
    let client = server.client().request_timeout(Duration::from_millis(200)).build().unwrap();
    let error = client.raw("mutation { a }", ()).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_not_executed(), "{error}");
    assert!(error.to_string().contains("answered 200 OK, but its response broke off in time"));
}
