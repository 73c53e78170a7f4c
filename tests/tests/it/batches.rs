//! Several calls in one request.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed;
use crate::sandboxed::client;
use serde_json::json;
use xurrent::{
    Client, ErrorKind, MemoryTransport, NoteCreateInput, Person, PersonFilter, PersonView,
    RequestUpdateInput, Select,
};
use xurrent_sandbox::node_id;

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct Named {
    id: xurrent::Id,
    name: Option<String>,
}

#[tokio::test]
async fn queries_of_every_kind_in_one_request() {
    let (sandbox, client) = client().await;
    let enabled = || client.people().view(PersonView::All).filter(PersonFilter::new().disabled(false));
    let disabled = || client.people().view(PersonView::All).filter(PersonFilter::new().disabled(true));
    let batch = (
        client.me(),
        enabled().select::<Named>().limit(3),
        disabled().page_size(2),
        client.node::<Person>(node_id("Person", 1)),
        client.node::<Named>(node_id("Person", 987_654)),
        client.me().select::<Named>(),
    );
    let (me, enabled_people, disabled_people, one, none, named) = client.batch(batch).await.unwrap();
    assert_eq!(sandbox.requests().len(), 1);

    let me = me.unwrap().unwrap();
    assert_eq!(me.id, client.me().await.unwrap().unwrap().id);
    assert_eq!(named.unwrap().unwrap(), Named { id: me.id, name: me.name });
    let page = enabled_people.unwrap();
    assert_eq!(page.nodes, enabled().select::<Named>().limit(3).all().await.unwrap());
    let rest = enabled().select::<Named>().after(page.end_cursor.unwrap()).limit(1).all().await.unwrap();
    assert_eq!(rest[0], enabled().select::<Named>().limit(4).all().await.unwrap()[3]);
    let ids = |people: Vec<Person>| people.into_iter().map(|person| person.id).collect::<Vec<_>>();
    assert_eq!(ids(disabled_people.unwrap().nodes), ids(disabled().limit(2).all().await.unwrap()));
    assert_eq!(one.unwrap().unwrap().id.as_str(), node_id("Person", 1));
    assert!(none.unwrap().is_none());
}

#[derive(Debug, Select)]
#[select(on = Node)]
struct Any {
    id: xurrent::Id,
    #[select(rename = "__typename")]
    kind: String,
}

#[derive(Debug, Select)]
#[select(on = Node)]
struct OnlyId {
    id: xurrent::Id,
}

#[tokio::test]
async fn records_of_any_type_by_the_fields_of_node() {
    let (_sandbox, client) = client().await;
    let (person, team, none) = client
        .batch((
            client.node::<Any>(node_id("Person", 1)),
            client.node::<OnlyId>(node_id("Team", 1)),
            client.node::<OnlyId>(node_id("Team", 987_654)),
        ))
        .await
        .unwrap();
    let person = person.unwrap().unwrap();
    assert_eq!((person.id.as_str(), person.kind.as_str()), (&*node_id("Person", 1), "Person"));
    assert_eq!(team.unwrap().unwrap().id.as_str(), node_id("Team", 1));
    assert!(none.unwrap().is_none());
    assert_eq!(
        client.node::<OnlyId>(node_id("Site", 1)).await.unwrap().unwrap().id.as_str(),
        node_id("Site", 1)
    );
}

#[tokio::test]
async fn an_error_of_one_call_is_in_its_result() {
    let (_sandbox, client) = client().await;
    let wrong = client.node::<Person>(node_id("Team", 1));
    let (wrong, me) = client.batch((wrong, client.me())).await.unwrap();
    assert!(wrong.unwrap_err().is_wrong_type());
    assert!(me.unwrap().is_some());
}

#[tokio::test]
async fn each_mutation_succeeds_or_fails_on_its_own() {
    let (sandbox, client) = client().await;
    let id = node_id("Request", 1);
    let blank = client.request_update(RequestUpdateInput::new(&*id).subject(" "));
    let note = client.note_create(NoteCreateInput::new(&*id, "From a batch"));
    let renamed = client.request_update(RequestUpdateInput::new(&*id).subject("Renamed"));
    let (blank, note, renamed) = client.batch((blank, note, renamed)).await.unwrap();
    assert_eq!(sandbox.requests().len(), 1);
    let error = blank.unwrap_err();
    assert!(error.is_payload(), "{error}");
    assert!(error.to_string().starts_with("`requestUpdate` failed: subject"), "{error}");
    assert!(error.request_id().is_some());
    assert_eq!(note.unwrap().note.unwrap().text.as_deref(), Some("From a batch"));
    assert_eq!(renamed.unwrap().request.unwrap().subject.as_deref(), Some("Renamed"));
}

