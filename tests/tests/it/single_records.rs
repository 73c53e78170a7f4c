//! The rules for fetching one record by its id.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::in_memory;
use serde_json::{Value, json};
use xurrent::{ErrorKind, Id, MemoryTransport, Organization, Person, Request};

/// The answer of the engine with `node` changed.
fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> MemoryTransport {
    MemoryTransport::new(move |request| {
        let mut answer = in_memory::answer(request);
        change(&mut answer["data"]["node"]);
        answer
    })
}

#[tokio::test]
async fn a_record_is_fetched_through_node_with_a_fragment_on_its_type() {
    let (transport, client) = in_memory::engine();
    let id = xurrent_sandbox::node_id("Person", 3);
    let person = client.node::<Person>(id.as_str()).await.unwrap().unwrap();
    assert_eq!(person.id.as_str(), id);
    let request = &transport.requests()[0];
    assert!(request.document.contains("node(id: $id)") && request.document.contains("... on Person {"));
    assert!(request.document.contains("$id: ID!") && !request.document.contains(&id), "{}", request.document);
    assert_eq!(request.variables, json!({ "id": id }));
}

#[tokio::test]
async fn an_empty_id_is_rejected_before_sending() {
    let (transport, client) = in_memory::engine();
    for id in ["", " ", "\n"] {
        let error = client.node::<Organization>(id).await.unwrap_err();
        assert!(error.is_configuration());
        assert!(error.to_string().contains("a blank id names no Organization"), "{error}");
    }
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_id_is_none() {
    let (_transport, client) = in_memory::engine();
    for id in
        [Id::new(xurrent_sandbox::node_id("Person", 1_000_000)), Id::from("never an id"), Id::from("🦀")]
    {
        assert!(client.node::<Person>(id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_id_is_sent_unchanged() {
    let (transport, client) = in_memory::engine();
    for id in ["a+b/c", "a-b_c", "padded==", "é"] {
        client.node::<Person>(id).await.unwrap();
        assert_eq!(transport.requests().last().unwrap().variables["id"], id);
    }
}

#[tokio::test]
async fn the_id_of_a_record_of_another_type_is_an_error_that_names_both() {
    let (_transport, client) = in_memory::engine();
    let id = xurrent_sandbox::node_id("Person", 3);
    let error = client.node::<Request>(id.as_str()).await.unwrap_err();
    assert!(error.is_wrong_type());
    assert!(error.to_string().contains("is the id of a Person, not of a Request"), "{error}");
}

#[tokio::test]
async fn a_record_without_its_type_name_is_an_error() {
    let transport = changed(|node| {
        node.as_object_mut().unwrap().remove("__typename");
    });
    let id = xurrent_sandbox::node_id("Person", 3);
    let error = in_memory::client(&transport).node::<Person>(id.as_str()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("node.__typename: the field is missing"), "{error}");
}

#[tokio::test]
async fn a_reference_without_its_type_name_is_an_error_and_one_of_an_unknown_type_is_kept() {
    let archive = |typename: Value| {
        let transport = MemoryTransport::new(move |request| {
            let mut answer = in_memory::answer(request);
            for node in answer["data"]["archive"]["nodes"].as_array_mut().unwrap() {
                if typename.is_null() {
                    node["archived"].as_object_mut().map(|archived| archived.remove("__typename"));
                } else if node["archived"].is_object() {
                    node["archived"]["__typename"] = typename.clone();
                }
            }
            answer
        });
        in_memory::client(&transport)
    };
    let error = archive(Value::Null).archive().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("__typename: the field is missing"), "{error}");
    let elements = archive(json!("Spaceship")).archive().all().await.unwrap();
    let archived: Vec<_> = elements.into_iter().filter_map(|element| element.archived).collect();
    assert!(!archived.is_empty());
    for record in archived {
        assert_eq!(record.typename, xurrent::HasLifeCycleStateType::Unrecognized("Spaceship".to_owned()));
        assert!(record.id.is_some());
    }
}
