//! One schema, one file.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xurrent_introspect::{Inputs, canonical, document};
use xurrent_sandbox::Engine;

fn checked_in() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.json")).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
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
fn order_makes_no_difference_and_canonical_stays_canonical() {
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
fn what_the_sandbox_tells_is_what_it_was_given() {
    let engine = Engine::new(&checked_in()).unwrap();
    let expected = canonical(&value(&checked_in())).unwrap();
    for inputs in [Inputs::WithDeprecated, Inputs::Plain] {
        let answer = engine.execute(&json!({ "query": document(inputs) }));
        assert!(canonical(&answer).unwrap() == expected, "{inputs:?}");
    }
}

#[test]
fn the_generator_reads_the_same_schema_from_both() {
    let (before, after) = (checked_in(), canonical(&value(&checked_in())).unwrap());
    let schema = |text: &str| format!("{:?}", xurrent_generator::Schema::from_json(text).unwrap());
    assert!(schema(&before) == schema(&after));
}

#[test]
fn the_form_is_fixed() {
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
