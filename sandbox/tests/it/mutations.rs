//! Mutations: changes of the store, and validation errors.

use crate::schema::{engine, errors, run, with};
use serde_json::{Value, json};
use xurrent_sandbox::{Engine, Sandbox, node_id};

const CREATE: &str = "mutation($input: RequestCreateInput!) { requestCreate(input: $input) {
    clientMutationId errors { path message }
    request { id requestId subject status category createdAt updatedAt urgent
      requestedFor { id } team { id } member { id } completedAt
      customFields { id value } configurationItems { nodes { id requests { nodes { id } } } }
      notes { totalCount nodes { text internal person { id } } }
      watches { nodes { id person { id } } } tags { nodes { id name } }
      timeEntries { nodes { timeSpent assignment { __typename } } } } } }";

const UPDATE: &str = "mutation($input: RequestUpdateInput!) { requestUpdate(input: $input) {
    errors { path message }
    request { id subject status createdAt updatedAt team { id } member { id } impact
      customFields { id value } configurationItems { nodes { id } }
      notes { totalCount nodes { text } } watches { nodes { id } } } } }";

fn create(engine: &Engine, input: Value) -> Value {
    with(engine, CREATE, json!({ "input": input }))["requestCreate"].clone()
}

fn update(engine: &Engine, input: Value) -> Value {
    with(engine, UPDATE, json!({ "input": input }))["requestUpdate"].clone()
}

#[test]
fn a_created_request_can_be_queried() {
    let engine = engine();
    let total = run(&engine, "{ requests(view: all) { totalCount } }")["requests"]["totalCount"].clone();
    let payload = create(
        &engine,
        json!({
            "clientMutationId": "abc",
            "subject": "A \"new\" one",
            "requestedForId": node_id("Person", 9),
            "teamId": node_id("Team", 2),
            "note": "First line\nSecond line",
            "internalNote": "Only for us",
            "configurationItemIds": [node_id("ConfigurationItem", 3)],
            "customFields": [{ "id": "color", "value": ["red", null] }],
            "newWatches": [{ "personId": node_id("Person", 4) }],
            "newTags": [{ "name": "vip" }],
            "timeSpent": 15,
            "urgent": true,
        }),
    );
    assert_eq!(payload["clientMutationId"], "abc");
    assert_eq!(payload["errors"], json!([]));
    let request = &payload["request"];
    assert_eq!(request["id"], node_id("Request", 151));
    assert_eq!(request["requestId"], "70151");
    assert_eq!(request["subject"], "A \"new\" one");
    assert_eq!(request["status"], "assigned");
    assert_eq!(request["requestedFor"]["id"], node_id("Person", 9));
    assert_eq!(request["notes"]["totalCount"], 2);
    let notes = request["notes"]["nodes"].to_string();
    assert!(notes.contains("First line\\nSecond line") && notes.contains("Only for us"));
    assert_eq!(request["customFields"][0]["value"], json!(["red", null]));
    assert_eq!(request["watches"]["nodes"][0]["person"]["id"], node_id("Person", 4));
    assert_eq!(request["tags"]["nodes"][0]["name"], "vip");
    assert_eq!(request["timeEntries"]["nodes"][0]["timeSpent"], 15);
    assert_eq!(request["timeEntries"]["nodes"][0]["assignment"]["__typename"], "Request");
    let item = &request["configurationItems"]["nodes"][0];
    assert!(item["requests"]["nodes"].to_string().contains(&node_id("Request", 151)));

    let found = run(
        &engine,
        "{ requests(view: all, filter: { subject: { values: [\"A \\\"new\\\" one\"] } }) { totalCount nodes { id } } }",
    );
    assert_eq!(found["requests"]["nodes"][0]["id"], request["id"]);
    let after = run(&engine, "{ requests(view: all) { totalCount } }");
    assert_eq!(after["requests"]["totalCount"].as_i64(), total.as_i64().map(|total| total + 1));
}

