//! Every mutation of the schema, with the smallest input it takes.

use crate::schema::{engine, errors, first_values, run};
use serde_json::{Value, json};
use xurrent_sandbox::node_id;

/// Sends the smallest input the schema allows to every mutation.
#[test]
fn every_mutation_works() {
    let (engine, lists) = (engine(), first_values());
    let data = run(
        &engine,
        "{ __schema { mutationType { fields { name args { type { ofType { name } } } type { name } } }
           types { name kind inputFields { name type { kind name ofType { kind name ofType { kind name } } } }
             fields { name type { name kind } } enumValues { name } } } }",
    );
    let types = data["__schema"]["types"].as_array().unwrap();
    let find = |name: &str| types.iter().find(|ty| ty["name"] == name).unwrap();
    for field in data["__schema"]["mutationType"]["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        let input_type = field["args"][0]["type"]["ofType"]["name"].as_str().unwrap();
        let record = ["Create", "UpdateVisibility", "Update", "Delete", "Publish", "MarkAsReviewed"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending));
        // What is deleted here must not be what a later mutation updates.
        let number = match name {
            // The webhook with this policy is deleted before; the others are used by one that stays.
            "webhookPolicyDelete" => 3,
            _ if name.ends_with("Delete") => 2,
            _ => 1,
        };
        let mut input = json!({});
        for part in find(input_type)["inputFields"].as_array().unwrap() {
            let part_name = part["name"].as_str().unwrap();
            if part["type"]["kind"] != "NON_NULL" && part_name != "subject" {
                continue;
            }
            let of = part["type"]["ofType"]["name"].as_str().unwrap_or("String");
            input[part_name] = match of {
                _ if part_name == "uri" => json!("https://hooks.example/1"),
                "WebhookEvent" => json!("request.create"),
                _ if part_name == "customerAccountId" => json!("wdc"),
                "ID" => json!(node_id(&target(types, part_name, record.unwrap_or_default()), number)),
                "Int" => json!(5),
                "Boolean" => json!(true),
                "ISO8601Timestamp" => json!("2025-05-05T05:05:05Z"),
                "ISO8601Date" => json!("2025-05-05"),
                "ISO8601Time" => json!("05:05"),
                "Decimal" | "MonetaryAmount" => json!(5.5),
                _ => match (find(of)["enumValues"][0]["name"].as_str(), lists.get(of)) {
                    (Some(value), _) => json!(value),
                    (None, Some(value)) => value.clone(),
                    _ if part["type"]["ofType"]["kind"] == "LIST" => json!([]),
                    _ => json!("text"),
                },
            };
        }
        let payload = find(field["type"]["name"].as_str().unwrap());
        let result = payload["fields"].as_array().unwrap().iter().find_map(|field| {
            let is_object = field["type"]["kind"] == "OBJECT";
            let name = field["name"].as_str().unwrap();
            (is_object || name == "success").then_some((name, is_object))
        });
        let (result, is_object) = result.unwrap();
        let sub = if is_object { "{ __typename }" } else { "" };
        let query = format!(
            "mutation($input: {input_type}!) {{ {name}(input: $input) {{ {result} {sub} errors {{ path message }} }} }}"
        );
        let response = engine.execute(&json!({ "query": query, "variables": { "input": input } }));
        assert!(errors(&response).is_empty(), "{name}: {response}");
        assert_eq!(response["data"][name]["errors"], json!([]), "{name} {input}");
        assert!(!response["data"][name][result].is_null(), "{name}: {response}");
    }
}

/// The type of record an id field of an input asks for: what the like-named field of the record
/// holds, or some type that fits where that is an interface.
fn target(types: &[Value], field: &str, record: &str) -> String {
    let upper_first = |text: &str| {
        let mut chars = text.chars();
        let first = chars.next().map(|c| c.to_uppercase().chain(chars).collect());
        first.unwrap_or_default()
    };
    let record: String = upper_first(record);
    match (field, record.as_str()) {
        ("id", _) => return record,
        ("ownerId", "Translation") => return "Service".to_owned(),
        ("ownerId", _) => return "Request".to_owned(),
        ("expectedHitId", _) => return "KnowledgeArticle".to_owned(),
        ("providerId", "Service") => return "Organization".to_owned(),
        _ => {}
    }
    let stem = field.strip_suffix("Id").unwrap_or(field);
    types
        .iter()
        .find(|ty| ty["name"] == record.as_str())
        .and_then(|ty| {
            let mut fields = ty["fields"].as_array()?.iter();
            let field = fields.find(|field| field["name"] == stem)?;
            field["type"]["name"].as_str().map(str::to_owned)
        })
        .unwrap_or_else(|| upper_first(stem))
}
