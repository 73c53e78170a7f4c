//! The schema of the repository, and helpers that execute documents.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use xurrent_sandbox::Engine;

pub(crate) fn schema_json() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap()
}

/// The first known value of each list of values, which the schema calls a scalar.
pub(crate) fn first_values() -> BTreeMap<String, Value> {
    let overrides = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.overrides.toml");
    let overrides: toml::Table = std::fs::read_to_string(overrides).unwrap().parse().unwrap();
    let lists = overrides["values"].as_table().unwrap().iter();
    lists.map(|(name, values)| (name.clone(), json!(values[0].as_str().unwrap()))).collect()
}

pub(crate) fn engine() -> Engine {
    Engine::new(&schema_json()).unwrap()
}

/// The data of a query that must have no errors.
pub(crate) fn run(engine: &Engine, query: &str) -> Value {
    with(engine, query, json!({}))
}

pub(crate) fn with(engine: &Engine, query: &str, variables: Value) -> Value {
    let response = engine.execute(&json!({ "query": query, "variables": variables }));
    assert!(response.get("errors").is_none(), "{query}: {:#}", response["errors"]);
    response["data"].clone()
}

pub(crate) fn errors(response: &Value) -> Vec<&str> {
    let errors = response["errors"].as_array();
    errors.into_iter().flatten().filter_map(|error| error["message"].as_str()).collect()
}
