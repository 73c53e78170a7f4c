//! What is left of types when root types in them are left out.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{MemoryTransport, Object, OpenEnum, OperationType};

/// What a call returns when the server responds with this, and the document that it sends.
fn sent<F: IntoFuture>(data: Value, call: impl Fn(&Client) -> F) -> (F::Output, String) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    (runtime.block_on(call(&client).into_future()), transport.requests()[0].document.clone())
}

#[test]
fn fields_that_return_a_root_type_are_left_out() {
    assert_eq!(<Thing as Object>::TABLE.fields, ["id", "mode", "n"]);
    assert_eq!(<CreatePayload as Object>::TABLE.fields, ["clientMutationId", "thing"]);
    let names: Vec<_> = root_fields().iter().map(|root| root.name).collect();
    assert!(["query", "relay", "events", "self", "bulk"].iter().all(|name| !names.contains(name)), "{names:?}");
}

#[test]
fn a_type_without_any_other_field_is_fetched_by_its_name() {
    let (only, document) = sent(json!({"only": {"__typename": "Only"}}), Client::only);
    assert_eq!((only.unwrap().is_some(), document.as_str()), (true, "query only { only { __typename } }"));
    let (only, _) = sent(json!({"only": null}), Client::only);
    assert!(only.unwrap().is_none());
    let (nested, document) = sent(json!({"nested": {"only": null, "onlys": [{}]}}), Client::nested);
    assert_eq!(nested.unwrap().unwrap().onlys.len(), 1);
    assert_eq!(document, "query nested { nested { only { __typename } onlys { __typename } } }");
}

#[test]
fn a_root_type_in_an_interface_or_a_union_is_a_type_without_a_variant() {
    let (either, document) = sent(json!({"either": {"__typename": "TheQuery", "id": "q"}}), Client::either);
    assert_eq!(either.unwrap().unwrap().typename, EitherType::Unrecognized("TheQuery".to_owned()));
    assert_eq!(document, "query either { either { __typename ... on Node { id } } }");
    let (bare, document) = sent(json!({"bare": {"__typename": "TheQuery"}}), Client::bare);
    assert_eq!((bare.unwrap().unwrap().id, document.as_str()), (None, "query bare { bare { __typename } }"));
    assert_eq!((ModeType::VALUES, NodeType::VALUES, BareType::VALUES.len()), (&["Thing"][..], &["Thing"][..], 0));
}

#[test]
fn a_type_called_like_a_root_type_is_a_type() {
    let (query, document) = sent(json!({"query_type": {"a": 1}}), Client::query_type);
    assert_eq!((query.unwrap().unwrap().a, document.as_str()), (Some(1), "query query_type { query_type { a } }"));
    let _: Option<Mutation_> = sent(json!({"mutation_type": {"b": null}}), Client::mutation_type).0.unwrap();
    let create = root_fields().into_iter().find(|root| root.name == "create").unwrap();
    assert_eq!(create.operation, OperationType::Mutation);
}
