//! Webhook policies through the API.

use crate::schema::{engine, run, with};
use serde_json::{Value, json};
use xurrent_sandbox::Engine;

const CREATE: &str = "mutation($input: WebhookPolicyCreateInput!) { webhookPolicyCreate(input: $input) {
    errors { path message }
    webhookPolicy { __typename id name jwtAlg jwtAudience jwtClaimExpiresIn disabled publicKeyPem account { id } } } }";
const UPDATE: &str = "mutation($input: WebhookPolicyUpdateInput!) { webhookPolicyUpdate(input: $input) {
    errors { path message } webhookPolicy { __typename id jwtAlg jwtAudience jwtClaimExpiresIn disabled } } }";
const DELETE: &str =
    "mutation($input: WebhookPolicyDeleteMutationInput!) { webhookPolicyDelete(input: $input) {
    errors { path message } success } }";
const WEBHOOK: &str = "mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) {
    errors { path message } webhook { id } } }";

fn call(engine: &Engine, mutation: &str, input: Value) -> Value {
    let data = with(engine, mutation, json!({ "input": input }));
    data.as_object().unwrap().values().next().unwrap().clone()
}

fn create(engine: &Engine, input: Value) -> Value {
    let payload = call(engine, CREATE, input);
    assert_eq!(payload["errors"], json!([]), "{payload}");
    payload["webhookPolicy"].clone()
}

/// The one complaint of a payload: the field and the message.
fn complaint(payload: &Value) -> (&str, &str) {
    let [error] = payload["errors"].as_array().unwrap().as_slice() else { panic!("{payload}") };
    (error["path"][0].as_str().unwrap(), error["message"].as_str().unwrap())
}

#[test]
fn policies_support_every_algorithm_and_return_the_public_key_once() {
    let engine = engine();
    let mut pems = std::collections::BTreeSet::new();
    let mut names = std::collections::BTreeSet::new();
    for algorithm in ["none", "hs256", "hs384", "hs512", "rs256", "rs384", "rs512", "es256", "es384", "es512"]
    {
        let input = json!({ "jwtAlg": algorithm, "jwtAudience": "orders", "jwtClaimExpiresIn": 5 });
        let policy = create(&engine, input);
        assert_eq!(policy["__typename"], "WebhookPolicyCreateResponse");
        assert_eq!(policy["jwtAlg"], algorithm);
        assert_eq!((&policy["jwtAudience"], &policy["jwtClaimExpiresIn"]), (&json!("orders"), &json!(5)));
        assert_eq!(policy["disabled"], false);
        assert!(policy["account"]["id"].is_string());
        let name = policy["name"].as_str().unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{name}");
        assert!(names.insert(name.to_owned()));
        if algorithm.starts_with(['r', 'e']) {
            let pem = policy["publicKeyPem"].as_str().unwrap();
            assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
            assert!(pem.ends_with("\n-----END PUBLIC KEY-----\n"), "{pem}");
            assert!(pems.insert(pem.to_owned()));
        } else {
            assert!(policy["publicKeyPem"].is_null());
        }
        // It is a policy like the others, which have no such field.
        let query = "query($id: ID!) { node(id: $id) { __typename ... on WebhookPolicy { name jwtAlg } } }";
        let node = &with(&engine, query, json!({ "id": policy["id"] }))["node"];
        assert_eq!(*node, json!({ "__typename": "WebhookPolicy", "name": name, "jwtAlg": algorithm }));
    }
    let listed = run(&engine, "{ webhookPolicies { nodes { name } } }");
    let listed: Vec<&str> = listed["webhookPolicies"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| policy["name"].as_str().unwrap())
        .collect();
    assert!(names.iter().all(|name| listed.contains(&name.as_str())));
    let known = std::collections::BTreeSet::from_iter(&listed);
    assert_eq!(known.len(), listed.len(), "every name is there once: {listed:?}");
    assert!(!format!("{engine:?}").contains("BEGIN"));
    assert!(engine.validate("{ webhookPolicies { nodes { publicKeyPem } } }").is_err());
}

