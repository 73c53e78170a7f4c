//! Archiving, trashing and restoring records, against the sandbox over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, client, start, with};
use serde_json::json;
use xurrent::life_cycle::LifeCycle;
use xurrent::{
    Client, ConfigurationItem, ErrorKind, Id, LifeCycleState, Person, PersonFilter, PersonUpdateInput,
    PersonView, Problem, Request, RequestCreateInput, RequestFilter, RequestStatus, RequestUpdateInput,
    RequestView, RetryPolicy,
};
use xurrent_sandbox::{Fault, Sandbox, node_id};

async fn request(client: &Client, status: RequestStatus) -> Id {
    let created = client.request_create(RequestCreateInput::new().subject("Old")).await.unwrap();
    let id = created.request.unwrap().id;
    client.request_update(RequestUpdateInput::new(&id).status(status)).await.unwrap();
    id
}

async fn state(client: &Client, id: &Id) -> LifeCycleState {
    client.node::<Request>(id).await.unwrap().unwrap().life_cycle_state.unwrap()
}

/// The views that show a request, and how many entries the archive and the trash have for it.
fn places(sandbox: &Sandbox, id: &Id) -> (Vec<&'static str>, usize, usize) {
    let query = "query($id: [ID]) {
        current_account: requests(filter: { id: { values: $id } }) { totalCount }
        archive: requests(view: archive, filter: { id: { values: $id } }) { totalCount }
        trash: requests(view: trash, filter: { id: { values: $id } }) { totalCount }
        archived: archive(view: all, first: 100) { nodes { archived { ... on Request { id } } archivedBy { id } } }
        trashed: trash(view: all, first: 100) { nodes { trashed { ... on Request { id } } trashedBy { id } } } }";
    let response = sandbox.engine().execute(&json!({ "query": query, "variables": { "id": [id.as_str()] } }));
    let data = &response["data"];
    assert!(response["errors"].is_null(), "{response}");
    let views = ["current_account", "archive", "trash"];
    let views = views.into_iter().filter(|view| data[view]["totalCount"] == 1).collect();
    let entries = |list: &str| {
        let nodes = data[list]["nodes"].as_array().unwrap().iter();
        nodes.filter(|node| node[list]["id"] == id.as_str()).count()
    };
    (views, entries("archived"), entries("trashed"))
}

#[tokio::test]
async fn a_completed_request_is_archived_restored_and_trashed() {
    let (sandbox, client) = client().await;
    let id = request(&client, RequestStatus::Completed).await;
    client.record_archive::<Request>(&id).await.unwrap();
    assert_eq!(places(&sandbox, &id), (vec!["archive"], 1, 0));
    assert_eq!(state(&client, &id).await, LifeCycleState::Archived);
    let filter = || RequestFilter::new().id(&id);
    let archived = client.requests().view(RequestView::Archive).filter(filter()).first().await.unwrap();
    assert_eq!(archived.map(|it| it.id), Some(id.clone()));

    client.record_restore::<Request>(&id).await.unwrap();
    assert_eq!(places(&sandbox, &id), (vec!["current_account"], 0, 0));
    client.record_trash::<Request>(&id).await.unwrap();
    assert_eq!(places(&sandbox, &id), (vec!["trash"], 0, 1));
    assert_eq!(state(&client, &id).await, LifeCycleState::Trashed);
    client.record_restore::<Request>(&id).await.unwrap();
    assert_eq!(places(&sandbox, &id), (vec!["current_account"], 0, 0));
}

