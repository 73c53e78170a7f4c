//! Discovered configuration items and their asynchronous result.

use crate::raw_http::call;
use crate::schema::{engine, run, with};
use serde_json::{Value, json};
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_TOKEN, Engine, Sandbox, node_id};

const DISCOVER: &str = "mutation($input: DiscoveredConfigurationItemsInput!) {
    found: discoveredConfigurationItems(input: $input) { clientMutationId pendingCiReconciliationCount
      errors { path message } configurationItems { id name ramAmount product { name } }
      asyncQuery { id status resultUrl resultCount errorCount createdAt startedAt completedAt } } }";

fn input(items: Value) -> Value {
    json!({ "input": { "clientMutationId": "c", "source": "scanner", "physicalAssets": [{
        "name": "Laptop", "reference": "laptop_computer", "products": [{
            "brand": "Brand", "model": "M1", "name": "Brand M1", "sourceID": "p-1", "configurationItems": items }] }] } })
}

fn found(engine: &Engine, items: Value) -> Value {
    with(engine, DISCOVER, input(items))["found"].clone()
}

fn items(engine: &Engine) -> Vec<Value> {
    let data = run(
        engine,
        "{ configurationItems(view: all, filter: { source: { values: [\"scanner\"] } }) { nodes {
             id name source sourceID serialNr users { nodes { id } } product { name brand productCategory { name reference } }
             ciRelations { nodes { relationType configurationItem { name } } } } } }",
    );
    data["configurationItems"]["nodes"].as_array().unwrap().clone()
}

#[test]
fn items_are_created_and_later_updated() {
    let engine = engine();
    let users = |numbers: &[u64]| -> Vec<String> { numbers.iter().map(|n| node_id("Person", *n)).collect() };
    let payload = found(
        &engine,
        json!([
            { "name": "one", "sourceID": "1", "serialNr": "S1", "userIds": users(&[4]) },
            { "name": "two", "sourceID": "2", "ciRelations": { "childSourceRefs": [{ "sourceID": "1" }] } },
        ]),
    );
    assert_eq!(payload["errors"], json!([]));
    assert_eq!(payload["configurationItems"], Value::Null);
    assert_eq!(payload["clientMutationId"], "c");
    assert_eq!(payload["pendingCiReconciliationCount"], 0);
    assert_eq!(payload["asyncQuery"]["status"], "queued");
    assert_eq!(payload["asyncQuery"]["completedAt"], Value::Null);
    let created = items(&engine);
    assert_eq!(created.len(), 2);
    assert_eq!(created[0]["serialNr"], "S1");
    assert_eq!(created[0]["product"]["productCategory"]["reference"], "laptop_computer");
    assert_eq!(
        created[1]["ciRelations"]["nodes"],
        json!([{ "relationType": "child", "configurationItem": { "name": "one" } }])
    );

    found(&engine, json!([{ "name": "renamed", "sourceID": "1", "userIds": users(&[5]) }]));
    let updated = items(&engine);
    assert_eq!(updated.len(), 2);
    assert_eq!(updated[0]["id"], created[0]["id"]);
    assert_eq!((&updated[0]["name"], &updated[0]["serialNr"]), (&json!("renamed"), &json!("S1")));
    assert_eq!(updated[0]["users"]["nodes"], json!([{ "id": node_id("Person", 5) }]));
    assert_eq!(updated[0]["product"], created[0]["product"]);

    let mut append = input(json!([{ "name": "renamed", "sourceID": "1", "userIds": users(&[6]) }]));
    append["input"]["referenceStrategies"] = json!({ "ciUserIds": { "strategy": "APPEND" } });
    with(&engine, DISCOVER, append);
    assert_eq!(items(&engine)[0]["users"]["nodes"].as_array().unwrap().len(), 2);
}

#[test]
fn items_match_by_serial_number_and_products_by_product_id() {
    let engine = engine();
    let scan = |product: Value, item: Value| {
        let mut input = input(json!([item]));
        let place = &mut input["input"]["physicalAssets"][0]["products"][0];
        for (name, value) in product.as_object().unwrap() {
            place[name] = value.clone();
        }
        with(&engine, DISCOVER, input);
    };
    scan(json!({ "productID": "p-77" }), json!({ "name": "one", "sourceID": "1", "serialNr": "S1" }));
    let other = json!({ "productID": "p-77", "sourceID": "other", "brand": "O", "model": "O", "name": "O" });
    scan(other, json!({ "name": "two", "sourceID": "2" }));
    scan(json!({}), json!({ "name": "moved", "sourceID": "3", "serialNr": "S1" }));
    // Having none is nothing that two have in common.
    scan(json!({}), json!({ "name": "three", "sourceID": "4", "serialNr": "" }));
    scan(json!({}), json!({ "name": "four", "sourceID": "5", "serialNr": "" }));
    let found = items(&engine);
    let names: Vec<&str> = found.iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["moved", "two", "three", "four"]);
    assert_eq!(found[0]["sourceID"], "3");
    assert_eq!(found[0]["product"], found[1]["product"]);
}

