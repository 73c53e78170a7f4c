//! Queries: data, introspection, limits.

use crate::schema::{engine, errors, run, schema_json};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent_sandbox::{Engine, node_id, sdl};

const INTROSPECTION: &str = r"{ __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  directives { name locations args { ...I } }
  types { kind name description
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason args { ...I } type { ...T } }
    inputFields { ...I } interfaces { name }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { name } } } }
  fragment I on __InputValue { name description defaultValue type { ...T } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

#[test]
fn the_engine_serves_the_schema_it_was_given() {
    let served = run(&engine(), INTROSPECTION);
    let served = json!({ "data": served }).to_string();
    assert_eq!(lines(&sdl(&served).unwrap()), lines(&sdl(&schema_json()).unwrap()));
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().collect()
}

#[test]
fn every_root_query_has_data() {
    let engine = engine();
    let root = run(
        &engine,
        "{ __type(name: \"Query\") { fields { name args { name } type { name kind ofType { name } } } } }",
    );
    let fields = root["__type"]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 78);
    for field in fields {
        let name = field["name"].as_str().unwrap();
        let is_list = field["args"].as_array().unwrap().iter().any(|argument| argument["name"] == "first");
        let query = match name {
            "node" => format!("{{ node(id: \"{}\") {{ id }} }}", node_id("Person", 1)),
            _ if is_list => format!(
                "{{ {name} {{ totalCount nodes {{ id __typename }} edges {{ cursor node {{ id }} }} \
                 pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
            ),
            _ => format!("{{ {name} {{ __typename }} }}"),
        };
        let data = run(&engine, &query);
        assert!(data[name].is_object(), "{name}: {data}");
        if is_list {
            assert!(data[name]["totalCount"].as_i64() > Some(0), "{name}");
            let nodes = data[name]["nodes"].as_array().unwrap();
            assert!(!nodes.is_empty() && nodes.iter().all(|node| !node["id"].is_null()));
        }
    }
}

/// Asks for every field of every record type, two levels deep, and looks at how often it is null.
#[test]
fn every_field_has_a_value_on_some_records_and_none_on_others() {
    let engine = engine();
    let json: Value = serde_json::from_str(&schema_json()).unwrap();
    let types = json["data"]["__schema"]["types"].as_array().unwrap();
    let find = |name: &str| types.iter().find(|ty| ty["name"] == name).unwrap();
    let (mut always, mut never) = (Vec::new(), Vec::new());
    for ty in types {
        let interfaces = ty["interfaces"].as_array();
        let is_node = interfaces.is_some_and(|list| list.iter().any(|i| i["name"] == "Node"));
        let name = ty["name"].as_str().unwrap();
        // What a creation shows is a record of another type.
        if ty["kind"] != "OBJECT" || !is_node || name.ends_with("CreateResponse") {
            continue;
        }
        let fields = ty["fields"].as_array().unwrap();
        let selection: Vec<String> = fields
            .iter()
            .map(|field| {
                let of = inner(&field["type"]);
                match find(of)["kind"].as_str().unwrap() {
                    "OBJECT" if of.ends_with("Connection") => {
                        format!("{} {{ totalCount nodes {{ __typename }} }}", text(field))
                    }
                    "OBJECT" | "INTERFACE" => format!("{} {{ __typename }}", text(field)),
                    _ => text(field).to_owned(),
                }
            })
            .collect();
        let mut records = Vec::new();
        for number in 1..=12 {
            let query = format!(
                "{{ node(id: \"{}\") {{ ... on {name} {{ {} }} }} }}",
                node_id(name, number),
                selection.join(" ")
            );
            let node = run(&engine, &query)["node"].clone();
            if node.is_object() {
                records.push(node);
            }
        }
        assert!(records.len() >= 2, "{name} has {} records", records.len());
        for field in fields {
            let nulls = records.iter().filter(|r| r[text(field)].is_null()).count();
            if nulls == records.len() {
                never.push(format!("{name}.{}", text(field)));
            }
            let is_leaf = matches!(find(inner(&field["type"]))["kind"].as_str(), Some("SCALAR" | "ENUM"));
            if nulls == 0 && is_leaf && field["type"]["kind"] != "NON_NULL" {
                always.push(text(field).to_owned());
            }
        }
    }
    assert_eq!(never, Vec::<String>::new(), "fields without any value");
    // These tell records apart or drive views, so every record has them.
    let always: BTreeSet<String> = always.into_iter().collect();
    for name in ["createdAt", "disabled", "lifeCycleState", "name", "status", "subject", "updatedAt"] {
        assert!(always.contains(name), "{name}");
    }
    assert!(always.len() < 32, "too few nulls: {always:?}");
}

fn inner(ty: &Value) -> &str {
    match ty["name"].as_str() {
        Some(name) => name,
        None => inner(&ty["ofType"]),
    }
}

fn text(field: &Value) -> &str {
    field["name"].as_str().unwrap()
}

#[test]
fn two_engines_hold_the_same_data() {
    let query = "{ people(view: all) { nodes { id name information updatedAt teams { nodes { id } } } }
                   requests(view: all) { nodes { id subject nextTargetAt customFields { id value } } } }";
    assert_eq!(run(&engine(), query), run(&engine(), query));
}

