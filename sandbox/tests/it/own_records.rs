//! The user's own records, and generated ones.

use crate::schema::{errors, run, with};
use serde_json::{Value, json};
use std::path::PathBuf;
use xurrent_sandbox::{Engine, Sandbox, SandboxBuilder, SandboxError, node_id};

fn team_of_two() -> Value {
    json!({
        "Organization": { "navy": { "name": "Navy", "people": ["alan"] } },
        "Person": {
            "grace": { "name": "Grace Hopper", "vip": true, "teams": ["cobol"], "organization": "navy" },
            "alan": { "name": "Alan", "manager": "grace", "costPerHour": 120.5, "site": "Site/2" },
        },
        "Team": { "cobol": { "name": "COBOL", "members": ["alan"], "coordinator": "grace" } },
        "Request": [
            {
                "subject": "No compiler",
                "requestedFor": "grace",
                "team": "Team/cobol",
                "impact": "high",
                "notes": [{ "text": "Not yet", "person": "alan" }],
                "customFields": [{ "id": "cost_center", "value": [17] }],
            },
        ],
    })
}

fn engine(builder: SandboxBuilder) -> Engine {
    builder.engine().unwrap()
}

fn mistakes(builder: SandboxBuilder) -> String {
    builder.engine().unwrap_err().to_string()
}

/// A file that is deleted with its owner.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xurrent-{name}-{}.json", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn own_records_are_read_filtered_ordered_and_changed_like_others() {
    let engine = engine(Sandbox::builder().records(team_of_two()));
    let query = "{ people(filter: { name: { values: [\"Alan\", \"Grace Hopper\"] } }, \
                   order: { field: name, direction: desc }) { totalCount nodes { id name vip jobTitle costPerHour
                   disabled createdAt account { id } site { name } manager { name }
                   organization { name } teams { nodes { name } } } } }";
    let people = run(&engine, query)["people"].clone();
    assert_eq!(people["totalCount"], 2);
    let [grace, alan] = people["nodes"].as_array().unwrap().as_slice() else { panic!("{people}") };
    let account = json!({ "id": node_id("Account", 1) });
    let grace_should_be = json!({
        "id": node_id("Person", 121), "name": "Grace Hopper", "vip": true, "jobTitle": null, "costPerHour": null,
        "disabled": false, "createdAt": "2025-06-01T00:00:00Z", "account": account, "site": null,
        "manager": null, "organization": { "name": "Navy" }, "teams": { "nodes": [{ "name": "COBOL" }] },
    });
    assert_eq!(grace, &grace_should_be);
    // Both ends of a relation are consistent, whichever end has it.
    assert_eq!(alan["organization"]["name"], "Navy");
    assert_eq!(alan["teams"]["nodes"][0]["name"], "COBOL");
    assert_eq!(alan["manager"]["name"], "Grace Hopper");
    assert_eq!((&alan["costPerHour"], &alan["site"]["name"]), (&json!(120.5), &json!("Kraków")));

    let requests = run(
        &engine,
        "{ requests(view: all, filter: { requestedForName: { values: [\"Grace Hopper\"] } }) { nodes {
           id requestId subject status category team { members { nodes { name } } } impact requestedBy { id }
           notes { nodes { text person { name } } } customFields { id value } } } }",
    );
    let request = &requests["requests"]["nodes"][0];
    assert_eq!(requests["requests"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!((&request["subject"], &request["status"]), (&json!("No compiler"), &json!("assigned")));
    let members = &request["team"]["members"]["nodes"];
    assert_eq!(members, &json!([{ "name": "Alan" }, { "name": "Grace Hopper" }]));
    assert_eq!(request["notes"]["nodes"], json!([{ "text": "Not yet", "person": { "name": "Alan" } }]));
    assert_eq!(request["customFields"], json!([{ "id": "cost_center", "value": [17] }]));
    assert_eq!(request["requestedBy"]["id"], node_id("Person", 1));

    let input = json!({ "id": request["id"], "teamId": node_id("Team", 1), "note": "Reassigned" });
    let changed = with(
        &engine,
        "mutation($input: RequestUpdateInput!) { requestUpdate(input: $input) {
           request { team { name } notes { totalCount } } errors { message } } }",
        json!({ "input": input }),
    );
    let changed = &changed["requestUpdate"];
    assert_eq!(changed["errors"], json!([]).as_array().filter(|it| !it.is_empty()).map_or(Value::Null, |_| json!(1)));
    assert_eq!(changed["request"], json!({ "team": { "name": "Service Desk" }, "notes": { "totalCount": 2 } }));
}