#[test]
fn an_update_changes_only_the_given_fields() {
    let engine = engine();
    let id = node_id("Request", 5);
    let query = format!(
        "{{ node(id: \"{id}\") {{ ... on Request {{ subject status team {{ id }} member {{ id }} updatedAt createdAt impact customFields {{ id value }} notes {{ totalCount }} }} }} }}"
    );
    let before = run(&engine, &query)["node"].clone();
    let payload = update(
        &engine,
        json!({
            "id": id,
            "subject": "Changed",
            "memberId": null,
            "impact": "top",
            "customFields": [{ "id": "remark", "value": { "deep": 1 } }],
            "note": "One more",
        }),
    );
    let after = &payload["request"];
    assert_eq!(payload["errors"], json!([]));
    assert_eq!(after["subject"], "Changed");
    assert_eq!(after["member"], Value::Null);
    assert_eq!(after["impact"], "top");
    assert_eq!(after["team"], before["team"]);
    assert_eq!(after["status"], before["status"]);
    assert_eq!(after["createdAt"], before["createdAt"]);
    assert!(after["updatedAt"].as_str() > before["updatedAt"].as_str());
    let (old, new) = (&before["customFields"], &after["customFields"]);
    assert_eq!(old[0], new[0]);
    assert_eq!(new[4]["value"], json!({ "deep": 1 }));
    assert_eq!(after["notes"]["totalCount"].as_i64(), before["notes"]["totalCount"].as_i64().map(|n| n + 1));
    assert_eq!(run(&engine, &query)["node"]["subject"], "Changed");

    let again = update(&engine, json!({ "id": id, "urgent": true }));
    assert!(again["request"]["updatedAt"].as_str() > after["updatedAt"].as_str());
    assert_eq!(again["request"]["subject"], "Changed");
}

#[test]
fn lists_are_replaced_and_children_removed() {
    let engine = engine();
    let items = |numbers: &[u64]| -> Vec<String> {
        numbers.iter().map(|n| node_id("ConfigurationItem", *n)).collect()
    };
    let request = create(
        &engine,
        json!({
            "subject": "s",
            "configurationItemIds": items(&[1, 2]),
            "newWatches": [{ "personId": node_id("Person", 1) }, { "personId": node_id("Person", 2) }],
        }),
    )["request"]
        .clone();
    let watch = &request["watches"]["nodes"][0]["id"];
    let payload = update(
        &engine,
        json!({ "id": request["id"], "configurationItemIds": items(&[2, 3]), "watchesToDelete": [watch] }),
    );
    let after = &payload["request"];
    let found: Vec<&Value> =
        after["configurationItems"]["nodes"].as_array().unwrap().iter().map(|n| &n["id"]).collect();
    assert_eq!(json!(found), json!(items(&[2, 3])));
    assert_eq!(after["watches"]["nodes"].as_array().unwrap().len(), 1);
    let gone = format!("{{ node(id: {watch}) {{ id }} }}");
    assert_eq!(run(&engine, &gone)["node"], Value::Null);
    let first = node_id("ConfigurationItem", 1);
    let query = format!(
        "{{ node(id: \"{first}\") {{ ... on ConfigurationItem {{ requests {{ nodes {{ id }} }} }} }} }}"
    );
    let requests = run(&engine, &query)["node"]["requests"].to_string();
    assert!(!requests.contains(request["id"].as_str().unwrap()), "{requests}");
}

#[test]
fn invalid_input_returns_payload_errors_without_a_change() {
    let engine = engine();
    for (input, path, expected) in [
        (json!({}), json!(["subject"]), "Subject cannot be blank"),
        (json!({ "subject": "  " }), json!(["subject"]), "Subject cannot be blank"),
        (json!({ "subject": "s", "teamId": node_id("Team", 999) }), json!(["teamId"]), "Team not found"),
        (
            json!({ "subject": "s", "memberId": node_id("Team", 1) }),
            json!(["memberId"]),
            "memberId is the id of a Team, not of a Person",
        ),
        (
            json!({ "subject": "s", "configurationItemIds": ["nonsense"] }),
            json!(["configurationItemIds", "0"]),
            "Configuration item not found",
        ),
        (
            json!({ "subject": "s", "newWatches": [{ "personId": "x" }] }),
            json!(["newWatches", "0", "personId"]),
            "Person not found",
        ),
        (
            json!({ "subject": "s", "customFields": [{ "id": " ", "value": 1 }] }),
            json!(["customFields"]),
            "The id of a custom field cannot be blank",
        ),
    ] {
        let payload = create(&engine, input);
        assert_eq!(payload["request"], Value::Null);
        assert_eq!(payload["errors"], json!([{ "path": path, "message": expected }]));
    }
    let several = create(&engine, json!({ "subject": "", "teamId": "x" }));
    assert_eq!(several["errors"].as_array().unwrap().len(), 2);
    let missing = update(&engine, json!({ "id": node_id("Request", 999), "subject": "s" }));
    assert_eq!(missing["errors"][0]["path"], json!(["id"]));
    let total = run(
        &engine,
        "{ requests(view: all) { totalCount } notes: requests(first: 1) { nodes { notes { totalCount } } } }",
    );
    assert_eq!(total["requests"]["totalCount"], 150);
}