#[test]
fn strategies_restrict_to_create_or_update() {
    let engine = engine();
    found(&engine, json!([{ "name": "old", "sourceID": "1" }]));
    found(
        &engine,
        json!([
            { "name": "new", "sourceID": "1", "meta": { "strategy": "CREATE" } },
            { "name": "new", "sourceID": "2", "meta": { "strategy": "UPDATE" } },
        ]),
    );
    let now = items(&engine);
    assert_eq!(now.len(), 1);
    assert_eq!(now[0]["name"], "old");
}

#[test]
fn invalid_input_creates_nothing() {
    let engine = engine();
    let many: Vec<Value> = (0..101).map(|n| json!({ "name": "n", "sourceID": n.to_string() })).collect();
    let place = |rest: &[&str]| {
        let mut path = vec!["physicalAssets", "0", "products", "0", "configurationItems", "0"];
        path.extend(rest);
        json!(path)
    };
    for (found_items, path) in [
        (json!(many), json!(["physicalAssets"])),
        (json!([{ "name": " ", "sourceID": "1" }]), place(&["name"])),
        (json!([{ "name": "n", "sourceID": "1", "userIds": ["x"] }]), place(&["userIds", "0"])),
        (json!([{ "name": "n", "sourceID": "1", "service": "No such service" }]), place(&["service"])),
        (
            json!([{ "name": "n", "sourceID": "1", "ciRelations": { "childSourceRefs": [{ "sourceID": "?" }] } }]),
            place(&["ciRelations", "childSourceRefs", "0"]),
        ),
    ] {
        let payload = found(&engine, found_items);
        assert_eq!(payload["asyncQuery"], Value::Null);
        assert_eq!(payload["errors"][0]["path"], path, "{payload}");
    }
    assert!(items(&engine).is_empty());
}

#[tokio::test]
async fn the_second_poll_returns_the_result_without_credentials() {
    let sandbox = Sandbox::builder().schema_json(crate::schema::schema_json()).start().await.unwrap();
    let headers = [
        ("authorization", format!("Bearer {DEMO_TOKEN}")),
        ("x-xurrent-account", DEMO_ACCOUNT.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let variables = input(json!([{ "name": "one", "sourceID": "1", "ramAmount": "16.50" }]));
    let body = json!({ "query": DISCOVER, "variables": variables }).to_string();
    let response = call(&sandbox.graphql_url(), "POST", &headers, &body).await;
    let started = &response.body["data"]["found"]["asyncQuery"];
    let url = started["resultUrl"].as_str().unwrap();
    assert!(url.starts_with(sandbox.graphql_url().strip_suffix("/graphql").unwrap()), "{url}");

    let refused = call(url, "GET", &headers[..1], "").await;
    assert_eq!(refused.status, 400, "credentials do not belong here");
    let first = call(url, "GET", &[], "").await;
    assert_eq!((first.status, first.text.as_str()), (200, "{}"));
    let status = format!(
        "{{ node(id: {}) {{ ... on AsyncQuery {{ status resultCount startedAt completedAt }} }} }}",
        started["id"]
    );
    assert_eq!(run(sandbox.engine(), &status)["node"]["status"], "in_progress");
    for _ in 0..2 {
        let second = call(url, "GET", &[], "").await;
        assert_eq!(second.status, 200);
        assert!(second.text.contains("\"ramAmount\":16.50"), "{}", second.text);
        let result = &second.body["data"]["found"];
        assert_eq!(result["configurationItems"][0]["name"], "one");
        assert_eq!(result["configurationItems"][0]["product"]["name"], "Brand M1");
        assert_eq!(result["clientMutationId"], "c");
        assert_eq!(result["errors"], json!([]));
        assert_eq!(result["asyncQuery"]["status"], "completed");
        assert_eq!(result["asyncQuery"]["resultCount"], 1);
        let node = run(sandbox.engine(), &status);
        assert_eq!(node["node"]["status"], "completed");
        assert!(node["node"]["completedAt"].is_string());
    }
    assert_eq!(call(&format!("{url}9"), "GET", &[], "").await.status, 404);
    assert_eq!(call(url, "POST", &[], "").await.status, 405);
}
