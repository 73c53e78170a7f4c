//! Downloads that are cut off, lie, stall, do not end, or lead elsewhere.

use super::file_server::{Act, FileServer, response};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use xurrent::bulk::DownloadUrl;
use xurrent::{Error, ErrorKind, RetryPolicy};

const TAG: &str = "etag: \"v1\"\r\n";

fn content() -> Vec<u8> {
    (0..200_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// The files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let files =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    files.collect()
}

/// Downloads to a file, and checks that it is whole or not there.
async fn to_file(script: Vec<Act>, expected: &[u8]) -> (Result<(), Error>, FileServer) {
    let server = FileServer::start(script).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let result = server.client().download(&server.url()).to_file(&path).await;
    match &result {
        Ok(file) => {
            assert_eq!((file.size, &file.path), (expected.len() as u64, &path));
            assert!(std::fs::read(&path).unwrap() == expected);
            assert_eq!(files(folder.path()), ["people.csv"]);
        }
        Err(error) => {
            assert!(files(folder.path()).is_empty(), "{error}");
            assert!(!format!("{error:?} {error:#}").contains("abcdefgh"), "{error:?}");
        }
    }
    (result.map(drop), server)
}

fn cut(after: usize) -> Act {
    let content = content();
    Act::Send(response("200 OK", TAG, content.len(), &content[..after]))
}

fn rest(from: usize) -> Act {
    let content = content();
    let range = format!("{TAG}content-range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len());
    Act::Send(response("206 Partial Content", &range, content.len() - from, &content[from..]))
}

fn whole(headers: &str) -> Act {
    let content = content();
    Act::Send(response("200 OK", headers, content.len(), &content))
}

#[tokio::test]
async fn a_download_that_was_cut_goes_on_where_it_was() {
    let (result, server) = to_file(vec![cut(300_000), rest(300_000)], &content()).await;
    result.unwrap();
    let heads = server.heads();
    assert!(!heads[0].contains("\nrange:") && heads[0].contains("accept-encoding: identity"), "{heads:?}");
    assert!(
        heads[1].contains("\nrange: bytes=300000-\r") && heads[1].contains("\nif-range: \"v1\"\r"),
        "{heads:?}"
    );
    for head in heads {
        assert!(
            !head.contains("secret-token") && !head.contains("authorization") && !head.contains("x-xurrent"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_changed_file_starts_again() {
    let other = b"another file".to_vec();
    let changed = Act::Send(response("200 OK", "etag: \"v2\"\r\n", other.len(), &other));
    to_file(vec![cut(300_000), changed], &other).await.0.unwrap();
    // Without a validator, the whole file is asked for.
    let content = content();
    let cut_without = Act::Send(response("200 OK", "", content.len(), &content[..5]));
    let (result, server) = to_file(vec![cut_without, whole("")], &content).await;
    result.unwrap();
    assert!(!server.heads()[1].contains("\nrange:"));
    let gone = Act::Send(response("416 Range Not Satisfiable", "content-range: bytes */1\r\n", 0, b""));
    to_file(vec![cut(300_000), gone, whole(TAG)], &content).await.0.unwrap();
}

#[tokio::test]
async fn a_writer_gets_the_file_once_or_an_error() {
    let server = FileServer::start([cut(300_000), cut(400_000), rest(400_000)]).await;
    let mut written = Vec::new();
    // The server ignores the range at first, but sends the same file: what is known is skipped.
    let size = server.client().download(&server.url()).to_writer(&mut written).await.unwrap();
    assert!(written == content() && size == written.len() as u64);

    let server = FileServer::start([cut(300_000), whole("etag: \"v2\"\r\n")]).await;
    let mut written = Vec::new();
    let error = server.client().download(&server.url()).to_writer(&mut written).await.unwrap_err();
    assert!(error.is_download() && error.to_string().contains("download to a file"), "{error}");
    assert!(written == content()[..300_000], "the beginning, and nothing twice");
}

#[tokio::test]
async fn incomplete_and_wrong_bodies_are_errors() {
    let unlimited = |headers: &str, body: &[u8]| {
        Act::Send(
            [format!("HTTP/1.1 200 OK\r\n{headers}connection: close\r\n\r\n").as_bytes(), body].concat(),
        )
    };
    let chunked = "transfer-encoding: chunked\r\n";
    for (act, kind) in [
        (cut(5), ErrorKind::Transport),
        (cut(0), ErrorKind::Transport),
        (unlimited("", b"no end"), ErrorKind::Download),
        (unlimited(chunked, b"5\r\nhello\r\n"), ErrorKind::Transport),
        (unlimited("content-encoding: gzip\r\ncontent-length: 1\r\n", b"x"), ErrorKind::Download),
        (rest(300_000), ErrorKind::Decode),
        (Act::Send(response("302 Found", "location: http://127.0.0.1:1/\r\n", 0, b"")), ErrorKind::Status),
        (Act::Send(response("403 Forbidden", "", 8, b"abcdefgh")), ErrorKind::Status),
        (Act::Send(response("204 No Content", "", 0, b"")), ErrorKind::Status),
    ] {
        let server = FileServer::start([act]).await;
        let folder = tempfile::tempdir().unwrap();
        let download = server.client().download(&server.url()).retry(RetryPolicy::never());
        let error = download.to_file(folder.path().join("a")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(files(folder.path()).is_empty() && server.heads().len() == 1, "{error}");
    }
    to_file(vec![unlimited(chunked, b"5\r\nhello\r\n0\r\n\r\n")], b"hello").await.0.unwrap();
    to_file(vec![Act::Send(response("200 OK", "", 0, b""))], b"").await.0.unwrap();
    // A part that nobody asked for is not written into the file.
    let wrong = to_file(vec![cut(300_000), rest(300_001)], b"").await.0.unwrap_err();
    assert!(wrong.is_decode(), "{wrong}");
}

#[tokio::test]
async fn sizes_and_times_are_bounded() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n".into();
    let server = FileServer::start([Act::Endless(endless), whole(""), Act::Hang(Vec::new())]).await;
    let folder = tempfile::tempdir().unwrap();
    let download = server.client().download(&server.url()).max_size(100_000);
    for _ in 0..2 {
        let error = download.clone().to_file(folder.path().join("a")).await.unwrap_err();
        assert!(
            error.is_download() && error.to_string().contains("more than 100000 bytes: raise `max_size`"),
            "{error}"
        );
    }
    let begun = Instant::now();
    let download = download.retry(RetryPolicy::never()).stall_timeout(Duration::from_millis(100));
    let error = download.to_file(folder.path().join("a")).await.unwrap_err();
    assert!(error.is_timeout() && begun.elapsed() < Duration::from_secs(10), "{error}");
    assert!(files(folder.path()).is_empty());

    let hangs = Act::Hang(response("200 OK", TAG, content().len(), &content()[..300_000]));
    let server = FileServer::start([hangs, rest(300_000)]).await;
    let seen = Arc::<Mutex<Vec<_>>>::default();
    let progress = Arc::clone(&seen);
    let download = server.client().download(&server.url()).stall_timeout(Duration::from_millis(200));
    let download = download.on_progress(move |got, size| progress.lock().unwrap().push((got, size)));
    download.to_file(folder.path().join("a")).await.unwrap();
    let (seen, size) = (seen.lock().unwrap(), content().len() as u64);
    assert!(
        seen.is_sorted() && seen.contains(&(300_000, Some(size))) && seen.last() == Some(&(size, Some(size)))
    );
}

#[tokio::test]
async fn a_file_is_replaced_only_when_asked_for() {
    let server = FileServer::start([whole(""), whole(""), cut(5)]).await;
    let client = server.client();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    std::fs::write(&path, "precious").unwrap();
    let error = client.download(&server.url()).to_file(&path).await.unwrap_err();
    assert!(
        error.is_download() && error.to_string().contains("exists already: call `.overwrite()`"),
        "{error}"
    );
    assert!(server.heads().is_empty());
    // One that appears meanwhile stays, too.
    let late = folder.path().join("late.csv");
    let appears = late.clone();
    let download =
        client.download(&server.url()).on_progress(move |_, _| std::fs::write(&appears, "late").unwrap());
    assert!(download.to_file(&late).await.unwrap_err().is_download());
    assert_eq!(std::fs::read(&late).unwrap(), b"late");
    client.download(&server.url()).to_file(&path).overwrite().await.unwrap();
    assert!(std::fs::read(&path).unwrap() == content());
    // A failure leaves the old file.
    let cut = client.download(&server.url()).retry(RetryPolicy::never()).to_file(&path).overwrite();
    assert!(cut.await.unwrap_err().is_transport());
    assert!(std::fs::read(&path).unwrap() == content());
    let mut left = files(folder.path());
    left.sort();
    assert_eq!(left, ["late.csv", "people.csv"]);
    let nowhere = client.download(&server.url()).to_file(folder.path().join("no/such/folder/a"));
    assert!(nowhere.await.unwrap_err().is_download());
}

#[tokio::test]
async fn a_cancelled_download_leaves_nothing() {
    let hangs = || Act::Hang(response("200 OK", "", content().len(), &content()[..300_000]));
    let server = FileServer::start([hangs(), whole("")]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let download = server.client().download(&server.url());
    let cancelled =
        tokio::time::timeout(Duration::from_millis(200), download.clone().to_file(&path).send()).await;
    assert!(cancelled.is_err());
    assert!(files(folder.path()).is_empty());
    download.to_file(&path).await.unwrap();
}

#[tokio::test]
async fn hostile_urls_are_not_fetched() {
    let server = FileServer::start([]).await;
    let folder = tempfile::tempdir().unwrap();
    let own = server.url().expose().to_owned();
    for url in [
        "",
        "file:///etc/passwd",
        "ftp://files.example.com/a",
        "http://files.example.com/a",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://metadata.google.internal/a",
        "https://printer.local/a",
        "https://user:abcdefgh@files.example.com/a",
        &own.replace("http://", "http://user@"),
        &own.replace("127.0.0.1", "127.0.0.2"),
        &own.replace("127.0.0.1", "localhost"),
        "javascript:alert(1)",
        "/file",
    ] {
        let error = server.client().download(&DownloadUrl::new(url)).to_file(folder.path().join("a")).await;
        let error = error.unwrap_err();
        assert!(error.is_configuration() && error.is_not_executed(), "{url}: {error}");
        assert!(!error.to_string().contains("abcdefgh"), "{error}");
    }
    assert!(server.heads().is_empty() && files(folder.path()).is_empty());
}
