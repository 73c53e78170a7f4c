//! Filter and order names that the sandbox refuses.

use crate::schema::{engine, schema_json};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The reasons, by `Type.name`.
fn listed() -> BTreeMap<String, String> {
    let names: toml::Table = include_str!("../../src/path/names.toml").parse().unwrap();
    let refused = names["refused"].as_table().unwrap().iter();
    let names =
        refused.flat_map(|(reason, names)| names.as_array().unwrap().iter().map(move |name| (reason, name)));
    names.map(|(reason, name)| (name.as_str().unwrap().to_owned(), reason.clone())).collect()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap()
}

fn inner(ty: &Value) -> (&str, bool) {
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => inner(&ty["ofType"]),
        "LIST" => (inner(&ty["ofType"]).0, true),
        _ => (ty["name"].as_str().unwrap(), false),
    }
}

/// Uses every filter field, order field and view of the schema, and compares the refused ones with
/// `names.toml`.
#[test]
fn exactly_the_listed_names_are_refused() {
    let (engine, listed) = (engine(), listed());
    let schema: Value = serde_json::from_str(&schema_json()).unwrap();
    let types = schema.pointer("/data/__schema/types").unwrap_or_else(|| &schema["__schema"]["types"]);
    let overrides: toml::Table = include_str!("../../../schema.overrides.toml").parse().unwrap();
    // Value lists are enums, or scalars whose values are in the overrides.
    let values = |name: &str| -> Vec<&str> {
        match overrides["values"].get(name) {
            Some(list) => list.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect(),
            None => {
                let list = named(types, name)["enumValues"].as_array().unwrap();
                list.iter().map(|value| value["name"].as_str().unwrap()).collect()
            }
        }
    };
    let (mut filters, mut orders, mut views) = (0, 0, 0);
    let mut refused = BTreeSet::new();
    for field in named(types, "Query")["fields"].as_array().unwrap() {
        let root = field["name"].as_str().unwrap();
        let connection = named(types, inner(&field["type"]).0);
        let fields = connection["fields"].as_array().into_iter().flatten();
        let Some(nodes) = fields.clone().find(|field| field["name"] == "nodes") else { continue };
        let node = inner(&nodes["type"]).0;
        let mut ask = |argument: String, name: &str| {
            let query = format!("{{ {root}({argument}) {{ totalCount }} }}");
            let response = engine.execute(&json!({ "query": query }));
            if let Some(message) = response["errors"][0]["message"].as_str() {
                let name = format!("{node}.{name}");
                let reason = listed.get(&name).map_or("(no reason listed)", String::as_str);
                assert!(message.ends_with(reason) && reason.len() > 10, "{query}: {message}");
                refused.insert(name);
            }
        };
        for argument in field["args"].as_array().unwrap() {
            let of = inner(&argument["type"]).0;
            match argument["name"].as_str().unwrap() {
                "filter" => {
                    for input in named(types, of)["inputFields"].as_array().unwrap() {
                        let name = input["name"].as_str().unwrap();
                        let value = match inner(&input["type"]) {
                            ("Boolean", _) => "true",
                            ("String", _) => "\"x\"",
                            (_, true) => "[]",
                            _ => "{ values: [], negate: true }",
                        };
                        ask(format!("filter: {{ {name}: {value} }}"), name);
                        filters += usize::from(!matches!(name, "query" | "customFilters"));
                    }
                }
                "order" => {
                    for name in values(&format!("{of}Field")) {
                        ask(format!("order: [{{ field: {name} }}]"), name);
                    }
                    orders += 1;
                }
                "view" => {
                    for name in values(of) {
                        ask(format!("view: {name}"), name);
                        views += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert_eq!(refused, listed.into_keys().collect());
    assert_eq!((filters, orders), (988, 54));
    assert!(views > 100, "{views}");
}