#[test]
fn wrong_types_are_refused_before_execution() {
    let engine = engine();
    let bad = |input: Value| {
        let response = engine.execute(&json!({ "query": CREATE, "variables": { "input": input } }));
        assert!(response["data"]["requestCreate"].is_null(), "{response}");
        errors(&response).join("\n")
    };
    assert!(bad(json!({ "subject": 5 })).contains("String"));
    assert!(bad(json!({ "subject": "s", "status": "nope" })).contains("RequestStatus"));
    assert!(bad(json!({ "subject": "s", "colour": "red" })).contains("RequestCreateInput"));
    assert!(bad(json!({ "subject": "s", "waitingUntil": "tomorrow" })).contains("ISO8601Timestamp"));
}

#[test]
fn people_are_created_and_updated() {
    let engine = engine();
    let query = "mutation($input: PersonCreateInput!) { personCreate(input: $input) { errors { path message }
        person { id name disabled costPerHour teams { nodes { id members { nodes { id } } } }
          permissions { nodes { roles account { id } } } contacts { nodes { uri } } organization { id people(last: 1) { nodes { id } } } } } }";
    let data = with(
        &engine,
        query,
        json!({ "input": {
            "name": "Žofie", "primaryEmail": "zofie@wdc.example", "costPerHour": "80.75",
            "organizationId": node_id("Organization", 2), "teamIds": [node_id("Team", 1)],
            "newContacts": [{ "uri": "tel:+1" }],
            "permissions": [{ "accountId": node_id("Account", 1), "roles": ["specialist"] }],
        } }),
    );
    let person = &data["personCreate"]["person"];
    assert_eq!(person["id"], node_id("Person", 121), "{data}");
    assert_eq!(person["disabled"], false);
    assert_eq!(person["costPerHour"], 80.75);
    assert_eq!(person["organization"]["people"]["nodes"][0]["id"], person["id"]);
    assert!(person["teams"]["nodes"][0]["members"].to_string().contains(&node_id("Person", 121)));
    assert_eq!(person["permissions"]["nodes"][0]["roles"], json!(["specialist"]));
    assert_eq!(person["contacts"]["nodes"][0]["uri"], "tel:+1");

    let blank = with(&engine, query, json!({ "input": { "name": "", "primaryEmail": "a@b.example" } }));
    assert_eq!(blank["personCreate"]["errors"][0]["path"], json!(["name"]));

    let update = "mutation($input: PersonUpdateInput!) { personUpdate(input: $input) {
        errors { message } person { name disabled organization { id } teams { nodes { id } } } } }";
    let data = with(
        &engine,
        update,
        json!({ "input": { "id": node_id("Person", 121), "disabled": true, "teamIds": [], "organizationId": null } }),
    );
    let person = &data["personUpdate"]["person"];
    assert_eq!(person["disabled"], true);
    assert_eq!(person["name"], "Žofie");
    assert_eq!(person["organization"], Value::Null);
    assert_eq!(person["teams"]["nodes"], json!([]));
}

#[test]
fn notes_are_added_to_their_owner() {
    let builder = Sandbox::builder().schema_json(crate::schema::schema_json());
    let engine = builder.uploaded("up/load.txt", "the load.txt", 5).engine().unwrap();
    let query = "mutation($input: NoteCreateInput!) { noteCreate(input: $input) {
        errors { path message } note { id text internal createdAt textAttachments { nodes { key filename size } } } } }";
    let owner = node_id("Problem", 1);
    let data = with(
        &engine,
        query,
        json!({ "input": { "ownerId": owner, "text": "Hello", "internal": true,
            "attachments": [{ "key": "up/load.txt" }] } }),
    );
    let note = &data["noteCreate"]["note"];
    assert_eq!(note["text"], "Hello");
    let attached = json!([{ "key": "up/load.txt", "filename": "the load.txt", "size": 5 }]);
    assert_eq!(note["textAttachments"]["nodes"], attached);
    let query_owner = format!(
        "{{ node(id: \"{owner}\") {{ ... on HasNotes {{ notes(last: 1) {{ nodes {{ id }} }} }} }} }}"
    );
    let found = run(&engine, &query_owner);
    assert_eq!(found["node"]["notes"]["nodes"][0]["id"], note["id"]);

    for (owner, text, path) in [
        (node_id("Person", 1), "x", "ownerId"),
        ("nobody".to_owned(), "x", "ownerId"),
        (node_id("Problem", 1), " ", "text"),
    ] {
        let data = with(&engine, query, json!({ "input": { "ownerId": owner, "text": text } }));
        assert_eq!(data["noteCreate"]["note"], Value::Null);
        assert_eq!(data["noteCreate"]["errors"][0]["path"], json!([path]));
    }
}

