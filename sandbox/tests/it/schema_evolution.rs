//! Schema evolution: additions only.

use crate::schema::{run, schema_json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use xurrent_sandbox::{Engine, Sandbox, node_id};

const INTROSPECTION: &str = r"{ __schema { types { kind name
    fields(includeDeprecated: true) { name args { name type { ...T } } type { ...T } }
    inputFields { name type { ...T } } interfaces { name }
    enumValues(includeDeprecated: true) { name } possibleTypes { name } } } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

fn evolved() -> Engine {
    Sandbox::builder().schema_json(schema_json()).schema_evolution(true).engine().unwrap()
}

fn types(engine: &Engine) -> BTreeMap<String, Value> {
    let data = run(engine, INTROSPECTION);
    let types = data["__schema"]["types"].as_array().unwrap().clone();
    types.into_iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty)).collect()
}

const LISTS: [&str; 5] = ["fields", "inputFields", "interfaces", "enumValues", "possibleTypes"];

#[test]
fn nothing_is_removed_or_changed() {
    // Lists of values show in the schema where they are enums.
    let enums = Sandbox::builder().schema_json(schema_json()).value_lists_as_enums(true);
    let (plain, evolved) = (enums.clone().engine().unwrap(), enums.schema_evolution(true).engine().unwrap());
    let (plain, evolved) = (types(&plain), types(&evolved));
    let mut added = BTreeMap::new();
    for (name, ty) in &plain {
        let later = &evolved[name];
        assert_eq!(ty["kind"], later["kind"]);
        for list in LISTS {
            let items = |ty: &Value| ty[list].as_array().cloned().unwrap_or_default();
            let later = items(later);
            let old = items(ty);
            assert!(old.iter().all(|item| later.contains(item)), "{name}.{list}");
            for item in later.iter().filter(|item| !old.contains(item)) {
                *added.entry(list).or_insert(0) += 1;
                // A further input field that is required would be a change.
                if list == "inputFields" {
                    assert_ne!(item["type"]["kind"], "NON_NULL", "{name}: {item}");
                }
                if name == "Query" {
                    assert_eq!(item["name"], "evolvedRecords");
                }
            }
        }
    }
    assert!(evolved.len() > plain.len() + 2);
    for (list, least) in [("fields", 300), ("inputFields", 100), ("enumValues", 30), ("possibleTypes", 10)] {
        assert!(added.get(list).copied().unwrap_or_default() > least, "{list}: {added:?}");
    }
    assert_eq!(added.get("interfaces"), None);
}

#[test]
fn the_data_has_new_values_and_types() {
    let engine = evolved();
    let data = run(
        &engine,
        "{ requests { nodes { id status category evolvedNote evolvedMood evolvedRecord { id name } } } }",
    );
    let nodes = data["requests"]["nodes"].as_array().unwrap();
    let strange = nodes.iter().filter(|node| node["status"] == "evolved").count();
    assert!(strange > 5 && strange < nodes.len() / 2, "{strange}");
    assert!(nodes.iter().any(|node| node["category"] == "evolved"));
    assert!(nodes.iter().any(|node| node["evolvedNote"].is_string()));
    assert!(nodes.iter().any(|node| node["evolvedMood"].is_string()));
    assert!(nodes.iter().any(|node| node["evolvedRecord"]["id"].is_string()));

    let data = run(
        &engine,
        "{ translations { nodes { owner { __typename } } } timeEntries { nodes { assignment { __typename } } }
           automationRules { nodes { owner { __typename } } } syncSets { nodes { selectedRecords { nodes { __typename } } } } }",
    );
    for (root, text) in data.as_object().unwrap() {
        assert!(text.to_string().contains("EvolvedRecord"), "{root}: {text}");
    }
    let types: Vec<&Value> = data["translations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["owner"]["__typename"])
        .collect();
    assert!(types.iter().any(|name| **name != "EvolvedRecord"));

    let data = run(
        &engine,
        "{ evolvedRecords(first: 2) { totalCount nodes { id name } edges { cursor node { id } } pageInfo { hasNextPage } } }",
    );
    assert_eq!(data["evolvedRecords"]["pageInfo"]["hasNextPage"], true);
    let id = node_id("EvolvedRecord", 1);
    assert_eq!(data["evolvedRecords"]["nodes"][0]["id"], id);
    let node = run(&engine, &format!("{{ node(id: \"{id}\") {{ __typename }} }}"));
    assert_eq!(node["node"]["__typename"], "EvolvedRecord");
}

#[test]
fn original_data_stays_unchanged() {
    let query = "{ people(view: all) { nodes { id name information updatedAt teams { nodes { id } } } }
        requests(view: all) { nodes { id subject nextTargetAt impact notes { totalCount } customFields { id value } } } }";
    let (plain, evolved) = (run(&crate::schema::engine(), query), run(&evolved(), query));
    assert_eq!(plain["people"], evolved["people"]);
    for (old, new) in plain["requests"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .zip(evolved["requests"]["nodes"].as_array().unwrap())
    {
        let mut new = new.clone();
        if new["impact"] == "evolved" {
            new["impact"] = old["impact"].clone();
        }
        assert_eq!(old, &new);
    }
}

#[test]
fn mutations_accept_old_and_new_input() {
    let engine = evolved();
    let query = "mutation($i: RequestCreateInput!) { requestCreate(input: $i) { errors { message } request { subject status } } }";
    for input in
        [json!({ "subject": "s" }), json!({ "subject": "s", "evolvedHint": "h", "status": "evolved" })]
    {
        let status = input.get("status").cloned().unwrap_or(json!("assigned"));
        let data = crate::schema::with(&engine, query, json!({ "i": input }));
        assert_eq!(data["requestCreate"]["request"], json!({ "subject": "s", "status": status }));
    }
}

#[test]
fn schema_evolution_is_off_by_default() {
    let plain = Sandbox::builder().schema_json(schema_json()).engine().unwrap();
    assert!(plain.validate("{ evolvedRecords { totalCount } }").is_err());
    assert!(evolved().validate("{ evolvedRecords { totalCount } }").is_ok());
    assert!(Sandbox::builder().schema_json("{}").schema_evolution(true).engine().is_err());
}