#[tokio::test]
async fn own_records_are_named_by_their_keys() {
    let sandbox = Sandbox::builder()
        .without_demo_records()
        .records(team_of_two_without_demo())
        .record("Person", "me", json!({ "name": "Own name", "manager": "grace" }))
        .record("Account", "wdc", json!({ "name": "Own account" }))
        .start()
        .await
        .unwrap();
    assert_eq!(sandbox.record_id("Person", "me"), Some(node_id("Person", 1)));
    assert_eq!(sandbox.record_id("Person", "grace"), Some(node_id("Person", 2)));
    assert_eq!(sandbox.record_id("Team", "grace"), None);
    let data = run(
        sandbox.engine(),
        "{ me { name manager { name } organization { id } } account { name } people { nodes { name } }
           requests(view: all) { totalCount } teams { nodes { name members { nodes { name } } } } }",
    );
    assert_eq!(data["me"], json!({ "name": "Own name", "manager": { "name": "Grace" }, "organization": null }));
    assert_eq!(data["account"]["name"], "Own account");
    assert_eq!(data["people"]["nodes"], json!([{ "name": "Own name" }, { "name": "Grace" }]));
    assert_eq!(data["requests"]["totalCount"], 0);
    assert_eq!(data["teams"]["nodes"], json!([{ "name": "COBOL", "members": { "nodes": [{ "name": "Grace" }] } }]));
}

fn team_of_two_without_demo() -> Value {
    json!({
        "Team": { "cobol": { "name": "COBOL" } },
        "Person": { "grace": { "name": "Grace", "teams": ["cobol"] } },
    })
}

#[test]
fn a_demo_record_moves_to_an_own_record() {
    let engine = engine(Sandbox::builder().record("Organization", "navy", json!({ "people": ["Person/1"] })));
    let data = run(&engine, "{ me { organization { id } } organizations(view: all) { nodes { id people { nodes { id } } } } }");
    let navy = node_id("Organization", 26);
    assert_eq!(data["me"]["organization"]["id"], navy);
    let mine = data["organizations"]["nodes"].as_array().unwrap().iter().filter(|organization| {
        let people = organization["people"]["nodes"].as_array().unwrap();
        people.iter().any(|person| person["id"] == node_id("Person", 1))
    });
    assert_eq!(mine.map(|organization| &organization["id"]).collect::<Vec<_>>(), [&json!(navy)]);
}