#[test]
fn deleting_a_record_removes_all_references() {
    let engine = engine();
    let id = node_id("OutOfOfficePeriod", 1);
    let query = "mutation($id: ID!) { outOfOfficePeriodDelete(input: { id: $id, clientMutationId: \"d\" }) {
        success clientMutationId errors { path } } }";
    let data = with(&engine, query, json!({ "id": id }));
    assert_eq!(
        data["outOfOfficePeriodDelete"],
        json!({ "success": true, "clientMutationId": "d", "errors": [] })
    );
    let rest = run(
        &engine,
        "{ outOfOfficePeriods(view: all) { nodes { id } } people(view: all) { nodes { outOfOfficePeriods { nodes { id } } } } }",
    );
    assert!(!rest.to_string().contains(&id));
    let again = with(&engine, query, json!({ "id": id }));
    assert_eq!(again["outOfOfficePeriodDelete"]["success"], false);
    assert_eq!(again["outOfOfficePeriodDelete"]["errors"][0]["path"], json!(["id"]));
}

#[test]
fn mutations_of_one_document_run_in_order() {
    let engine = engine();
    let id = node_id("Request", 3);
    let query = format!(
        "mutation {{ a: requestUpdate(input: {{ id: \"{id}\", subject: \"one\" }}) {{ request {{ subject updatedAt }} }}
          b: requestUpdate(input: {{ id: \"{id}\", subject: \"two\" }}) {{ request {{ subject updatedAt }} }} }}"
    );
    let data = run(&engine, &query);
    assert_eq!(data["a"]["request"]["subject"], "one");
    assert_eq!(data["b"]["request"]["subject"], "two");
    assert!(data["a"]["request"]["updatedAt"].as_str() < data["b"]["request"]["updatedAt"].as_str());
}

#[test]
fn objects_are_added_to_and_removed_from_plain_lists() {
    let engine = engine();
    let id = node_id("AppOffering", 1);
    let update = |input: Value| {
        let query = "mutation($i: AppOfferingUpdateInput!) { appOfferingUpdate(input: $i) {
            errors { path } appOffering { scopes { id actions } } } }";
        with(&engine, query, json!({ "i": input }))["appOfferingUpdate"].clone()
    };
    let added = update(json!({ "id": id, "newScopes": [{ "actions": ["request:Read"] }] }));
    let scopes = added["appOffering"]["scopes"].as_array().unwrap();
    let last = &scopes[scopes.len() - 1];
    assert_eq!(last["actions"], json!(["request:Read"]));
    let changed =
        update(json!({ "id": id, "newScopes": [{ "id": last["id"], "actions": ["person:Read"] }] }));
    let now = changed["appOffering"]["scopes"].as_array().unwrap();
    assert_eq!(now.len(), scopes.len());
    assert_eq!(now[now.len() - 1]["actions"], json!(["person:Read"]));
    let removed = update(json!({ "id": id, "scopesToDelete": [last["id"]] }));
    assert_eq!(removed["appOffering"]["scopes"].as_array().unwrap().len(), scopes.len() - 1);
    let again = update(json!({ "id": id, "scopesToDelete": [last["id"]] }));
    assert_eq!(again["errors"][0]["path"], json!(["scopesToDelete"]));
}

#[test]
fn only_uploaded_files_can_be_attached() {
    let engine = engine();
    let attached = json!([{ "key": "never/uploaded.txt" }]);
    let id = node_id("Request", 1);
    for (field, input) in [
        (
            "internalNoteAttachments",
            json!({ "id": id, "internalNote": "a", "internalNoteAttachments": attached }),
        ),
        ("customFieldsAttachments", json!({ "id": id, "customFieldsAttachments": attached })),
    ] {
        let before = run(&engine, "{ requests(view: all) { nodes { updatedAt notes { totalCount } } } }");
        let payload = update(&engine, input);
        assert_eq!(payload["request"], Value::Null);
        assert_eq!(payload["errors"][0]["path"], json!([field, "0", "key"]));
        let after = run(&engine, "{ requests(view: all) { nodes { updatedAt notes { totalCount } } } }");
        assert_eq!(before, after);
    }
}
