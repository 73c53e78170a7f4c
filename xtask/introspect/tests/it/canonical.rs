//! One schema, one file.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xurrent_generator::schema::IntrospectionQuery;
use xurrent_generator::{Error, Schema};
use xurrent_sandbox::Engine;

fn checked_in() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema.json")).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn canonical(introspection: &Value) -> Result<String, Error> {
    Schema::from_json(&introspection.to_string())?.to_json()
}

/// Turns every list around and takes the `data` away.
fn shuffled(mut schema: Value) -> Value {
    fn turn(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.reverse();
                items.iter_mut().for_each(turn);
            }
            Value::Object(entries) => entries.values_mut().for_each(turn),
            _ => {}
        }
    }
    turn(&mut schema);
    schema["data"].take()
}

#[test]
fn the_checked_in_file_is_canonical() {
    assert!(canonical(&value(&checked_in())).unwrap() == checked_in());
}

#[test]
fn canonical_form_ignores_order_and_is_idempotent() {
    let schema = value(&checked_in());
    let text = canonical(&schema).unwrap();
    assert!(canonical(&value(&text)).unwrap() == text, "idempotent");
    assert!(canonical(&shuffled(schema)).unwrap() == text, "shuffled");
    assert!(text.starts_with(
        "{\n \"data\": {\n  \"__schema\": {\n   \"queryType\": {\n    \"name\": \"Query\"\n   },"
    ));
    assert!(text.ends_with("\n }\n}\n") && !text.contains('\r'));
}

#[test]
fn introspecting_the_sandbox_returns_its_schema() {
    let engine = Engine::new(&checked_in()).unwrap();
    let expected = canonical(&value(&checked_in())).unwrap();
    for deprecated_inputs in [true, false] {
        let query = IntrospectionQuery { one_of: false, deprecated_inputs };
        let answer = engine.execute(&json!({ "query": query.document() }));
        assert!(canonical(&answer).unwrap() == expected, "{query:?}");
    }
}

/// The schema of the repository has no descriptions, deprecations or directives; that of an account
/// has.
#[test]
fn introspecting_the_sandbox_returns_descriptions_and_deprecations() {
    let int = json!({ "kind": "SCALAR", "name": "Int" });
    let old = json!({ "isDeprecated": true, "deprecationReason": "Use \"n\".\n\tSoon." });
    let with = |mut item: Value, more: &Value| {
        let (Value::Object(item), Value::Object(more)) = (&mut item, more.clone()) else { panic!() };
        item.extend(more);
        json!(item)
    };
    let mood = json!({ "kind": "ENUM", "name": "Mood" });
    let input = json!({ "kind": "INPUT_OBJECT", "name": "Input" });
    let number = json!({ "name": "n", "description": "How many", "type": int, "defaultValue": "7" });
    let text = canonical(&json!({ "__schema": {
        "queryType": { "name": "Query" },
        "directives": [{ "name": "cost", "description": "What it costs", "locations": ["FIELD", "QUERY"],
                         "args": [number] }],
        "types": [
            { "kind": "OBJECT", "name": "Query", "description": "Grüße \\ \"quoted\"\n  and   spaced ",
              "fields": [
                with(json!({ "name": "a", "description": "", "type": int, "args": [
                    number, with(json!({ "name": "m", "type": int }), &old),
                    { "name": "i", "type": input, "defaultValue": "{mood: calm, text: \"a \\\"b\\\"\"}" },
                ] }), &old),
                { "name": "any", "type": { "kind": "UNION", "name": "Any" }, "args": [] },
            ] },
            { "kind": "UNION", "name": "Any", "possibleTypes": [{ "kind": "OBJECT", "name": "Query" }] },
            { "kind": "ENUM", "name": "Mood", "enumValues": [
                { "name": "calm", "description": "Quiet" }, with(json!({ "name": "wild" }), &old) ] },
            { "kind": "INPUT_OBJECT", "name": "Input", "inputFields": [
                { "name": "mood", "type": mood, "defaultValue": "calm" },
                with(json!({ "name": "text", "type": { "kind": "SCALAR", "name": "String" } }), &old) ] },
        ],
    } }))
    .unwrap();
    let engine = Engine::new(&text).unwrap();
    let query = IntrospectionQuery { one_of: false, ..IntrospectionQuery::default() };
    let told = engine.execute(&json!({ "query": query.document() }));
    let told = canonical(&told).unwrap();
    for (number, (told, line)) in told.lines().zip(text.lines()).enumerate() {
        assert_eq!(told, line, "line {}", number + 1);
    }
    assert_eq!(told.len(), text.len());
}

#[test]
fn canonical_form_is_fixed() {
    let text = canonical(&json!({ "__schema": {
        "directives": [
            { "name": "skip", "locations": ["FIELD"], "args": [] },
            { "name": "cost", "isRepeatable": false, "locations": ["OBJECT", "ENUM"], "description": null,
              "args": [] },
        ],
        "queryType": { "kind": "OBJECT", "name": "Query" },
        "types": [
            { "kind": "OBJECT", "name": "__Type", "fields": [] },
            { "kind": "SCALAR", "name": "String", "description": "Some text", "specifiedByURL": null },
            { "kind": "OBJECT", "name": "Query", "description": "Grüße", "fields": [{
                "name": "a", "isDeprecated": true, "deprecationReason": "use b",
                "type": { "kind": "SCALAR", "name": "String" },
                "args": [
                    { "name": "old", "type": { "kind": "SCALAR", "name": "Int" }, "isDeprecated": true },
                    { "name": "new", "type": { "kind": "SCALAR", "name": "Int" }, "defaultValue": "7",
                      "isDeprecated": false, "deprecationReason": null },
                ],
            }] },
        ],
    } }))
    .unwrap();
    let compact: String = text.lines().map(str::trim_start).collect();
    let int = r#""type": {"kind": "SCALAR","name": "Int","ofType": null},"#;
    let rest = r#""inputFields": null,"interfaces": [],"enumValues": null,"possibleTypes": null}"#;
    let query = [
        r#"{"kind": "OBJECT","name": "Query","description": "Grüße","fields": [{"name": "a","description": null,"#,
        r#""args": [{"name": "new","description": null,"#,
        int,
        r#""defaultValue": "7"},{"name": "old","description": null,"#,
        int,
        r#""defaultValue": null,"isDeprecated": true,"deprecationReason": null}],"#,
        r#""type": {"kind": "SCALAR","name": "String","ofType": null},"#,
        r#""isDeprecated": true,"deprecationReason": "use b"}],"#,
        rest,
    ];
    assert!(compact.contains(&query.concat()), "{compact}");
    assert!(compact.contains(r#""name": "String","description": null,"fields": null"#), "{compact}");
    let directives = r#""directives": [{"name": "cost","description": null,"locations": ["ENUM","OBJECT"],"args": []}]}}}"#;
    assert!(compact.ends_with(directives), "{compact}");
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("     \"name\": ")).collect();
    assert_eq!(
        names,
        ["\"Boolean\",", "\"Float\",", "\"ID\",", "\"Int\",", "\"Query\",", "\"String\",", "\"cost\","]
    );
    assert_eq!(canonical(&value(&text)).unwrap(), text);
}