#[test]
fn mistakes_name_the_type_the_record_the_field_and_a_suggestion() {
    let cases = [
        (json!({ "Persn": { "a": {} } }), r#": unknown type "Persn"; did you mean "Person"?"#),
        (json!({ "PersonConnection": [{}] }), r#": unknown type "PersonConnection""#),
        (
            json!({ "Person": { "a": { "nmae": "A" } } }),
            r#": Person "a": unknown field `nmae` of Person; did you mean "name"?"#,
        ),
        (json!({ "Person": [{ "xyzzy": 1 }] }), ": Person (record 1): unknown field `xyzzy` of Person"),
        (json!({ "Person": { "a": { "name": 5 } } }), r#": Person "a": field `name`: expected a string, found 5"#),
        (json!({ "Person": { "a": { "vip": "yes" } } }), r#"field `vip`: expected true or false, found "yes""#),
        (json!({ "Person": { "a": { "createdAt": "soon" } } }), r#""soon" is not a valid ISO8601Timestamp"#),
        (json!({ "Person": { "a": { "costPerHour": "much" } } }), r#""much" is not a valid MonetaryAmount"#),
        (
            json!({ "Request": { "a": { "status": "asigned" } } }),
            r#": Request "a": field `status`: unknown value "asigned" of RequestStatus; did you mean "assigned"?"#,
        ),
        (json!({ "Person": { "a": { "id": "7" } } }), "field `id`: the sandbox assigns ids"),
        (json!({ "Note": [{ "createdAt": null }] }), "field `createdAt`: cannot be null"),
        (
            json!({ "Person": { "grace": {}, "a": { "manager": "grcae" } } }),
            r#": Person "a": field `manager`: no Person has the key "grcae"; did you mean "grace"?"#,
        ),
        (json!({ "Person": { "a": { "manager": "Person/999" } } }), r#"no Person has the key "Person/999""#),
        (json!({ "Person": { "a": { "manager": "Team/1" } } }), r#"no Person has the key "Team/1""#),
        (json!({ "Person": { "a": { "manager": 7 } } }), "field `manager`: expected the key of a Person, found 7"),
        (json!({ "Person": { "a": { "teams": "cobol" } } }), r#"field `teams`: expected a list, found "cobol""#),
        (json!({ "Person": { "a": { "teams": ["x"] } } }), r#"field `teams`[0]: no Team has the key "x""#),
        (
            json!({ "Person": { "a": { "customFields": [{ "idd": "x" }] } } }),
            r#"field `customFields`[0]: unknown field `idd` of CustomField; did you mean "id"?"#,
        ),
        (
            json!({ "Request": [{ "notes": [{ "txet": "x" }] }] }),
            "field `notes`[0]: unknown field `txet` of Note; did you mean \"text\"?",
        ),
        (
            json!({ "Person": { "a": { "organization": "b" } }, "Organization": { "b": {}, "c": { "people": ["a"] } } }),
            r#": Organization "c": field `people`: Person "a" has another `organization`"#,
        ),
        (json!({ "Person": 5 }), "expected the records of a type: an object of records by key, or a list of records"),
        (json!({ "Person": { "a": 5 } }), "expected an object"),
        (json!([]), "expected an object"),
    ];
    for (records, expected) in cases {
        let message = mistakes(Sandbox::builder().records(records.clone()));
        assert!(message.starts_with("invalid records: ") && message.contains(expected), "{records}: {message}");
    }
    let two = Sandbox::builder().record("Person", "a", json!({})).record("Person", "a", json!({}));
    assert!(mistakes(two).ends_with(r#": Person "a": another record of the type has this key"#));
    let text = Sandbox::builder().record("Person", "a", json!("Grace"));
    assert!(mistakes(text).ends_with(r#"Person "a": expected an object of fields, found "Grace""#));
    // All mistakes are listed, up to a limit.
    let many: serde_json::Map<String, Value> = (0..30).map(|n| (format!("p{n:02}"), json!({ "x": n }))).collect();
    let message = mistakes(Sandbox::builder().records(json!({ "Person": many })));
    assert!(message.lines().count() == 22 && message.ends_with("and 10 more"), "{message}");
}

#[test]
fn an_ambiguous_key_needs_its_type() {
    let builder = |owner: &str| {
        Sandbox::builder().records(json!({
            "Request": { "a": { "subject": "A" } },
            "Problem": { "a": { "subject": "B" } },
            "SyncSet": [{ "selectedRecords": [owner] }],
        }))
    };
    let message = builder("a").engine().err().map(|error| error.to_string());
    // `selectedRecords` is a connection of an interface.
    if let Some(message) = message {
        assert!(message.contains("several records have the key") || message.contains("no "), "{message}");
    }
}

#[test]
fn a_file_has_records_in_its_order_and_keeps_digits() {
    let text = r#"{ "Person": {
        "zoe": { "name": "Zoe", "costPerHour": 120.50 },
        "adam": { "name": "Adam", "costPerHour": "99999999999999999999.10", "manager": "zoe" } } }"#;
    let file = File::new("order", text);
    let engine = engine(Sandbox::builder().without_demo_records().records_file(&file.0));
    let people = run(&engine, "{ people { nodes { id name manager { name } } } }");
    let names: Vec<&Value> = people["people"]["nodes"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names[1..], ["Zoe", "Adam"]);
}

#[test]
fn broken_files_are_errors_with_their_place() {
    let cases = [
        ("syntax", "{ \"Person\": ", "EOF while parsing"),
        ("empty", "", "EOF while parsing"),
        ("twice", "{ \"Person\": {\n \"a\": {},\n \"a\": {} } }", "duplicate key \"a\" at line 3"),
        ("field", r#"{ "Person": { "a": { "name": "A", "name": "B" } } }"#, "duplicate key \"name\" at line 1"),
        ("type", r#"{ "Person": {}, "Person": {} }"#, "duplicate key \"Person\""),
        ("tail", "{} {}", "trailing characters"),
        ("deep", &"[".repeat(100_000), "invalid type"),
        ("wrong", r#"{ "Person": { "a": { "vip": 1 } } }"#, "expected true or false, found 1"),
    ];
    for (name, content, expected) in cases {
        let file = File::new(name, content);
        let message = mistakes(Sandbox::builder().records_file(&file.0));
        let start = format!("invalid records in {}: ", file.0.display());
        assert!(message.starts_with(&start) && message.contains(expected), "{name}: {message}");
    }
    let missing = Sandbox::builder().records_file("/no/such/file.json").engine();
    assert!(matches!(missing, Err(SandboxError::Records { .. })));
}

#[test]
fn a_large_file_is_loaded() {
    use std::fmt::Write as _;
    let mut text = "{\"Organization\":{\"big\":{}},\"Person\":{\"p0\":{}".to_owned();
    for n in 1..20_000 {
        write!(text, ",\"p{n}\":{{\"name\":\"N{n}\",\"organization\":\"big\",\"manager\":\"p{}\"}}", n / 2).unwrap();
    }
    text.push_str("}}");
    let file = File::new("large", &text);
    let engine = engine(Sandbox::builder().without_demo_records().records_file(&file.0));
    let data = run(&engine, "{ people { totalCount } organizations { nodes { people { totalCount } } } }");
    assert_eq!(data["people"]["totalCount"], 20_001);
    assert_eq!(data["organizations"]["nodes"][0]["people"]["totalCount"], 19_999);
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
    let after = "people: people(view: all, first: 100, after: $people) { totalCount nodes { id name primaryEmail
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
        assert!(person["organization"]["name"].is_string() && person["manager"]["id"].is_string(), "{person}");
        assert!(person["name"].as_str().is_some_and(|name| name.contains(' ')), "{person}");
    }
    let counts = run(&first, "{ requests(view: all) { totalCount } notes: me { id } }");
    assert_eq!(counts["requests"]["totalCount"], 400);
}

#[test]
fn any_type_can_be_generated_also_without_demo_records() {
    let demo = engine(Sandbox::builder());
    let types = run(&demo, "{ __type(name: \"Node\") { possibleTypes { name } } }");
    let types = types["__type"]["possibleTypes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let mut builder = Sandbox::builder().without_demo_records();
    for name in types {
        builder = builder.generate(name, 7);
    }
    let engine = engine(builder);
    let data = run(&engine, "{ people { totalCount } teams(view: all) { totalCount } me { name organization { id } } }");
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
        let response = engine.execute(&json!({ "query": format!("{{ {name} {{ totalCount nodes {{ id }} }} }}") }));
        assert!(errors(&response).is_empty(), "{name}: {response}");
        let count = response["data"][name]["totalCount"].as_i64();
        assert_eq!(count, Some(i64::from(name == "people" || name == "accounts")), "{name}");
    }
}

#[tokio::test]
async fn a_sandbox_starts_in_one_line_and_several_run_at_once() {
    let (first, second) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    assert_ne!(first.graphql_url(), second.graphql_url());
    let environment = first.environment();
    let get = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(get("XURRENT_GRAPHQL_URL"), Some(first.graphql_url().as_str()));
    assert_eq!((get("XURRENT_ACCOUNT"), get("XURRENT_TOKEN")), (Some(first.account()), Some(first.token())));
    run(second.engine(), "mutation { personUpdate(input: { id: \"c2FuZGJveC9QZXJzb24vMQ\", name: \"X\" }) { person { id } } }");
    assert_ne!(run(first.engine(), "{ me { name } }"), run(second.engine(), "{ me { name } }"));
}