#[tokio::test]
async fn records_in_use_and_unknown_ones_are_refused_with_the_reason() {
    let (sandbox, client) = client().await;
    let open = request(&client, RequestStatus::Assigned).await;
    let error = client.record_archive::<Request>(&open).await.unwrap_err();
    assert_eq!(error.status(), Some(422), "{error}");
    assert!(error.to_string().contains("The record is not completed"), "{error}");
    let error = client.record_restore::<Request>(&open).await.unwrap_err();
    assert!(error.to_string().contains("neither archived nor trashed"), "{error}");
    assert_eq!(places(&sandbox, &open), (vec!["current_account"], 0, 0));

    for (id, what) in
        [(node_id("Request", 9_999), "unknown"), (node_id("Problem", 1), "a problem"), ("?".into(), "no id")]
    {
        let error = client.record_trash::<Request>(&id.into()).await.unwrap_err();
        assert_eq!(error.status(), Some(404), "{what}: {error}");
    }
    let before = sandbox.requests().len();
    for id in ["", " ", ".", ".."] {
        let error = client.record_archive::<Person>(&id.into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }
    assert_eq!(sandbox.requests().len(), before, "nothing is sent");
    let (_sandbox, reader) = with(|it| it.scopes(["request:Read"])).await;
    let error = reader.record_archive::<Request>(&node_id("Request", 1).into()).await.unwrap_err();
    assert!(error.is_unauthorized() && error.to_string().contains("request:Update"), "{error}");
}

#[tokio::test]
async fn each_record_has_the_path_of_its_documentation() {
    async fn path<R: LifeCycle>(sandbox: &Sandbox, client: &Client, type_name: &str) -> String {
        let id = Id::from(node_id(type_name, 1));
        let _ = client.record_archive::<R>(&id).await;
        sandbox.requests().last().unwrap().path.replace(id.as_str(), "ID")
    }
    let (sandbox, client) = client().await;
    assert_eq!(path::<ConfigurationItem>(&sandbox, &client, "ConfigurationItem").await, "/v1/cis/ID/archive");
    assert_eq!(path::<Person>(&sandbox, &client, "Person").await, "/v1/people/ID/archive");
    assert_eq!(path::<Problem>(&sandbox, &client, "Problem").await, "/v1/problems/ID/archive");
    assert_eq!(path::<xurrent::Project>(&sandbox, &client, "Project").await, "/v1/projects/ID/archive");
    assert_eq!(path::<xurrent::Release>(&sandbox, &client, "Release").await, "/v1/releases/ID/archive");
    assert_eq!(
        path::<xurrent::TimeEntry>(&sandbox, &client, "TimeEntry").await,
        "/v1/time_entries/ID/archive"
    );
    assert_eq!(path::<xurrent::Workflow>(&sandbox, &client, "Workflow").await, "/v1/workflows/ID/archive");

    let person = client.people().filter(PersonFilter::new().disabled(false)).first().await.unwrap().unwrap();
    let error = client.record_archive::<Person>(&person.id).await.unwrap_err();
    assert!(error.to_string().contains("The record is not disabled"), "{error}");
    client.person_update(PersonUpdateInput::new(&person.id).disabled(true)).await.unwrap();
    client.record_archive::<Person>(&person.id).await.unwrap();
    let archived = client.people().view(PersonView::Archive).filter(PersonFilter::new().id(&person.id));
    assert_eq!(archived.count().await.unwrap(), 1);
}

/// On doubt nothing is sent again: somebody may have restored the record in between.
#[tokio::test]
async fn a_transition_is_sent_again_only_when_it_was_certainly_not_executed() {
    let sandbox = start(|sandbox| sandbox).await;
    let policy = RetryPolicy::new().max_attempts(4);
    let client = builder(&sandbox).retry(policy).build().unwrap();
    for (fault, sent, executed) in [
        (Fault::status(429).header("retry-after", "1"), 2, true),
        (Fault::status(503), 1, false),
        (Fault::status(502), 1, false),
        (Fault::cut_before(), 1, false),
        (Fault::cut_after(), 1, true),
        (Fault::cut_body(), 1, true),
    ] {
        let id = request(&client, RequestStatus::Completed).await;
        let before = sandbox.requests().len();
        let what = format!("{fault:?}");
        sandbox.faults([fault.on_rest()]);
        let result = client.record_archive::<Request>(&id).await;
        let requests = sandbox.requests().split_off(before);
        assert_eq!(requests.iter().filter(|it| it.path.ends_with("/archive")).count(), sent, "{what}");
        assert_eq!(result.is_ok(), sent == 2, "{what}");
        if let Err(error) = result {
            assert!(!error.is_not_executed(), "{what}: {error}");
        }
        assert_eq!(state(&client, &id).await == LifeCycleState::Archived, executed, "{what}");
    }
}
