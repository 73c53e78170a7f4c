//! Teams of any size in a store, and what is really in it.

use serde_json::{Value, json};
use std::fmt::Write as _;
use xurrent_sandbox::{Engine, node_id};

/// Executes a document, which must succeed.
pub(crate) fn data(engine: &Engine, document: &str) -> Value {
    let answer = engine.execute(&json!({ "query": document }));
    assert!(answer["errors"].is_null(), "{document}: {}", answer["errors"]);
    assert!(!answer.to_string().contains("\"message\""), "{answer}");
    answer["data"].clone()
}

/// New people, in the order in which a connection has them.
pub(crate) fn people(engine: &Engine, count: usize) -> Vec<String> {
    let mut document = "mutation {".to_owned();
    let organization = node_id("Organization", 1);
    for number in 0..count {
        let _ = write!(
            document,
            r#" p{number}: personCreate(input: {{ name: "Member {number:04}", organizationId: "{organization}",
                primaryEmail: "member{number}@example.com" }}) {{ person {{ id }} errors {{ message }} }}"#
        );
    }
    let data = data(engine, &(document + " }"));
    let id = |number| data[format!("p{number}")]["person"]["id"].as_str().unwrap().to_owned();
    (0..count).map(id).collect()
}

/// A new team with these members.
pub(crate) fn team(engine: &Engine, name: &str, members: &[String]) -> String {
    let document = format!(
        r#"mutation {{ teamCreate(input: {{ name: "{name}", memberIds: {members:?} }}) {{
            team {{ id }} errors {{ message }} }} }}"#
    );
    data(engine, &document)["teamCreate"]["team"]["id"].as_str().unwrap().to_owned()
}

/// Gives a person so many addresses.
pub(crate) fn addresses(engine: &Engine, person: &str, count: usize) {
    let one = |number| format!(r#"{{ city: "City {number:04}", country: "NL", label: street }}"#);
    let list: Vec<_> = (0..count).map(one).collect();
    let document = format!(
        r#"mutation {{ personUpdate(input: {{ id: "{person}", newAddresses: [{}] }}) {{
            person {{ id }} errors {{ message }} }} }}"#,
        list.join(", ")
    );
    data(engine, &document);
}

/// All nodes of a connection of a record, page by page.
pub(crate) fn truth(engine: &Engine, on: &str, id: &str, field: &str, fields: &str) -> Vec<Value> {
    let (mut nodes, mut after) = (Vec::new(), String::new());
    let (name, arguments) = field.split_once('(').unwrap_or((field, ")"));
    loop {
        let document = format!(
            r#"{{ node(id: "{id}") {{ ... on {on} {{ c: {name}(first: 100 {after} {arguments} {{
                pageInfo {{ hasNextPage endCursor }} nodes {{ {fields} }} }} }} }} }}"#
        );
        let page = data(engine, &document)["node"]["c"].clone();
        nodes.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return nodes;
        }
        after = format!("after: {}", page["pageInfo"]["endCursor"]);
    }
}
