//! Calls and queries are cloned: each clone is a request of its own.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::in_memory;
use serde_json::json;
use xurrent::connection::CompleteQuery;
use xurrent::operation::{OperationCall, RawQuery};
use xurrent::{
    ConnectionQuery, Id, MemoryTransport, Mutation, NodeQuery, PeopleQuery, Person, PersonCreateInput,
    PersonFilter, PersonView, Query, Select,
};

#[derive(Select)]
#[select(on = Query)]
struct Me {
    #[allow(dead_code)]
    me: Option<Person>,
}

#[derive(Select)]
#[select(on = Person)]
struct Created {
    id: Id,
}

/// `T` needs no `Clone`.
struct Uncloneable;

#[test]
fn every_call_is_clone_and_send_whatever_it_returns() {
    fn is_clone<T: Clone + Send>() {}
    is_clone::<ConnectionQuery<PeopleQuery, Uncloneable>>();
    is_clone::<CompleteQuery<Uncloneable>>();
    is_clone::<Query<Uncloneable>>();
    is_clone::<Mutation<Uncloneable>>();
    is_clone::<NodeQuery<Uncloneable>>();
    is_clone::<OperationCall<Uncloneable>>();
    is_clone::<RawQuery>();
}

#[tokio::test]
async fn a_query_is_counted_and_streamed() {
    let (transport, client) = in_memory::engine();
    let people =
        client.people().view(PersonView::All).filter(PersonFilter::new().disabled(false)).page_size(50);
    let total = people.clone().count().await.unwrap();
    let (all, first) = tokio::join!(people.clone().all(), people.clone().first());
    let all = all.unwrap();
    assert_eq!(i64::try_from(all.len()).unwrap(), total);
    assert_eq!(all[0].id, first.unwrap().unwrap().id);
    let filter = json!({ "disabled": false });
    assert!(transport.requests().iter().all(|request| request.variables["filter"] == filter));
    // Options of a clone are its own.
    assert_eq!(people.clone().limit(3).all().await.unwrap().len(), 3);
    assert_eq!(people.all().await.unwrap().len(), all.len());
}

#[tokio::test]
async fn each_clone_of_a_call_is_sent_once() {
    let (transport, client) = in_memory::engine();
    let me = client.me();
    assert_eq!(me.clone().await.unwrap().unwrap().id, me.await.unwrap().unwrap().id);
    let person = client.people().first().await.unwrap().unwrap();
    let node = client.node::<Person>(&person.id);
    assert_eq!(node.clone().await.unwrap().unwrap().id, node.await.unwrap().unwrap().id);
    let raw = client.raw("{ me { id } }", json!({}));
    assert_eq!(raw.clone().await.unwrap().to_string(), raw.await.unwrap().to_string());
    let operation = client.query::<Me>(());
    assert!(operation.clone().await.unwrap().me.is_some() && operation.await.unwrap().me.is_some());
    assert_eq!(transport.requests().len(), 9);
}

#[tokio::test]
async fn variables_that_cannot_be_serialized_fail_in_each_clone() {
    let (transport, client) = in_memory::engine();
    let raw = client.raw("{ me { id } }", std::collections::HashMap::from([(vec![1], 1)]));
    let (first, second) = (raw.clone().await.unwrap_err(), raw.await.unwrap_err());
    assert_eq!(first.to_string(), second.to_string());
    assert!(first.to_string().contains("key must be a string"), "{first}");
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn an_unsent_clone_of_a_mutation_changes_nothing() {
    let transport = MemoryTransport::new(
        |_| json!({ "data": { "personCreate": { "sdk_errors": [], "person": { "id": "1" } } } }),
    );
    let client = in_memory::client(&transport);
    let create = client.person_create(PersonCreateInput::new("A", "a@example.com")).record::<Created>();
    drop(create.clone());
    assert_eq!(create.await.unwrap().id, Id::from("1"));
    assert_eq!(transport.requests().len(), 1);
}
