//! The user's own records.

use crate::raw_http::send;
use crate::schema::{run, with};
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
        "id": node_id("Person", 122), "name": "Grace Hopper", "vip": true, "jobTitle": null, "costPerHour": null,
        "disabled": false, "createdAt": "2025-06-01T00:00:00Z", "account": account, "site": null,
        "manager": null, "organization": { "name": "Navy" }, "teams": { "nodes": [{ "name": "COBOL" }] },
    });
    assert_eq!(grace, &grace_should_be);
    // Both ends of a relation are consistent, whichever end has it.
    assert_eq!(alan["organization"]["name"], "Navy");
    assert_eq!(alan["teams"]["nodes"][0]["name"], "COBOL");
    assert_eq!(alan["manager"]["name"], "Grace Hopper");
    assert_eq!((&alan["costPerHour"], &alan["site"]["name"]), (&json!(120.5), &json!("Zürich")));

    let requests = run(
        &engine,
        &format!(
            "{{ requests(view: all, filter: {{ requestedFor: {{ values: [{}] }} }}) {{ nodes {{
               id requestId subject status category team {{ members {{ nodes {{ name }} }} }} impact requestedBy {{ id }}
               notes {{ nodes {{ text person {{ name }} }} }} customFields {{ id value }} }} }} }}",
            grace["id"]
        ),
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
    assert!(changed["errors"].as_array().is_none_or(Vec::is_empty), "{changed}");
    assert_eq!(
        changed["request"],
        json!({ "team": { "name": "Service Desk" }, "notes": { "totalCount": 2 } })
    );
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
    assert_eq!(
        data["me"],
        json!({ "name": "Own name", "manager": { "name": "Grace" }, "organization": null })
    );
    assert_eq!(data["account"]["name"], "Own account");
    assert_eq!(data["people"]["nodes"], json!([{ "name": "Own name" }, { "name": "Grace" }]));
    assert_eq!(data["requests"]["totalCount"], 0);
    assert_eq!(
        data["teams"]["nodes"],
        json!([{ "name": "COBOL", "members": { "nodes": [{ "name": "Grace" }] } }])
    );
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
    let data = run(
        &engine,
        "{ me { organization { id } } organizations(view: all) { nodes { id people { nodes { id } } } } }",
    );
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
        (
            json!({ "Person": { "a": { "name": 5 } } }),
            r#": Person "a": field `name`: expected a string, found 5"#,
        ),
        (
            json!({ "Person": { "a": { "vip": "yes" } } }),
            r#"field `vip`: expected true or false, found "yes""#,
        ),
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
        (
            json!({ "Person": { "a": { "manager": 7 } } }),
            "field `manager`: expected the key of a Person, found 7",
        ),
        (
            json!({ "Person": { "a": { "teams": "cobol" } } }),
            r#"field `teams`: expected a list, found "cobol""#,
        ),
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
        (
            json!({ "Person": 5 }),
            "expected the records of a type: an object of records by key, or a list of records",
        ),
        (json!({ "Person": { "a": 5 } }), "expected an object"),
        (json!([]), "expected an object"),
    ];
    for (records, expected) in cases {
        let message = mistakes(Sandbox::builder().records(records.clone()));
        assert!(
            message.starts_with("invalid records: ") && message.contains(expected),
            "{records}: {message}"
        );
    }
    let two = Sandbox::builder().record("Person", "a", json!({})).record("Person", "a", json!({}));
    assert!(mistakes(two).ends_with(r#": Person "a": another record of the type has this key"#));
    let text = Sandbox::builder().record("Person", "a", json!("Grace"));
    assert!(mistakes(text).ends_with(r#"Person "a": expected an object of fields, found "Grace""#));
    // All mistakes are listed, up to a limit.
    let many: serde_json::Map<String, Value> =
        (0..30).map(|n| (format!("p{n:02}"), json!({ "x": n }))).collect();
    let message = mistakes(Sandbox::builder().records(json!({ "Person": many })));
    assert!(message.lines().count() == 22 && message.ends_with("and 10 more"), "{message}");
}

#[test]
fn an_ambiguous_key_needs_its_type() {
    let builder = |owner: &str| {
        Sandbox::builder().records(json!({
            "Request": { "a": { "subject": "A" } },
            "Problem": { "a": { "subject": "B" } },
            "TimeEntry": [{ "timeSpent": 5, "assignment": owner }],
        }))
    };
    let message = mistakes(builder("a"));
    assert!(
        message.ends_with(r#"several records have the key "a"; write "Problem/a" or "Request/a""#),
        "{message}"
    );
    for (owner, subject) in [("Problem/a", "B"), ("Request/a", "A")] {
        let entries = run(
            &engine(builder(owner)),
            "{ timeEntries(last: 1) { nodes { assignment { ... on Request { subject } ... on Problem { subject } } } } }",
        );
        assert_eq!(entries["timeEntries"]["nodes"][0]["assignment"]["subject"], subject);
    }
    let object = Sandbox::builder().records(json!({ "TimeEntry": [{ "assignment": { "subject": "A" } }] }));
    assert!(mistakes(object).contains("expected the key of a record: Problem, ProjectTask, Request, Task"));
}

#[tokio::test]
async fn a_file_has_records_in_its_order_and_keeps_digits() {
    let text = r#"{ "Person": {
        "zoe": { "name": "Zoe", "costPerHour": 120.50 },
        "adam": { "name": "Adam", "costPerHour": "99999999999999999999.10", "manager": "zoe" } } }"#;
    let file = File::new("order", text);
    let sandbox = Sandbox::builder().without_demo_records().records_file(&file.0).start().await.unwrap();
    let query = json!({ "query": "{ people(last: 2) { nodes { name costPerHour } } }" }).to_string();
    let (url, token) = (sandbox.graphql_url(), format!("Bearer {}", sandbox.token()));
    let account = sandbox.account().to_owned();
    let response = tokio::task::spawn_blocking(move || {
        let headers = [
            ("authorization", token.as_str()),
            ("x-xurrent-account", account.as_str()),
            ("content-type", "application/json"),
        ];
        send(&url, "POST", &headers, &query)
    });
    let text = response.await.unwrap().text;
    let nodes =
        r#"[{"name":"Zoe","costPerHour":120.50},{"name":"Adam","costPerHour":99999999999999999999.10}]"#;
    assert!(text.contains(nodes), "{text}");
}

#[test]
fn broken_files_are_errors_with_their_place() {
    let cases = [
        ("syntax", "{ \"Person\": ", "EOF while parsing"),
        ("empty", "", "EOF while parsing"),
        ("twice", "{ \"Person\": {\n \"a\": {},\n \"a\": {} } }", "duplicate key \"a\" at line 3"),
        (
            "field",
            r#"{ "Person": { "a": { "name": "A", "name": "B" } } }"#,
            "duplicate key \"name\" at line 1",
        ),
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
        write!(text, ",\"p{n}\":{{\"name\":\"N{n}\",\"organization\":\"big\",\"manager\":\"p{}\"}}", n / 2)
            .unwrap();
    }
    text.push_str("}}");
    let file = File::new("large", &text);
    let engine = engine(Sandbox::builder().without_demo_records().records_file(&file.0));
    let data = run(&engine, "{ people { totalCount } organizations { nodes { people { totalCount } } } }");
    assert_eq!(data["people"]["totalCount"], 20_001);
    assert_eq!(data["organizations"]["nodes"][0]["people"]["totalCount"], 19_999);
}

#[test]
fn the_program_reads_records_and_names_mistakes() {
    let run = |arguments: &[&str], folder: &std::path::Path| {
        let program = env!("CARGO_BIN_EXE_xurrent-sandbox");
        std::process::Command::new(program).args(arguments).current_dir(folder).output().unwrap()
    };
    let file = File::new("program", r#"{ "Person": { "a": { "nmae": "A" } } }"#);
    let (folder, name) = (file.0.parent().unwrap(), file.0.file_name().unwrap().to_str().unwrap());
    // The path is relative to the folder of the caller.
    let refused = run(&["--port", "0", "--records", name], folder);
    let message = String::from_utf8(refused.stderr).unwrap();
    let expected = format!(
        "xurrent-sandbox: invalid records in {name}: Person \"a\": unknown field `nmae` of Person; did you mean \"name\"?\n"
    );
    assert_eq!((refused.status.code(), message), (Some(1), expected));
    for (arguments, expected) in [
        (["--records", "/no/such/file"], "invalid records in /no/such/file: "),
        (["--generate", "Persn=3"], "unknown type \"Persn\"; did you mean \"Person\"?"),
        (["--generate", "Person"], "expected TYPE=N"),
        (["--people", "many"], "invalid digit"),
    ] {
        let refused = run(&[&["--port", "0"], arguments.as_slice()].concat(), folder);
        let message = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && message.contains(expected), "{arguments:?}: {message}");
    }
}
