//! The rate limit of Xurrent, which clients keep by default.

use serde_json::json;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use xurrent::{Client, MemoryTransport};

#[test]
fn code_that_is_tested_in_memory_is_not_limited_and_needs_no_runtime() {
    let transport = MemoryTransport::new(|_| json!({"data": {}}));
    let builder = Client::builder().account("wdc").personal_access_token("t").transport(transport.clone());
    let client = builder.build().unwrap();
    for _ in 0..50 {
        let call = pin!(client.raw("{ a }", ()).send());
        assert!(matches!(call.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_))));
    }
    assert_eq!(transport.requests().len(), 50);
}
