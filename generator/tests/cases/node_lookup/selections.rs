//! Derived selections on records with a key, in a crate that uses the generated one.

use case_node_lookup::{Client, Id, MemoryTransport, Ref, Select};
use serde_json::{Value, json};
use std::future::IntoFuture;

#[derive(Debug, Select)]
#[select(on = City, crate = case_node_lookup)]
struct Streets {
    mayor: Option<Ref<case_node_lookup::Person>>,
    #[select(first = 1, all)]
    streets: Vec<Street>,
}

#[derive(Debug, Select)]
#[select(on = Street, crate = case_node_lookup)]
struct Street {
    name: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Thing, crate = case_node_lookup)]
struct Any {
    key: Id,
}

#[derive(Debug, Select)]
#[select(on = Place, crate = case_node_lookup)]
enum Where {
    City(Streets),
    #[select(other)]
    Other,
}

/// A client to which the server says these, one after the other.
fn client(answers: Vec<Value>) -> (Client, MemoryTransport) {
    let answers = std::sync::Mutex::new(answers.into_iter());
    let transport = MemoryTransport::new(move |_| json!({ "data": answers.lock().unwrap().next() }));
    let builder = Client::builder().personal_access_token("token-of-a-test");
    (builder.transport(transport.clone()).build().unwrap(), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

fn page(names: &[&str], cursor: Option<&str>) -> Value {
    let nodes: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({"nodes": nodes, "pageInfo": {"hasNextPage": cursor.is_some(), "endCursor": cursor}})
}

#[test]
fn remaining_pages_are_fetched_by_the_key_of_the_parent() {
    let first = json!({"mayor": {"id": "p1"}, "streets": page(&["a"], Some("1")), "sdk_id": "c1", "__typename": "City"});
    let rest = json!({"__typename": "City", "page": page(&["b", "c"], None)});
    let (client, transport) = client(vec![json!({"thing": first}), json!({"b0": rest})]);
    let city = run(client.node::<Streets>(Id::new("c1"))).unwrap().unwrap();
    assert_eq!(city.mayor.unwrap().id(), &Id::new("p1"));
    let names: Vec<_> = city.streets.iter().filter_map(|street| street.name.as_deref()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let requests = transport.requests();
    let document = &requests[0].document;
    assert!(document.contains("mayor { id: key }") && document.contains("... on Thing { sdk_id: key }"), "{document}");
    let document = &requests[1].document;
    assert!(document.contains("$b0_id: String!"), "{document}");
    assert!(document.contains("b0: thing(key: $b0_id) { __typename ... on City { page: streets("), "{document}");
    assert_eq!(requests[1].variables["b0_id"], "c1");
}

#[test]
fn a_selection_on_the_interface_takes_any_record() {
    let (client, transport) = client(vec![json!({"thing": {"key": "p1"}})]);
    assert_eq!(run(client.node::<Any>(Id::new("p1"))).unwrap().unwrap().key, Id::new("p1"));
    assert_eq!(transport.requests()[0].document, "query thing($key: String!) { thing(key: $key) { key } }");
}

#[test]
fn variants_follow_their_pages_too() {
    let first = json!({"__typename": "City", "City_mayor": null, "City_streets": page(&["a"], Some("1")), "sdk_id": "c1"});
    let rest = json!({"__typename": "City", "page": page(&["b"], None)});
    let (client, transport) = client(vec![json!({"places": [first, {"__typename": "Region"}]}), json!({"b0": rest})]);

    #[derive(Debug, Select)]
    #[select(on = Query, crate = case_node_lookup)]
    struct Places {
        places: Vec<Where>,
    }
    let places = run(client.query::<Places>(())).unwrap().places;
    let [Where::City(city), Where::Other] = &*places else { panic!("{places:?}") };
    assert_eq!((city.streets.len(), city.mayor.is_none()), (2, true));
    assert!(transport.requests()[1].document.contains("thing(key: $b0_id)"));
}
