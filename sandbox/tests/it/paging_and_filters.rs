//! Pages, filters, views and order.

use crate::schema::{engine, errors, run, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent_sandbox::{Engine, node_id};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    people(first: $first, after: $after, last: $last, before: $before, view: all) {
      totalCount nodes { id } edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn ids(nodes: &Value) -> Vec<String> {
    let nodes = nodes.as_array().unwrap();
    let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
    nodes.iter().map(id).collect()
}

/// The people a filter finds, out of all.
fn people(engine: &Engine, filter: Value) -> Vec<Value> {
    let query = "query($f: PersonFilter) { people(view: all, filter: $f) {
        nodes { id name jobTitle disabled updatedAt organization { id } teams { nodes { id } }
          customFields { id value } information } } }";
    let mut found = Vec::new();
    let mut data = with(engine, query, json!({ "f": filter }));
    if let Value::Array(nodes) = data["people"]["nodes"].take() {
        found = nodes;
    }
    found
}

#[test]
fn pagination_works_forwards_and_backwards() {
    let engine = engine();
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let data = with(&engine, PAGE, json!({ "first": 50, "after": after }));
        let page = &data["people"];
        assert_eq!(page["totalCount"], 120);
        let edges = page["edges"].as_array().unwrap();
        assert_eq!(page["pageInfo"]["startCursor"], edges[0]["cursor"]);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        seen.extend(ids(&page["nodes"]));
        after = page["pageInfo"]["endCursor"].clone();
        assert_eq!(after, edges[edges.len() - 1]["cursor"]);
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 120);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 120);

    let end = with(&engine, PAGE, json!({ "last": 20 }));
    assert_eq!(ids(&end["people"]["nodes"]), seen[100..]);
    let before = &end["people"]["pageInfo"]["startCursor"];
    let middle = with(&engine, PAGE, json!({ "last": 20, "before": before }));
    assert_eq!(ids(&middle["people"]["nodes"]), seen[80..100]);
    assert_eq!(middle["people"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn the_default_page_size_is_a_hundred() {
    let data = with(&engine(), PAGE, json!({}));
    assert_eq!(ids(&data["people"]["nodes"]).len(), 100);
    assert_eq!(data["people"]["pageInfo"]["hasNextPage"], true);
}

#[test]
fn invalid_page_sizes_and_cursors_are_refused() {
    let engine = engine();
    for (variables, expected) in [
        (json!({ "first": 0 }), "first must be between 1 and 100"),
        (json!({ "first": 101 }), "first must be between 1 and 100"),
        (json!({ "last": -1 }), "last must be between 1 and 100"),
        (json!({ "after": "made-up" }), "not a cursor"),
        (json!({ "before": "bm90IGEgY3Vyc29y" }), "not a cursor"),
    ] {
        let response = engine.execute(&json!({ "query": PAGE, "variables": variables }));
        assert!(errors(&response).concat().contains(expected), "{response}");
        assert!(response["data"].is_null());
    }
}

#[test]
fn nested_connections_are_paginated() {
    let engine = engine();
    let query = "query($after: String) { requests(first: 1) { nodes {
        notes(first: 100, after: $after) { totalCount nodes { id text } pageInfo { endCursor hasNextPage } } } } }";
    let first = with(&engine, query, json!({}));
    let notes = &first["requests"]["nodes"][0]["notes"];
    assert_eq!(notes["totalCount"], 130);
    let after = &notes["pageInfo"]["endCursor"];
    let second = with(&engine, query, json!({ "after": after }));
    let rest = &second["requests"]["nodes"][0]["notes"];
    assert_eq!(rest["nodes"].as_array().unwrap().len(), 30);
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
}

