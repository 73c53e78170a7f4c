//! Records by their ids, where neither the query nor its argument nor the id has its usual name.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;

/// A client to which the server says this, whatever it is asked.
fn client(data: Value) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = Client::builder().personal_access_token("token-of-a-test");
    (builder.transport(transport.clone()).build().unwrap(), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

fn city() -> Value {
    json!({
        "__typename": "City", "id": 7, "key": "c1", "name": "Delft", "mayor": {"id": "p1"}, "twins": [{"id": "c2"}],
        "place": {"__typename": "Region"}, "any": {"__typename": "Person", "id": "p1"},
    })
}

#[test]
fn a_record_is_fetched_by_its_key() {
    let (client, transport) = client(json!({"thing": city()}));
    let city = run(client.node::<City>(Id::new("c1"))).unwrap().unwrap();
    assert_eq!((city.id, city.key.as_str()), (7, "c1"));
    assert_eq!(city.any.unwrap().id, Some(Id::new("p1")));
    let requests = transport.requests();
    let document = &requests[0].document;
    assert!(document.starts_with("query thing($key: String!) { thing(key: $key) { __typename ... on City { "), "{document}");
    assert!(document.contains("mayor { id: key }") && document.contains("twins { id: key }"), "{document}");
    assert!(document.contains("any { __typename ... on Thing { id: key } }"), "{document}");
    assert!(document.contains("place { __typename ... on Thing { id: key } }"), "{document}");
    assert_eq!(requests[0].variables, json!({"key": "c1"}));
}

#[test]
fn a_reference_is_followed_by_the_key_and_other_types_are_refused() {
    let (client, transport) = client(json!({"thing": city()}));
    let error = run(client.get(&Ref::<Person>::new("p1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongType);
    assert_eq!(transport.requests()[0].variables, json!({"key": "p1"}));
    let error = run(client.node::<Person>(Id::new(" "))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn a_type_without_a_lookup_has_references_by_its_own_id() {
    let region = json!({"region": {"id": "r1", "capital": {"id": "c1"}}});
    let (client, transport) = client(region);
    let region = run(client.region()).unwrap().unwrap();
    assert_eq!(region.capital.unwrap(), Ref::new("c1"));
    assert!(transport.requests()[0].document.contains("capital { id: key } id"));
}

#[test]
fn batches_fetch_by_the_key() {
    let (client, transport) = client(json!({"b0": city(), "b1": null}));
    let calls = (client.node::<City>(Id::new("c1")), client.node::<Person>(Id::new("p9")));
    let (city, person) = run(client.batch(calls)).unwrap();
    assert_eq!(city.unwrap().unwrap().name, "Delft");
    assert!(person.unwrap().is_none());
    let document = &transport.requests()[0].document;
    assert!(document.contains("$b0_key: String!") && document.contains("b1: thing(key: $b1_key)"), "{document}");
}
