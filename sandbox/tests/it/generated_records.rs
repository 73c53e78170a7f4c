//! Generated records, and a sandbox without demo records.

use crate::schema::{errors, run, with};
use serde_json::json;
use xurrent_sandbox::{Engine, Sandbox, SandboxBuilder};

fn engine(builder: SandboxBuilder) -> Engine {
    builder.engine().unwrap()
}

#[test]
fn generated_records_are_plausible_and_leave_the_demo_records_as_they_are() {
    let query = "{ people(view: all, first: 100) { nodes { id name primaryEmail jobTitle information
                   organization { id name } manager { id } teams { nodes { id } } workHours { id } } }
                   requests(view: all, first: 100) { nodes { id subject requestedFor { id } notes { nodes { text } } } } }";
    let demo = engine(Sandbox::builder());
    let generated = || engine(Sandbox::builder().generate("Person", 1_500).generate("Request", 400));
    let (first, second) = (generated(), generated());
    assert_eq!(run(&demo, query), run(&first, query));
    let after =
        "people: people(view: all, first: 100, after: $people) { totalCount nodes { id name primaryEmail
                  manager { id } organization { name } } }";
    let cursor = |engine: &Engine| {
        let last = "{ people(view: all, filter: { primaryEmail: { values: [\"person1400@wdc.example\"] } })
                      { pageInfo { endCursor } } }";
        run(engine, last)["people"]["pageInfo"]["endCursor"].clone()
    };
    let page = |engine: &Engine| {
        with(engine, &format!("query($people: String) {{ {after} }}"), json!({ "people": cursor(engine) }))
    };
    let people = page(&first);
    assert_eq!(people, page(&second));
    assert_eq!(people["people"]["totalCount"], 1_500);
    for person in people["people"]["nodes"].as_array().unwrap() {
        assert!(
            person["organization"]["name"].is_string() && person["manager"]["id"].is_string(),
            "{person}"
        );
        assert!(person["name"].as_str().is_some_and(|name| name.contains(' ')), "{person}");
    }
    let counts = run(&first, "{ requests(view: all) { totalCount } notes: me { id } }");
    assert_eq!(counts["requests"]["totalCount"], 400);
}

#[test]
fn no_record_is_of_the_future() {
    let engine = engine(Sandbox::builder().generate("Person", 1_500).generate("Request", 400));
    for list in ["people", "requests", "teams", "configurationItems"] {
        let newest = format!(
            "{{ newest: {list}(view: all, first: 1, order: [{{ field: updatedAt, direction: desc }}])
                  {{ nodes {{ createdAt updatedAt }} }} }}"
        );
        let mut newest = run(&engine, &newest)["newest"]["nodes"][0].take();
        for field in ["createdAt", "updatedAt"] {
            let time = newest[field].take();
            assert!(
                time.as_str().is_some_and(|time| time < "2025-06-01T00:00:00Z"),
                "{list}: {field} {time}"
            );
        }
    }
}

#[test]
fn any_type_can_be_generated_also_without_demo_records() {
    let demo = engine(Sandbox::builder());
    let types = run(&demo, "{ __type(name: \"Node\") { possibleTypes { name } } }");
    let types =
        types["__type"]["possibleTypes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let mut builder = Sandbox::builder().without_demo_records();
    // The response of a mutation is not a record.
    for name in types.filter(|name| !name.ends_with("Response")) {
        builder = builder.generate(name, 7);
    }
    let engine = engine(builder);
    let data = run(
        &engine,
        "{ people(view: all) { totalCount } teams(view: all) { totalCount } me { name organization { id } } }",
    );
    assert_eq!((&data["people"]["totalCount"], &data["teams"]["totalCount"]), (&json!(7), &json!(7)));
    let none = Sandbox::builder().generate("Peple", 3).engine().unwrap_err();
    assert!(none.to_string().contains("unknown type \"Peple\""), "{none}");
    let close = Sandbox::builder().generate("person", 3).engine().unwrap_err();
    assert!(close.to_string().ends_with("did you mean \"Person\"?"), "{close}");
}

#[test]
fn without_demo_records_every_query_works() {
    let engine = engine(Sandbox::builder().without_demo_records());
    let root = run(&engine, "{ __type(name: \"Query\") { fields { name args { name } } } }");
    for field in root["__type"]["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        let is_list = field["args"].as_array().unwrap().iter().any(|argument| argument["name"] == "first");
        if name == "node" || !is_list {
            continue;
        }
        let response =
            engine.execute(&json!({ "query": format!("{{ {name} {{ totalCount nodes {{ id }} }} }}") }));
        assert!(errors(&response).is_empty(), "{name}: {response}");
        let count = response["data"][name]["totalCount"].as_i64();
        assert_eq!(count, Some(i64::from(name == "people" || name == "accounts")), "{name}");
    }
}