#[test]
fn filter_values_are_alternatives_and_can_be_negated() {
    let engine = engine();
    let all = people(&engine, json!({})).len();
    assert_eq!(all, 100, "one page");
    let found = people(&engine, json!({ "jobTitle": { "values": ["Controller", "Network Engineer"] } }));
    assert!(found.len() > 20);
    assert!(
        found.iter().all(|p| ["Controller", "Network Engineer"].contains(&p["jobTitle"].as_str().unwrap()))
    );
    let others = people(&engine, json!({ "jobTitle": { "values": ["Controller"], "negate": true } }));
    assert!(!others.is_empty() && others.iter().all(|p| p["jobTitle"] != "Controller"));
}

#[test]
fn empty_values_match_empty_fields() {
    let engine = engine();
    let empty = people(&engine, json!({ "jobTitle": { "values": [] } }));
    assert_eq!(empty.len(), 10);
    assert!(empty.iter().all(|p| p["jobTitle"].is_null()));
    let present = people(&engine, json!({ "jobTitle": { "values": [], "negate": true }, "disabled": true }));
    assert!(!present.is_empty() && present.iter().all(|p| !p["jobTitle"].is_null()));
}

#[test]
fn filters_select_by_booleans_ids_and_plurals() {
    let engine = engine();
    let disabled = people(&engine, json!({ "disabled": true }));
    assert_eq!(disabled.len(), 10);
    assert!(disabled.iter().all(|p| p["disabled"] == true));

    let organization = node_id("Organization", 8);
    let found = people(&engine, json!({ "organization": { "values": [organization] } }));
    assert!(!found.is_empty() && found.iter().all(|p| p["organization"]["id"] == organization));

    let team = node_id("Team", 4);
    let found = people(&engine, json!({ "team": { "values": [team] } }));
    assert!(!found.is_empty());
    assert!(found.iter().all(|p| ids(&p["teams"]["nodes"]).contains(&team)));

    let one = people(&engine, json!({ "id": { "values": [node_id("Person", 7), "x"] } }));
    assert_eq!(one.len(), 1);
}

#[test]
fn filters_select_by_ranges_and_text_search() {
    let engine = engine();
    let from = "2024-04-01T00:00:00+00:00";
    let found = people(&engine, json!({ "updatedAt": { "lessThan": from } }));
    assert!(!found.is_empty());
    assert!(found.iter().all(|p| p["updatedAt"].as_str().unwrap() < from));
    let rest = people(
        &engine,
        json!({ "updatedAt": { "greaterThanOrEqualTo": from, "lessThan": "2024-04-02T02:00:00+02:00" } }),
    );
    assert_eq!(rest.len(), 1);

    let found = people(&engine, json!({ "query": "zoë network" }));
    assert!(!found.is_empty());
    assert!(found.iter().all(|p| p.to_string().contains("Zoë")));
    assert_eq!(people(&engine, json!({ "query": "no such text" })).len(), 0);
}

