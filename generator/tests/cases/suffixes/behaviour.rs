//! Suffixes stand before the underscores of a name, and a value can be called like a type of a trait.

use crate::*;
use xurrent_runtime::MemoryTransport;

#[test]
fn types_made_for_names_with_underscores_are_in_upper_camel_case() {
    let transport = MemoryTransport::new(|_| serde_json::json!({"data": {"foo_": "err"}}));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let call = client.foo_().arguments(FooArguments_::new().a(1));
    assert_eq!(runtime.block_on(async { call.await }).unwrap(), Some(Outcome::Err));
    assert_eq!(transport.requests()[0].variables, serde_json::json!({"a": 1}));
    assert_eq!("err".parse::<Outcome>().unwrap(), Outcome::Err);
    assert_eq!(KindType_::Item.to_string(), "Item");
    let _: Option<ConnectionMarker> = None;
}

type ConnectionMarker = BarQuery_;
