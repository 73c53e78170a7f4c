//! A server may describe its lists of values as custom scalars or as enums: the same SDK works.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::{client, with};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xurrent::{
    Client, ErrorKind, OpenEnum, Person, PersonOrder, PersonOrderField, PersonUpdateInput, PersonView,
    Request, RequestCategory, RequestCreateInput, RequestFilter, RequestImpact, RequestOrder,
    RequestOrderField, RequestStatus, RequestUpdateInput, RequestView, WebhookEvent,
};
use xurrent_generator::Config;
use xurrent_sandbox::Sandbox;

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn overrides() -> Config {
    Config::from_toml(&read("schema.overrides.toml")).unwrap()
}

async fn enums() -> (Sandbox, Client) {
    with(|it| it.value_lists_as_enums(true)).await
}

/// One of each.
async fn both() -> [(Sandbox, Client); 2] {
    [client().await, enums().await]
}

#[tokio::test]
async fn the_two_schemas_differ() {
    let [(_one, scalars), (_other, enums)] = both().await;
    let kinds = async |client: Client| -> BTreeMap<String, String> {
        let data: Value =
            client.raw("{ __schema { types { kind name } } }", ()).await.unwrap().parse().unwrap();
        let types = data["__schema"]["types"].as_array().unwrap();
        let text = |ty: &Value, key: &str| ty[key].as_str().unwrap().to_owned();
        types.iter().map(|ty| (text(ty, "name"), text(ty, "kind"))).collect()
    };
    let (scalars, enums) = (kinds(scalars).await, kinds(enums).await);
    for (list, values) in overrides().values {
        // A value such as `12.5` or `request.create` is no name in GraphQL.
        let are_names =
            values.iter().all(|value| value.starts_with(char::is_alphabetic) && !value.contains('.'));
        assert_eq!(scalars[&list], "SCALAR", "{list}");
        assert_eq!(enums[&list] == "ENUM", are_names, "{list}");
    }
    // Views and orders are arguments of the API itself and are enums.
    assert_eq!((scalars["PersonView"].as_str(), scalars["PersonOrderField"].as_str()), ("ENUM", "ENUM"));
}

#[test]
fn the_events_are_those_of_the_overrides() {
    let mut expected = overrides().values["WebhookEvent"].clone();
    expected.sort();
    assert_eq!(WebhookEvent::VALUES, expected);
}

#[tokio::test]
async fn records_decode_to_the_same_values() {
    let [(_one, scalars), (_other, enums)] = both().await;
    let expected: Vec<Request> = enums.requests().view(RequestView::All).all().await.unwrap();
    let requests: Vec<Request> = scalars.requests().view(RequestView::All).all().await.unwrap();
    assert!(!requests.is_empty());
    assert_eq!(serde_json::to_value(&requests).unwrap(), serde_json::to_value(&expected).unwrap());
    for request in &requests {
        let status = request.status.as_ref().unwrap();
        assert!(!matches!(status, RequestStatus::Unrecognized(_)), "{status:?}");
    }
    let impacts = requests.iter().filter(|request| request.impact == Some(RequestImpact::Top)).count();
    assert!(impacts > 0 && impacts < requests.len());
    let people = |client: Client| async move {
        let order =
            [PersonOrder::desc(PersonOrderField::Name), PersonOrder::asc(PersonOrderField::CreatedAt)];
        let people: Vec<Person> = client.people().view(PersonView::All).order(order).all().await.unwrap();
        let values = people.into_iter().map(|person| (person.id, person.send_email_notifications));
        values.collect::<Vec<_>>()
    };
    assert_eq!(people(scalars).await, people(enums).await);
}

#[tokio::test]
async fn filters_views_and_orders_with_enums_select() {
    for (_sandbox, client) in both().await {
        let query = || client.requests().view(RequestView::All);
        let all = query().all().await.unwrap();
        let wanted = [RequestStatus::Completed, RequestStatus::Assigned];
        let chosen = query().filter(RequestFilter::new().status(wanted.clone())).all().await.unwrap();
        let is_wanted = |request: &&Request| wanted.contains(request.status.as_ref().unwrap());
        assert_eq!(chosen.len(), all.iter().filter(is_wanted).count());
        assert!(!chosen.is_empty() && chosen.len() < all.len());
        let others = query().filter(RequestFilter::new().status(xurrent::Filter::none_of(wanted.clone())));
        assert_eq!(usize::try_from(others.count().await.unwrap()).unwrap(), all.len() - chosen.len());

        let order = [RequestOrder::desc(RequestOrderField::CreatedAt)];
        let newest = query().order(order).first().await.unwrap().unwrap();
        let times = all.iter().filter_map(|request| request.created_at?.instant());
        assert_eq!(newest.created_at.unwrap().instant(), times.max());
        assert_ne!(newest.id, all[0].id);
        let current = client.requests().count().await.unwrap();
        let all_of_them = query().count().await.unwrap();
        assert!(current < all_of_them, "a view narrows: {current} of {all_of_them}");
    }
}

