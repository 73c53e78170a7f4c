//! A program that was built for one schema, at a server of a later one that is not an extension of it: what the
//! program does not use works, and what it uses fails with an error that names it.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{schema, with};
use serde_json::{Value, json};
use xurrent::{
    Client, Error, ErrorKind, NoteCreateInput, ProductView, Select, SiteCreateInput, SiteUpdateInput,
    TeamView,
};
use xurrent_sandbox::Sandbox;

#[derive(Debug, Select)]
#[select(on = Team)]
struct TeamLine {
    name: Option<String>,
}

/// A sandbox of an edited schema, and a client of the original one.
async fn edited(edit: impl FnOnce(&mut Value)) -> (Sandbox, Client) {
    let mut schema: Value = serde_json::from_str(&schema()).unwrap();
    edit(&mut schema);
    with(|sandbox| sandbox.schema_json(schema.to_string())).await
}

/// The item of this name in a list.
fn named<'a>(list: &'a mut Value, name: &str) -> &'a mut Value {
    list.as_array_mut().unwrap().iter_mut().find(|it| it["name"] == name).unwrap()
}

fn type_of<'a>(schema: &'a mut Value, name: &str) -> &'a mut Value {
    named(&mut schema["data"]["__schema"]["types"], name)
}

fn remove(list: &mut Value, name: &str) {
    let list = list.as_array_mut().unwrap();
    let before = list.len();
    list.retain(|it| it["name"] != name);
    assert_eq!(list.len() + 1, before, "{name}");
}

/// The server refuses the whole document, with a message that names this.
fn assert_refused(error: &Error, name: &str) {
    assert_eq!(error.kind(), ErrorKind::GraphQl, "{error}");
    assert!(error.to_string().contains(name), "{error}");
}

#[tokio::test]
async fn what_a_server_removed_is_refused_by_its_name_and_the_rest_works() {
    let (_sandbox, client) = edited(|schema| {
        remove(&mut type_of(schema, "Team")["fields"], "remarks");
        remove(&mut named(&mut type_of(schema, "Query")["fields"], "products")["args"], "view");
        remove(&mut type_of(schema, "TeamView")["enumValues"], "managed_by_me");
    })
    .await;

    assert_refused(&client.teams().all().await.unwrap_err(), "remarks");
    let lines = client.teams().select::<TeamLine>().all().await.unwrap();
    assert!(lines.iter().any(|line| line.name.is_some()));

    assert_refused(&client.products().view(ProductView::All).all().await.unwrap_err(), "view");
    client.products().all().await.unwrap();

    let teams = || client.teams().select::<TeamLine>();
    assert_refused(&teams().view(TeamView::ManagedByMe).all().await.unwrap_err(), "managed_by_me");
    teams().view(TeamView::All).all().await.unwrap();
}

#[tokio::test]
async fn a_mutation_without_what_a_server_requires_is_refused_and_changes_nothing() {
    let (_sandbox, client) = edited(|schema| {
        let ty = json!({"kind": "NON_NULL", "name": null, "ofType": {"kind": "SCALAR", "name": "String", "ofType": null}});
        let required = json!({"name": "regionCode", "description": null, "type": ty, "defaultValue": null});
        type_of(schema, "SiteCreateInput")["inputFields"].as_array_mut().unwrap().push(required);
    })
    .await;
    let sites = client.sites().all().await.unwrap();
    let error = client.site_create(SiteCreateInput::new("North")).await.unwrap_err();
    assert_refused(&error, "regionCode");
    assert_eq!(usize::try_from(client.sites().count().await.unwrap()).unwrap(), sites.len());
    let update = SiteUpdateInput::new(&sites[0].id).name("South");
    assert_eq!(client.site_update(update).await.unwrap().site.unwrap().name.as_deref(), Some("South"));
}

#[tokio::test]
async fn an_input_type_that_a_server_renamed_is_refused() {
    let (_sandbox, client) = edited(|schema| {
        let text = schema.to_string().replace("\"NoteCreateInput\"", "\"NoteAddInput\"");
        *schema = serde_json::from_str(&text).unwrap();
    })
    .await;
    let request = client.requests().first().await.unwrap().unwrap();
    let error = client.note_create(NoteCreateInput::new(&request.id, "Hello")).await.unwrap_err();
    assert_refused(&error, "NoteCreateInput");
}

#[tokio::test]
async fn another_default_means_something_else_without_an_error() {
    let count = |view: &'static str| async move {
        let (_sandbox, client) = edited(|schema| {
            let field = named(&mut type_of(schema, "Query")["fields"], "requests");
            named(&mut field["args"], "view")["defaultValue"] = view.into();
        })
        .await;
        client.requests().count().await.unwrap()
    };
    let (before, after) = (count("current_account").await, count("assigned_to_me").await);
    assert!(before > after, "{before} {after}");
}

#[tokio::test]
async fn stricter_results_and_deprecations_change_nothing() {
    let (_sandbox, client) = edited(|schema| {
        let name = named(&mut type_of(schema, "Team")["fields"], "name");
        name["type"] = json!({"kind": "NON_NULL", "name": null, "ofType": name["type"].clone()});
        let remarks = named(&mut type_of(schema, "Team")["fields"], "remarks");
        (remarks["isDeprecated"], remarks["deprecationReason"]) = (true.into(), "Use notes.".into());
    })
    .await;
    let teams = client.teams().all().await.unwrap();
    assert!(teams.iter().all(|team| team.name.is_some()));
}
