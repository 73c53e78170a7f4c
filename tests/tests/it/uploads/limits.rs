//! What is not sent at all.

use crate::sandboxed::{client, with};
use crate::uploads::readers::{End, Odd};
use crate::uploads::scripted::storage;
use serde_json::json;
use std::time::Duration;
use xurrent::{Client, ErrorKind, MemoryTransport, Upload};
use xurrent_sandbox::{Sandbox, Storage};

/// How many uploads came to the storage.
fn uploads(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path == "/storage").count()
}

#[tokio::test]
async fn only_files_with_an_allowed_extension_are_sent() {
    let (sandbox, client) = with(|it| it.storage(Storage::s3().allowed_extensions(["pdf", "PNG"]))).await;
    for name in ["a.txt", "a", "pdf", "a.pdf.exe"] {
        let error = client.upload(Upload::bytes(name, "x")).await.unwrap_err();
        assert!(error.is_upload() && error.to_string().contains("pdf, PNG"), "{name}: {error}");
    }
    assert_eq!(uploads(&sandbox), 0);
    for name in ["a.pdf", "a.PDF", "a.png"] {
        client.upload(Upload::bytes(name, "x")).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_may_be_as_large_as_the_limit_and_no_larger() {
    let (sandbox, client) = with(|it| it.storage(Storage::s3().size_limit(100_000))).await;
    let path = std::env::temp_dir().join(format!("xurrent-{}-limit.txt", std::process::id()));
    let uploads_of = |size: usize| {
        std::fs::write(&path, vec![0; size]).unwrap();
        let reader = || Odd::new(size, 30_000, Duration::ZERO, End::Done);
        [
            Upload::path(&path),
            Upload::bytes("a.txt", vec![0; size]),
            Upload::reader("a.txt", reader()).size(size as u64),
            Upload::reader("a.txt", reader()),
        ]
    };
    for upload in uploads_of(100_000) {
        assert_eq!(client.upload(upload).await.unwrap().size, 100_000);
    }
    let before = uploads(&sandbox);
    for upload in uploads_of(100_001) {
        let shown = format!("{upload:?}");
        let error = client.upload(upload).await.unwrap_err();
        assert!(error.is_upload() && error.to_string().contains("100000"), "{shown}: {error}");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(uploads(&sandbox), before, "nothing was sent");
    // A reader without an end is left when the limit is reached.
    let error = client.upload(Upload::reader("a.txt", tokio::io::repeat(0))).await.unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("larger than the 100000 bytes"), "{error}");
    assert_eq!(uploads(&sandbox), before);
}

#[tokio::test]
async fn sizes_have_64_bits() {
    const LIMIT: i64 = 2_147_483_648;
    let transport = MemoryTransport::new(|_| storage("s3", json!("https://x.org"), LIMIT, &[]));
    let client = Client::builder().account("wdc").personal_access_token("t").transport(transport);
    let client = client.build().unwrap();
    let of = |size: u64| Upload::reader("a.txt", tokio::io::empty()).size(size);
    for (size, expected) in [
        (2_147_483_647, "takes no uploads"),
        (2_147_483_648, "takes no uploads"),
        (2_147_483_649, "the file has 2147483649 bytes, more than the 2147483648 that the storage allows"),
        (u64::from(u32::MAX) + 2, "4294967297 bytes"),
        (u64::MAX, "18446744073709551615 bytes"),
    ] {
        let error = client.upload(of(size)).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{size}: {error}");
    }
}

#[tokio::test]
async fn an_invalid_file_name_is_rejected_before_sending() {
    let (sandbox, client) = client().await;
    let long = "a".repeat(252) + ".txt";
    for name in [
        "",
        " ",
        "\t",
        ".",
        "..",
        "a/b.txt",
        "/a.txt",
        "a\\b.txt",
        "a\nb.txt",
        "a\0.txt",
        "a\u{7f}.txt",
        &long,
    ] {
        for upload in [Upload::bytes(name, "x"), Upload::path("/etc/hostname").file_name(name)] {
            let error = client.upload(upload).await.unwrap_err();
            assert!(
                error.is_configuration() && error.to_string().contains("invalid file name"),
                "{name:?}: {error}"
            );
        }
    }
    for path in ["", "/", "..", "a/.."] {
        let error = client.upload(Upload::path(path)).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("names no file"), "{path:?}: {error}");
    }
    for content_type in ["", "text", "text/", "/plain", "text/plain\r\nX: y", "te xt/plain", "a/b/c"] {
        let upload = Upload::bytes("a.txt", "x").content_type(content_type);
        let error = client.upload(upload).await.unwrap_err();
        assert!(error.is_configuration(), "{content_type:?}: {error}");
    }
    let error = client.upload(Upload::bytes("a.txt", "x").stall_timeout(Duration::ZERO)).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(sandbox.requests().is_empty());
    client.upload(Upload::bytes("a".repeat(251) + ".txt", "x")).await.unwrap();
}

#[tokio::test]
async fn an_unreadable_file_is_rejected_before_sending() {
    let (sandbox, client) = client().await;
    let missing = std::env::temp_dir().join("xurrent-no-such-file.txt");
    let error = client.upload(Upload::path(&missing)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upload);
    assert!(
        error.to_string().contains("could not read")
            && error.to_string().contains("xurrent-no-such-file.txt"),
        "{error}"
    );
    let error = client.upload(Upload::path(std::env::temp_dir()).file_name("a.txt")).await.unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("is not a file"), "{error}");
    for upload in
        [Upload::bytes("a.txt", "xx").size(1), Upload::path("/proc/self/exe").file_name("a.txt").size(1)]
    {
        let error = client.upload(upload).await.unwrap_err();
        assert!(error.is_upload() && error.to_string().contains("not the 1 that were declared"), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_transport_without_uploads_is_an_error() {
    use xurrent_runtime::transport::{BoxFuture, Request, Transport};
    struct Small;
    impl Transport for Small {
        fn send(&self, _: Request) -> BoxFuture<'_, xurrent::Result<http::Response<Vec<u8>>>> {
            let answer = storage("s3", json!("https://x.org"), 10, &[]).to_string().into_bytes();
            let answer = http::Response::builder().header("content-type", "application/json").body(answer);
            Box::pin(async { Ok(answer.unwrap()) })
        }
    }
    let client =
        Client::builder().account("wdc").personal_access_token("t").transport(Small).build().unwrap();
    let error = client.upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("does not support uploads"), "{error}");
}