#[test]
fn custom_filter_values_have_their_own_syntax() {
    let engine = engine();
    let field = |id: &str, value: Value| json!({ "id": id, "value": value });
    for (number, text, amount, due) in [
        (1, "~red wine", json!(5), "2025-06-01"),
        (2, "white wine", json!(9.5), "2025-06-30"),
        (8, "beer", json!(12), "2025-07-01"),
    ] {
        let fields = json!([
            field("drink", json!(text)),
            field("amount", amount),
            field("due", json!(due)),
            field("at", json!(format!("0{number}:00")))
        ]);
        let input = json!({ "id": node_id("Person", number), "customFields": fields });
        let query = "mutation($i: PersonUpdateInput!) { personUpdate(input: $i) { errors { message } } }";
        assert_eq!(with(&engine, query, json!({ "i": input }))["personUpdate"]["errors"], json!([]));
    }
    let ask = |name: &str, values: Value, negate: bool| {
        let filter = json!({ "customFilters": { "name": name, "values": values, "negate": negate } });
        let query = "query($f: PersonFilter) { people(filter: $f) { totalCount } }";
        let response = engine.execute(&json!({ "query": query, "variables": { "f": filter } }));
        response["data"]["people"]["totalCount"].as_u64().ok_or(response["errors"][0]["message"].to_string())
    };
    for (name, values, count) in [
        ("drink", json!(["beer"]), 1),
        ("drink", json!(["~wine"]), 2),
        ("drink", json!(["~wine", "beer"]), 3),
        ("drink", json!(["~Wine"]), 0),
        ("drink", json!(["'~red wine"]), 1),
        ("drink", json!(["~red wine"]), 1),
        ("amount", json!(["5"]), 1),
        ("amount", json!(["<9.5"]), 1),
        ("amount", json!(["<=9.5"]), 2),
        ("amount", json!([">5"]), 2),
        ("amount", json!([">=5<12"]), 2),
        ("amount", json!([">=5<=12"]), 3),
        ("amount", json!(["<6", ">10"]), 2),
        ("amount", json!(["<"]), 0),
        ("at", json!([">01:00"]), 2),
        ("due", json!([">=2025-06-30"]), 2),
        ("due", json!([">=2025-06-01<2025-07-01"]), 2),
    ] {
        assert_eq!(ask(name, values.clone(), false), Ok(count), "{name} {values}");
    }
    let all = ask("amount", json!([null, ">=0"]), false).unwrap();
    assert_eq!(ask("amount", json!([">=5<12"]), true), Ok(all - 2));
    for (values, negate) in [
        (json!([">2025-06-01"]), false),
        (json!(["<2025-06-01"]), false),
        (json!([">=2025-06-01<=2025-07-01"]), false),
        (json!([">=2025-06-01", ">=2025-07-01"]), false),
        (json!([">=2025-06-01", null]), false),
        (json!([">=2025-06-01T00:00:00Z"]), true),
    ] {
        let error = ask("due", values.clone(), negate).unwrap_err();
        assert!(error.contains("dates and timestamps allow one value"), "{values}: {error}");
    }
}

#[test]
fn filters_select_by_custom_fields() {
    let engine = engine();
    let custom = |name: &str, values: Value, negate: bool| json!({ "customFilters": [{ "name": name, "values": values, "negate": negate }] });
    let found = people(&engine, custom("cost_center", json!(["CC-2"]), false));
    assert!(!found.is_empty());
    assert!(found.iter().all(|p| p["customFields"].to_string().contains("CC-2")));
    assert!(people(&engine, custom("remark", json!([null]), false)).len() > 50);
    assert_eq!(people(&engine, custom("colors", json!(["blue"]), false)).len(), 0);
    assert!(!people(&engine, custom("colors", json!(["red"]), false)).is_empty());
}

#[test]
fn filters_follow_relations_or_are_refused() {
    let engine = engine();
    let data = run(
        &engine,
        "{ requests(view: all, filter: { requestedForVip: true, urgent: true }) {
             nodes { urgent requestedFor { vip } } } }",
    );
    let found = data["requests"]["nodes"].as_array().unwrap();
    assert!(!found.is_empty());
    assert!(found.iter().all(|r| r["requestedFor"]["vip"] == true && r["urgent"] == true));

    let response = engine.execute(&json!({ "query":
        "{ requests(filter: { mentioningMe: true }) { totalCount } }" }));
    assert!(errors(&response)[0].contains("mentioningMe"), "{response}");
    let response = engine.execute(&json!({ "query":
        "{ requests(filter: { updatedAt: { lessThan: \"soon\" } }) { totalCount } }" }));
    assert!(errors(&response)[0].contains("ISO8601Timestamp"), "{response}");
}

