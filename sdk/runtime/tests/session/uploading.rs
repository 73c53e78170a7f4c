//! How long the answer is kept that says where files go.

use serde_json::json;
use std::time::Duration;
use xurrent_runtime::{Client, MemoryTransport, Upload};

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