#[tokio::test]
async fn any_number_of_calls_of_one_type() {
    let (sandbox, client) = client().await;
    let calls = (1..=30_u64).map(|number| client.node::<Named>(node_id("Person", number)));
    let people = client.batch(calls.collect::<Vec<_>>()).await.unwrap();
    assert_eq!(people.len(), 30);
    for (number, person) in (1..).zip(people) {
        assert_eq!(person.unwrap().unwrap().id.as_str(), node_id("Person", number));
    }
    let none = client.batch(Vec::<xurrent::NodeQuery<Named>>::new()).await.unwrap();
    assert!(none.is_empty());
    assert_eq!(sandbox.requests().len(), 1, "an empty batch sends nothing");
}

#[tokio::test]
async fn invalid_calls_are_rejected_before_sending() {
    #[derive(Debug, Select)]
    #[select(on = Request)]
    #[allow(dead_code, reason = "never fetched")]
    struct Large {
        #[select(first = 100)]
        notes: Vec<Noted>,
    }
    #[derive(Debug, Select)]
    #[select(on = Note)]
    #[allow(dead_code, reason = "never fetched")]
    struct Noted {
        #[select(first = 30)]
        note_reactions: Vec<xurrent::NoteReaction>,
    }
    let (sandbox, client) = client().await;
    let large = || client.requests().select::<Large>().page_size(100);
    let error = client.batch((large(), large())).await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("620200 nodes together"), "{error}");
    let error = client.batch((client.me(), client.node::<Person>(" "))).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let error = client.batch((client.me(), client.people().page_size(101))).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let error = client.batch((client.me(), client.people().limit(0))).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(sandbox.requests().is_empty());
    let (_other_sandbox, other) = sandboxed::client().await;
    let error = client.batch((client.me(), other.me())).await.unwrap_err();
    assert!(error.to_string().contains("of the client that sends it"), "{error}");
    assert!(sandbox.requests().is_empty());
}

/// A client whose server answers with the given JSON.
fn answering(answer: serde_json::Value) -> Client {
    let transport = MemoryTransport::new(move |_| answer.clone());
    Client::builder().account("wdc").personal_access_token("token").transport(transport).build().unwrap()
}

#[tokio::test]
async fn errors_are_assigned_to_calls_by_path() {
    let client = answering(json!({
        "data": { "b0": null, "b1": { "id": "1", "name": "Ann" } },
        "errors": [{ "message": "not now", "path": ["b0", "name"] }],
    }));
    let (first, second) =
        client.batch((client.me().select::<Named>(), client.me().select::<Named>())).await.unwrap();
    let error = first.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert_eq!(error.errors()[0].path, ["me", "name"]);
    assert_eq!(second.unwrap().unwrap().name.as_deref(), Some("Ann"));
}

#[tokio::test]
async fn a_part_without_data_and_errors_fails_with_the_errors_of_the_others() {
    let client = answering(json!({
        "data": null, "errors": [{ "message": "too much", "path": ["b1"] }],
    }));
    let (first, second) = client.batch((client.me(), client.me())).await.unwrap();
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::GraphQl);
        assert!(error.to_string().contains("too much"), "{error}");
    }
}

#[tokio::test]
async fn errors_without_a_path_belong_to_the_whole_batch() {
    let client = answering(json!({
        "data": { "b0": null, "b1": null },
        "errors": [{ "message": "slow", "path": ["b0"] }, { "message": "Missing required scope(s): people:Read" }],
    }));
    let error = client.batch((client.me(), client.me())).await.unwrap_err();
    assert_eq!(error.missing_scopes(), ["people:Read"]);
    assert_eq!(error.errors().len(), 2);
}

#[tokio::test]
async fn a_missing_or_wrong_part_of_a_response_is_an_error_of_that_part() {
    let client = answering(json!({ "data": { "b0": { "id": 1, "name": null } } }));
    let (first, second) =
        client.batch((client.me().select::<Named>(), client.me().select::<Named>())).await.unwrap();
    let error = first.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("me.id"), "{error}");
    assert_eq!(second.unwrap_err().kind(), ErrorKind::Decode);
}