#[test]
fn invalid_policies_are_refused_without_a_change() {
    let engine = engine();
    let count = "{ webhookPolicies { totalCount } }";
    let before = run(&engine, count);
    for (input, refused) in [
        (json!({ "jwtAlg": "es256", "jwtAudience": " " }), ("jwtAudience", "Jwt audience cannot be blank")),
        (
            json!({ "jwtAlg": "es256", "jwtAudience": "x".repeat(2_049) }),
            ("jwtAudience", "Jwt audience is too long (maximum is 2048 bytes)"),
        ),
        (
            json!({ "jwtAlg": "es256", "jwtClaimExpiresIn": 0 }),
            ("jwtClaimExpiresIn", "Jwt claim expires in must be greater than 0"),
        ),
        (
            json!({ "jwtAlg": "es256", "jwtClaimExpiresIn": -5 }),
            ("jwtClaimExpiresIn", "Jwt claim expires in must be greater than 0"),
        ),
    ] {
        let payload = call(&engine, CREATE, input);
        assert_eq!(complaint(&payload), refused);
        assert!(payload["webhookPolicy"].is_null());
    }
    assert_eq!(run(&engine, count), before);

    let policy = create(&engine, json!({ "jwtAlg": "es256", "jwtAudience": "orders" }));
    let id = &policy["id"];
    for (input, refused) in [
        (json!({ "id": id, "jwtAlg": null }), ("jwtAlg", "Jwt alg cannot be blank")),
        (json!({ "id": id, "jwtAudience": "" }), ("jwtAudience", "Jwt audience cannot be blank")),
    ] {
        assert_eq!(complaint(&call(&engine, UPDATE, input)), refused);
    }
    let input = json!({ "id": id, "jwtAudience": null, "jwtClaimExpiresIn": 7, "disabled": true });
    let changed = call(&engine, UPDATE, input);
    assert_eq!(
        changed["webhookPolicy"],
        json!({ "__typename": "WebhookPolicy", "id": id, "jwtAlg": "es256", "jwtAudience": null,
            "jwtClaimExpiresIn": 7, "disabled": true })
    );
}

#[test]
fn a_policy_in_use_cannot_be_deleted() {
    let engine = engine();
    let policy = create(&engine, json!({ "jwtAlg": "rs256" }));
    let id = &policy["id"];
    let webhook = call(
        &engine,
        WEBHOOK,
        json!({ "name": "orders", "event": "request.create", "uri": "http://127.0.0.1:9/", "webhookPolicyId": id,
            "openidConnectDiscovery": true }),
    );
    assert_eq!(webhook["errors"], json!([]));
    let refused = call(&engine, DELETE, json!({ "id": id }));
    assert_eq!(complaint(&refused), ("id", "Webhook policy is used by the webhook \"orders\""));
    assert_eq!(refused["success"], false);

    // A key that receivers look for must be there to be found.
    let (field, message) = {
        let payload = call(&engine, UPDATE, json!({ "id": id, "jwtAlg": "hs256" }));
        let (field, message) = complaint(&payload);
        (field.to_owned(), message.to_owned())
    };
    assert_eq!(field, "jwtAlg");
    assert!(message.contains("OpenID Connect discovery"), "{message}");
    assert_eq!(call(&engine, UPDATE, json!({ "id": id, "jwtAlg": "es384" }))["errors"], json!([]));

    let delete = "mutation($input: WebhookDeleteMutationInput!) { webhookDelete(input: $input) { success } }";
    assert_eq!(call(&engine, delete, json!({ "id": webhook["webhook"]["id"] }))["success"], true);
    assert_eq!(call(&engine, DELETE, json!({ "id": id }))["success"], true);
    // The next policy has another name.
    assert_ne!(create(&engine, json!({ "jwtAlg": "rs256" }))["name"], policy["name"]);
}
