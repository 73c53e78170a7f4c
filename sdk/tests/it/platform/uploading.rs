//! How long the answer is kept that says where files go.

use http::Response;
use serde_json::json;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use xurrent::transport::Transport;
use xurrent::{Client, MemoryTransport, Result, Upload};
use xurrent_runtime::transport::{BoxFuture, Request, UploadRequest};

/// Does not answer the first request.
struct Silent(AtomicBool, MemoryTransport);

impl Transport for Silent {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        match self.0.swap(true, Ordering::Relaxed) {
            false => Box::pin(pending()),
            true => self.1.send(request),
        }
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<Response<Vec<u8>>>> {
        self.1.upload(request)
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_nobody_polls_holds_up_no_other() {
    let memory = MemoryTransport::new(|_| json!({"data": null})).take_uploads();
    let transport = Silent(AtomicBool::new(false), memory);
    let client = Client::builder().account("wdc").personal_access_token("t").transport(transport);
    let client = client.build().unwrap();
    let mut stalled = Box::pin(client.upload(Upload::bytes("a.txt", "x")).send());
    assert!(timeout(Duration::from_millis(1), &mut stalled).await.is_err());
    let other = client.upload(Upload::bytes("b.txt", "x")).send();
    timeout(Duration::from_secs(10), other).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_storage_is_asked_for_once_a_minute() {
    let transport = MemoryTransport::new(|_| json!({"data": null})).take_uploads();
    let client = Client::builder().account("wdc").personal_access_token("t").transport(transport.clone());
    let client = client.build().unwrap();
    for (wait, asked) in [(0, 1), (59, 1), (2, 2), (59, 2), (3600, 3)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        client.upload(Upload::bytes("a.txt", "x")).await.unwrap();
        assert_eq!(transport.requests().len(), asked, "after {wait} s");
    }
    let files = transport.uploads();
    assert_eq!(files.len(), 5);
    assert_eq!((files[4].key.as_str(), &files[4].content[..]), ("uploads/5/a.txt", &b"x"[..]));
    assert_eq!((files[4].name.as_str(), files[4].content_type.as_str()), ("a.txt", "text/plain"));
}