#[tokio::test]
async fn mutations_send_and_receive_enum_values() {
    for (sandbox, client) in both().await {
        let input = RequestCreateInput::new()
            .subject("Scalars")
            .category(RequestCategory::Incident)
            .impact(RequestImpact::High);
        let request = client.request_create(input).await.unwrap().request.unwrap();
        assert_eq!(request.category, Some(RequestCategory::Incident));
        assert_eq!(request.impact, Some(RequestImpact::High));
        let input = RequestUpdateInput::new(&request.id).status(RequestStatus::Completed).impact(None);
        let request = client.request_update(input).await.unwrap().request.unwrap();
        assert_eq!(request.status, Some(RequestStatus::Completed));
        assert_eq!(request.impact, None);
        let sent = sandbox.requests().last().unwrap().body.clone().unwrap();
        assert_eq!(
            sent["variables"]["input"],
            json!({ "id": request.id.as_str(), "status": "completed", "impact": null })
        );
        // A list of them, and one that is read from JSON.
        let me = client.me().await.unwrap().unwrap();
        let input: PersonUpdateInput =
            serde_json::from_value(json!({ "id": me.id, "sendEmailNotifications": "never" })).unwrap();
        let person = client.person_update(input).await.unwrap().person.unwrap();
        assert_eq!(person.send_email_notifications.unwrap().as_str(), "never");
    }
}

#[tokio::test]
async fn unknown_values_are_rejected_with_their_path() {
    let (_sandbox, client) = client().await;
    let id = client.requests().first().await.unwrap().unwrap().id;
    let before = client.requests().view(RequestView::All).all().await.unwrap();
    let document = "mutation($i: RequestUpdateInput!) { requestUpdate(input: $i) { request { status } } }";
    for wrong in [json!(5), json!(true), json!(["completed"]), json!({ "a": 1 }), json!("no_such"), json!("")]
    {
        let variables = json!({ "i": { "id": id, "subject": "changed", "status": wrong } });
        let error = client.raw(document, variables).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::GraphQl, "{wrong}");
        let text = error.to_string();
        assert!(text.contains("input.status: ") && text.contains("is not a valid RequestStatus"), "{text}");
    }
    // In the document itself it is the same, in the words that the server has for literals.
    let document = document.replace("($i: RequestUpdateInput!)", "");
    for wrong in ["no_such", "\"no_such\"", "5"] {
        let input = format!("{{ id: \"{id}\", subject: \"changed\", status: {wrong} }}");
        let error = client.raw(document.replace("$i", &input), ()).await.unwrap_err();
        let [told] = error.errors() else { panic!("{error}") };
        assert_eq!(told.path, ["mutation", "requestUpdate", "input", "status"]);
        let extensions: Value = told.extensions.as_ref().unwrap().parse().unwrap();
        let expected = json!({
            "code": "argumentLiteralsIncompatible", "typeName": "InputObject", "argumentName": "status",
        });
        assert_eq!(extensions, expected);
        assert!(
            error
                .to_string()
                .contains(&format!("an invalid value ({wrong}). Expected type 'RequestStatus'."))
        );
    }
    let typed = RequestUpdateInput::new(&id).status(RequestStatus::from("no_such"));
    assert_eq!(client.request_update(typed).await.unwrap_err().kind(), ErrorKind::GraphQl);
    let after = client.requests().view(RequestView::All).all().await.unwrap();
    assert_eq!(
        serde_json::to_value(after).unwrap(),
        serde_json::to_value(before).unwrap(),
        "nothing changed"
    );
}

#[tokio::test]
async fn a_later_version_with_enums_is_read_as_well() {
    let (_sandbox, client) = with(|it| it.schema_evolution(true).value_lists_as_enums(true)).await;
    let requests = client.requests().all().await.unwrap();
    let drifted = RequestStatus::from("evolved");
    let count = requests.iter().filter(|request| request.status.as_ref() == Some(&drifted)).count();
    assert!(count > 0 && count < requests.len());
    let filtered =
        client.requests().filter(RequestFilter::new().status(drifted.clone())).count().await.unwrap();
    assert_eq!(usize::try_from(filtered).unwrap(), count);
    let input = RequestUpdateInput::new(&requests[0].id).status(drifted.clone());
    assert_eq!(client.request_update(input).await.unwrap().request.unwrap().status, Some(drifted));
}