#[test]
fn both_ends_of_a_relation_agree() {
    let data = run(
        &engine(),
        "{ people(view: all) { nodes { id organization { people { nodes { id } } }
             teams(first: 10) { nodes { name members { nodes { id } } } } } } }",
    );
    for person in data["people"]["nodes"].as_array().unwrap() {
        let colleagues = person["organization"]["people"]["nodes"].as_array().unwrap();
        assert!(colleagues.iter().any(|other| other["id"] == person["id"]));
        let teams = person["teams"]["nodes"].as_array().unwrap();
        assert!(!teams.is_empty());
        for team in teams {
            let members = team["members"]["nodes"].as_array().unwrap();
            assert!(members.iter().any(|member| member["id"] == person["id"]));
        }
    }
}

#[test]
fn errors_have_locations() {
    let response = engine().execute(&json!({ "query": "{\n  people(first: 0) { totalCount }\n}" }));
    assert_eq!(response["errors"][0]["path"], json!(["people"]), "{response}");
    assert_eq!(response["errors"][0]["locations"][0]["line"], 2);
    assert_eq!(response["errors"][0]["message"], "first must be between 1 and 100, not 0");
    assert!(response["data"].is_null());
}

#[test]
fn operation_names_choose_the_operation() {
    let engine = engine();
    let query = "query A { me { id } } query B { account { id } }";
    let response = engine.execute(&json!({ "query": query, "operationName": "B" }));
    assert!(response["data"]["account"].is_object(), "{response}");
    let response = engine.execute(&json!({ "query": query }));
    assert!(!errors(&response).is_empty());
}

#[test]
fn node_returns_only_records_of_the_sandbox() {
    let engine = engine();
    let of = |id: &str| {
        let query = "query($i: ID!) { node(id: $i) { __typename id ... on Person { name } } }";
        engine.execute(&json!({ "query": query, "variables": { "i": id } }))["data"]["node"].clone()
    };
    let person = of(&node_id("Person", 2));
    assert_eq!(person["__typename"], "Person");
    assert_eq!(person["id"], node_id("Person", 2));
    assert_eq!(of("c2FuZGJveC9QZXJzb24vMTI=")["id"], node_id("Person", 12), "padding is accepted");
    let foreign = ["", "x", "NG1lLmNvbS9QZXJzb24vMTI", "Person/12", "%%%"];
    for id in foreign.into_iter().chain([&*node_id("Person", 9_999), &node_id("Nothing", 1)]) {
        assert_eq!(of(id), Value::Null, "{id}");
    }
}

#[test]
fn interface_fields_return_records_of_their_types() {
    let data = run(&engine(), "{ translations { nodes { owner { __typename ... on Service { name } } } } }");
    let types: BTreeSet<&str> = data["translations"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["owner"]["__typename"].as_str())
        .collect();
    assert!(types.len() > 1, "{types:?}");
}

#[test]
fn too_many_nodes_are_refused() {
    let engine = engine();
    let deep = "query($n: Int) { people(first: $n) { nodes { ...P } } }
        fragment P on Person { teams(first: 100) { nodes { members(first: 100) { nodes { id } } } } }";
    let ask = |n: u32| engine.execute(&json!({ "query": deep, "variables": { "n": n } }));
    let refused = ask(51);
    assert!(errors(&refused)[0].contains("510000 nodes"), "{refused}");
    assert!(refused.get("data").is_none());
    assert!(errors(&ask(50)).is_empty());
}

#[test]
fn special_values_are_among_the_data() {
    let data = run(
        &engine(),
        "{ requests(view: all) { nodes { responseTargetAt resolutionTargetAt nextTargetAt } }
           calendars { nodes { calendarHours { nodes { timeFrom timeUntil } } } }
           people(view: all) { nodes { name costPerHour information } } }",
    );
    let text = data.to_string();
    for expected in
        ["best_effort", "no_target", "clock_stopped", "24:00", "Małgorzata", "李娜", "\\\\Users\\\\"]
    {
        assert!(text.contains(expected), "{expected}");
    }
    let people = data["people"]["nodes"].as_array().unwrap();
    let costs = people.iter().filter_map(|person| person["costPerHour"].as_f64());
    assert!(costs.filter(|cost| cost.fract() != 0.0).count() > 10);
}

#[test]
fn an_invalid_schema_is_refused() {
    assert!(Engine::new("{}").is_err());
    assert!(Engine::new("no json").is_err());
    let broken = schema_json().replace("\"Person\"", "\"Nobody\"");
    let broken = broken.replacen("\"Nobody\"", "\"Somebody\"", 1);
    assert!(Engine::new(&broken).is_err());
}

#[test]
fn accounts_are_named_by_their_id() {
    let engine = engine();
    let count = |filter: &str| {
        let query = format!("{{ people(view: all, filter: {filter}) {{ totalCount }} }}");
        run(&engine, &query)["people"]["totalCount"].as_i64().unwrap()
    };
    let (own, other) =
        (count("{ account: { values: [\"wdc\"] } }"), count("{ account: { values: \"directory\" } }"));
    assert!(own > other && other > 0, "{own} {other}");
    assert_eq!(own + other, count("{}"));
    assert_eq!(count(&format!("{{ account: {{ values: [\"{}\"] }} }}", node_id("Account", 2))), other);
    assert_eq!(count("{ account: { values: [\"wdc\"], negate: true } }"), other);
    assert_eq!(count("{ account: { values: [\"Wdc\", \"1\"] } }"), 0);
}

#[test]
fn inline_objects_have_ids() {
    let data = run(&engine(), "{ appOfferings(view: all) { nodes { scopes { id actions } } } }");
    let nodes = data["appOfferings"]["nodes"].as_array().unwrap();
    let ids: BTreeSet<&str> =
        nodes[0]["scopes"].as_array().unwrap().iter().filter_map(|scope| scope["id"].as_str()).collect();
    assert_eq!(ids.len(), 2);
}
