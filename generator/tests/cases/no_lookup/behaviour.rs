//! A schema whose `node` is a query like any other: nothing can be fetched by an id alone.

use crate::*;
use serde_json::json;
use std::marker::PhantomData;
use xurrent_runtime::{Fetch, Id, MemoryTransport};

struct Of<T>(PhantomData<T>);

impl<T: Fetch> Of<T> {
    #[allow(dead_code, reason = "no type has it")]
    const CAN_BE_FETCHED: bool = true;
}

trait Otherwise {
    const CAN_BE_FETCHED: bool = false;
}

impl<T> Otherwise for Of<T> {}

#[test]
fn no_type_can_be_fetched_by_an_id() {
    const { assert!(!Of::<Node>::CAN_BE_FETCHED && !Of::<Other>::CAN_BE_FETCHED) }
}

#[test]
fn the_query_is_a_function_of_the_client() {
    let transport = MemoryTransport::new(|_| json!({"data": {"node": {"id": "1", "name": null, "next": {"id": "2"}}}}));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let node = runtime.block_on(client.node_(Id::new("1")).send()).unwrap().unwrap();
    assert_eq!(node.next.unwrap().id().as_str(), "2");
    assert!(transport.requests()[0].document.starts_with("query node($id: ID!) { node(id: $id) { id name next { id } } }"));
}