#[test]
fn views_select_different_records() {
    let engine = engine();
    let count = |view: &str| {
        let query = format!("{{ requests(view: {view}) {{ totalCount nodes {{ lifeCycleState }} }} }}");
        run(&engine, &query)["requests"].clone()
    };
    let total = |view: &str| count(view)["totalCount"].as_i64().unwrap();
    assert_eq!(total("all"), 150);
    assert!(total("current_account") < 150 && total("current_account") > 100);
    for (view, state) in [("archive", "archived"), ("trash", "trashed")] {
        let page = count(view);
        let nodes = page["nodes"].as_array().unwrap();
        assert!(!nodes.is_empty() && nodes.iter().all(|node| node["lifeCycleState"] == state));
    }
    for view in ["assigned_to_me", "created_by_me", "requested_by_or_for_me"] {
        assert!((1..total("current_account")).contains(&total(view)), "{view}");
    }
    let standard = run(&engine, "{ requests { totalCount } }");
    assert_eq!(standard["requests"]["totalCount"], total("current_account"));
}

#[test]
fn order_is_stable_by_number() {
    let engine = engine();
    let of = |order: &str| {
        let query = format!(
            "{{ people(view: all, order: {order}) {{ nodes {{ id name disabled organization {{ name }} }} }} }}"
        );
        run(&engine, &query)["people"]["nodes"].as_array().unwrap().clone()
    };
    let names = |list: &[Value]| -> Vec<String> {
        let name = |p: &Value| p["name"].as_str().unwrap().to_lowercase();
        list.iter().map(name).collect()
    };
    let ascending = names(&of("[{ field: name, direction: asc }]"));
    assert!(ascending.is_sorted(), "{ascending:?}");
    let descending = names(&of("[{ field: name, direction: desc }]"));
    assert!(descending.iter().rev().is_sorted());

    let by_organization = of("[{ field: organizationName, direction: desc }, { field: name }]");
    let keys: Vec<(String, String)> = by_organization
        .iter()
        .map(|p| {
            let organization = p["organization"]["name"].as_str().unwrap().to_lowercase();
            (organization, p["name"].as_str().unwrap().to_lowercase())
        })
        .collect();
    assert!(
        keys.windows(2)
            .all(|pair| pair[0].0 > pair[1].0 || (pair[0].0 == pair[1].0 && pair[0].1 <= pair[1].1))
    );

    let ties = of("[{ field: disabled, direction: desc }]");
    assert_eq!(ties[0]["id"], node_id("Person", 12));
    assert_eq!(ties[1]["id"], node_id("Person", 24));
}

#[test]
fn filters_follow_several_paths_and_interfaces() {
    let engine = engine();
    let trash = run(
        &engine,
        "{ trash(view: all) { nodes { id trashed { __typename ... on Request { subject } ... on ConfigurationItem { name } } } } }",
    );
    let nodes = trash["trash"]["nodes"].as_array().unwrap();
    let (node, name) = nodes
        .iter()
        .find_map(|node| {
            let trashed = &node["trashed"];
            let name = trashed["subject"].as_str().or_else(|| trashed["name"].as_str())?;
            Some((node, name))
        })
        .unwrap();
    let query = "query($f: TrashFilter) { trash(view: all, filter: $f) { nodes { id } } }";
    let found = with(&engine, query, json!({ "f": { "name": { "values": [name] } } }));
    assert!(ids(&found["trash"]["nodes"]).contains(&node["id"].as_str().unwrap().to_owned()));
    let none = with(&engine, query, json!({ "f": { "name": { "values": ["no such name"] } } }));
    assert_eq!(none["trash"]["nodes"], json!([]));

    let data = run(
        &engine,
        "{ requests(view: all) { nodes { id serviceInstance { service { problemManager { id } } } } } }",
    );
    let manager = data["requests"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|request| request["serviceInstance"]["service"]["problemManager"]["id"].as_str())
        .unwrap();
    let query = "query($f: RequestFilter) { requests(view: all, filter: $f) {
        nodes { serviceInstance { service { problemManager { id } } } } } }";
    let found = with(&engine, query, json!({ "f": { "serviceProblemManager": { "values": [manager] } } }));
    let found = found["requests"]["nodes"].as_array().unwrap();
    assert!(!found.is_empty() && found.len() < 100);
    assert!(found.iter().all(|r| r["serviceInstance"]["service"]["problemManager"]["id"] == manager));
}
