//! Every input that cannot be used is refused with a message that says why. Nothing panics.

#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use xurrent_generator::{Config, Generator, error_chain};

fn named(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "name": name, "ofType": null})
}

fn wrapped(kind: &str, of_type: Value) -> Value {
    json!({"kind": kind, "name": null, "ofType": of_type})
}

fn field(name: &str, ty: Value) -> Value {
    json!({"name": name, "args": [], "type": ty, "isDeprecated": false, "deprecationReason": null})
}

fn object(name: &str, fields: Value) -> Value {
    json!({"kind": "OBJECT", "name": name, "fields": fields, "interfaces": []})
}

fn schema(types: Value) -> Value {
    json!({"__schema": {"queryType": {"name": "Query"}, "mutationType": null, "types": types}})
}

fn query(ty: Value) -> Value {
    object("Query", json!([field("it", ty)]))
}

fn refusal(json: &Value, overrides: &str) -> String {
    let overrides = match Config::from_toml(overrides) {
        Ok(overrides) => overrides,
        Err(error) => return error_chain(&error),
    };
    match Generator::new(&json.to_string(), &overrides) {
        Ok(generator) => format!("accepted: {:?}", generator.summary()),
        Err(error) => error_chain(&error),
    }
}

#[test]
fn invalid_introspection_results() {
    let overrides = Config::default();
    for (text, message) in [
        ("", "the schema is no introspection result: EOF while parsing a value at line 1 column 0"),
        ("<html>", "the schema is no introspection result: expected value at line 1 column 1"),
        ("{}", "the JSON has no `__schema`: ask for the full introspection result"),
        (
            r#"{"errors": [{"message": "no"}], "data": null}"#,
            "the JSON has no `__schema`: ask for the full introspection result",
        ),
        (
            r#"{"__schema": {"types": []}}"#,
            "the schema has no query type: ask for the full introspection result",
        ),
        (
            r#"{"__schema": {"queryType": {"name": "Query"}}}"#,
            "the schema is no introspection result: missing field `types` at line 1 column 45",
        ),
    ] {
        let error = Generator::new(text, &overrides).map(|_| ()).unwrap_err();
        assert_eq!(error_chain(&error), message);
    }
}

#[test]
fn contradictory_schemas() {
    let string = || named("SCALAR", "String");
    let cut_off = wrapped("NON_NULL", wrapped("LIST", json!({"kind": "NON_NULL", "name": null})));
    let mut endless = string();
    for _ in 0..40 {
        endless = wrapped("LIST", endless);
    }
    let input = |ty| json!({"kind": "INPUT_OBJECT", "name": "In", "inputFields": [{"name": "a", "type": ty, "defaultValue": null}]});
    let taking_input = object(
        "Query",
        json!([{"name": "it", "args": [{"name": "in", "type": named("INPUT_OBJECT", "In"), "defaultValue": null}], "type": string()}]),
    );
    for (json, message) in [
        (schema(json!([])), "the root type `Query` has no fields: ask for the full introspection result"),
        (
            schema(json!([query(named("OBJECT", "Gone"))])),
            "Query.it is of type `Gone`, which the schema does not define",
        ),
        (schema(json!([query(cut_off)])), "the type of Query.it is cut off: ask for more levels of `ofType`"),
        (schema(json!([query(endless)])), "the type of Query.it is cut off: ask for more levels of `ofType`"),
        (schema(json!([query(string()), query(string())])), "the schema has `Query` twice"),
        (
            schema(json!([object("Query", json!([field("a", string()), field("a", string())]))])),
            "Query has `a` twice",
        ),
        (
            schema(json!([object("Query", json!([field("a-b", string())]))])),
            "\"a-b\" in Query is no GraphQL name",
        ),
        (schema(json!([object("Query", json!([field("", string())]))])), "\"\" in Query is no GraphQL name"),
        (
            schema(json!([query(string()), object("1st", json!([]))])),
            "\"1st\" in the schema is no GraphQL name",
        ),
        (
            schema(
                json!([query(string()), {"kind": "INTERFACE", "name": "I", "fields": [], "possibleTypes": [{"kind": "OBJECT"}]}]),
            ),
            "the type of I is cut off: ask for more levels of `ofType`",
        ),
        (
            schema(
                json!([query(string()), {"kind": "UNION", "name": "U", "possibleTypes": [named("OBJECT", "Query"), named("OBJECT", "Query")]}]),
            ),
            "U has `Query` twice",
        ),
        (
            schema(
                json!([query(string()), {"kind": "SCALAR", "name": "S", "fields": [field("a", string())]}]),
            ),
            "S has `fields`, which no type of its kind has",
        ),
        (
            schema(json!([query(string()), {"kind": "UNION", "name": "U"}])),
            "U has no `possibleTypes`: ask for the full introspection result",
        ),
        (
            schema(json!([query(string()), {"kind": "ENUM", "name": "E"}])),
            "E has no `enumValues`: ask for the full introspection result",
        ),
        (
            schema(json!([query(string()), {"kind": "LIST", "name": "L"}])),
            "L has no kind that a named type can have: ask for the full introspection result",
        ),
        (
            schema(json!([query(string()), {"kind": "OBJECT"}])),
            "the schema is no introspection result at `types[1]`: missing field `name`",
        ),
        (
            schema(json!([taking_input, input(named("OBJECT", "Query"))])),
            "In.a is of type `Query`, which cannot be used for an input",
        ),
        (
            schema(json!([query(named("INPUT_OBJECT", "In")), input(string())])),
            "Query.it is of type `In`, which cannot be used for an answer",
        ),
    ] {
        assert_eq!(refusal(&json, ""), message);
    }
}

#[test]
fn undefined_possible_types_and_interfaces_are_left_out() {
    let id = || json!([field("id", named("SCALAR", "ID"))]);
    let objects = |names: &[&str]| names.iter().map(|name| named("OBJECT", name)).collect::<Vec<_>>();
    let generator = |interfaces: &[&str], implementers: &[&str], members: &[&str]| {
        let interfaces: Vec<_> = interfaces.iter().map(|name| named("INTERFACE", name)).collect();
        let json = schema(json!([
            object("Query", json!([field("any", named("UNION", "Any")), field("thing", named("INTERFACE", "Thing"))])),
            {"kind": "OBJECT", "name": "User", "fields": id(), "interfaces": interfaces},
            {"kind": "INTERFACE", "name": "Thing", "fields": id(), "possibleTypes": objects(implementers)},
            {"kind": "UNION", "name": "Any", "possibleTypes": objects(members)},
        ]));
        Generator::new(&json.to_string(), &Config::default()).unwrap()
    };
    let whole = generator(&["Thing"], &["User"], &["User"]);
    let removed = generator(&["Old", "Thing"], &["Gone", "User", "Lost"], &["User", "Gone"]);
    assert_eq!(removed.rust(), whole.rust());
    let report = |generator: &Generator| {
        generator
            .conventions()
            .filter(|line| line.starts_with("left out"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let line = "left out, since the schema does not define them: `Gone` of `Any`; `Gone`, `Lost` of `Thing`; `Old` of `User`";
    assert_eq!(report(&removed), [line]);
    assert_eq!(report(&whole), [""; 0]);
}

#[test]
fn an_input_with_one_field_of_several_needs_none_of_them() {
    let required = wrapped("NON_NULL", named("SCALAR", "Int"));
    for (ty, default, message) in [
        (required, json!(null), "By.a of an input with `@oneOf` is required or has a default"),
        (named("SCALAR", "Int"), json!("1"), "By.a of an input with `@oneOf` is required or has a default"),
        (named("SCALAR", "Int"), json!(null), "accepted"),
    ] {
        let field = json!([{"name": "a", "type": ty, "defaultValue": default}]);
        let by = json!({"kind": "INPUT_OBJECT", "name": "By", "isOneOf": true, "inputFields": field});
        let result = refusal(&schema(json!([query(named("SCALAR", "String")), by])), "");
        assert!(result.starts_with(message), "{result}");
    }
}

#[test]
fn a_root_type_with_two_roles() {
    let root = object("Root", json!([field("it", named("SCALAR", "String"))]));
    let roles = [("queryType", "query"), ("mutationType", "mutation"), ("subscriptionType", "subscription")];
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        let mut json = schema(json!([root, query(named("SCALAR", "String"))]));
        for (key, _) in [roles[first], roles[second]] {
            json["__schema"][key] = json!({"name": "Root"});
        }
        let (first, second) = (roles[first].1, roles[second].1);
        let message = format!("`Root` is the {first} type and the {second} type: GraphQL allows one of them");
        assert_eq!(refusal(&json, ""), message);
    }
}

#[test]
fn overrides_that_do_not_match_the_schema() {
    let types = json!([
        object("Query", json!([field("a", named("OBJECT", "Thing")), field("b", named("SCALAR", "String"))])),
        object("Thing", json!([field("id", named("SCALAR", "ID"))])),
        json!({"kind": "SCALAR", "name": "Timestamp"}),
        json!({"kind": "ENUM", "name": "Kind", "enumValues": [{"name": "a"}]}),
        json!({"kind": "INPUT_OBJECT", "name": "In", "inputFields": [
            {"name": "thing", "type": named("INPUT_OBJECT", "In"), "defaultValue": null},
        ]}),
    ]);
    let schema = schema(types);
    for (overrides, message) in [
        (
            "[fields]\n\"In.thong\" = \"id\"",
            "the configuration names `In.thong`, which the schema does not have; did you mean `In.thing`?",
        ),
        (
            "[fields]\n\"In.thing\" = \"id\"",
            "the configuration gives `In.thing` a type: only a field of an input whose type is a scalar can have one",
        ),
        (
            "[fields]\n\"Thing.id\" = \"string\"",
            "the configuration gives `Thing.id` a type: only a field of an input whose type is a scalar can have one",
        ),
        (
            "[fields]\nThing = \"string\"",
            "the configuration gives `Thing` a type: only a field of an input whose type is a scalar can have one",
        ),
        (
            "[scalars]\nTimestmap = \"timestamp\"",
            "the configuration names `Timestmap`, which the schema does not have; did you mean `Timestamp`?",
        ),
        (
            "[scalars]\nThing = \"json\"",
            "the configuration names `Thing`, which the schema does not have; did you mean `String`?",
        ),
        ("[scalars]\nKind = \"json\"", "the configuration names `Kind`, which the schema does not have"),
        (
            "[values]\nKidn = [\"a\"]",
            "the configuration names `Kidn`, which the schema does not have; did you mean `Kind`?",
        ),
        ("[renames]\n\"Kind.b\" = \"C\"", "the configuration names `Kind.b`, which the schema does not have"),
        (
            "[renames]\n\"Query.a.first\" = \"second\"",
            "the configuration names `Query.a.first`, which the schema does not have",
        ),
        (
            "[renames]\nThong = \"Thing\"",
            "the configuration names `Thong`, which the schema does not have; did you mean `Thing`?",
        ),
        (
            "skips = [\"Thing.idd\"]",
            "the configuration names `Thing.idd`, which the schema does not have; did you mean `Thing.id`?",
        ),
        (
            "[external]\nKind = \"other::Sort\"",
            "the configuration takes `Kind` from `other::Sort`: expected a path such as `some_crate::Kind`",
        ),
        (
            "[external]\nKind = \"other::\"",
            "the configuration takes `Kind` from `other::`: expected a path such as `some_crate::Kind`",
        ),
        (
            "[external]\nKidn = \"other::Kidn\"",
            "the configuration names `Kidn`, which the schema does not have; did you mean `Kind`?",
        ),
        ("[renames]\nThing = \"a b\"", "the configuration renames `Thing` to `a b`: that is no identifier"),
        (
            "[renames]\nThing = \"Option\"",
            "the configuration renames `Thing` to `Option`: that name is reserved or taken",
        ),
        (
            "[renames]\n\"Query.a\" = \"raw\"",
            "the configuration renames `Query.a` to `raw`: that name is reserved or taken",
        ),
        (
            "[renames]\n\"Query.b\" = \"a\"",
            "the configuration renames `Query.b` to `a`: that name is reserved or taken",
        ),
    ] {
        assert_eq!(refusal(&schema, overrides), message);
    }
    for (overrides, part) in [
        ("[scalars]\nDecimal = \"i32\"", "unknown variant `i32`"),
        ("scalar = 1", "unknown field `scalar`"),
        ("[", "the configuration cannot be read"),
    ] {
        let message = refusal(&schema, overrides);
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn scalars_of_the_schema_and_of_graphql_can_have_a_rust_type() {
    let types = json!([query(named("SCALAR", "Timestamp")), {"kind": "SCALAR", "name": "Timestamp"}]);
    let accepted = refusal(&schema(types), "[scalars]\nTimestamp = \"timestamp\"\nID = \"string\"");
    assert!(accepted.starts_with("accepted"), "{accepted}");
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let json = schema(json!([query(named("SCALAR", "ID"))])).to_string();
    let overrides = Config::from_toml("\u{feff}[scalars]\nID = \"string\"").unwrap();
    let marked = Generator::new(&format!("\u{feff}{json}"), &overrides).unwrap();
    assert_eq!(marked.rust(), Generator::new(&json, &overrides).unwrap().rust());
    assert!(Generator::new(&format!("\u{feff}\u{feff}{json}"), &overrides).is_err());
}

#[test]
fn a_name_that_no_file_can_have_is_rejected() {
    let long = "A".repeat(302);
    let record = |name: &str| {
        schema(json!([
            query(named("OBJECT", name)),
            object(name, json!([field("id", named("SCALAR", "ID"))]))
        ]))
    };
    let message = format!("a file for `{long}` would have a name of 302 letters: at most 200 are possible");
    assert_eq!(refusal(&record(&long), ""), message);
    assert!(refusal(&record(&"A".repeat(200)), "").starts_with("accepted"));
    let root = |name: &str| schema(json!([object("Query", json!([field(name, named("SCALAR", "ID"))]))]));
    let long = "a".repeat(302);
    assert_eq!(refusal(&root(&long), ""), message.replace('A', "a"));
}

#[test]
fn random_damage_never_panics() {
    let json = include_str!("../../../schema.json");
    let text = small(json);
    let overrides = Config::default();
    let mut state = 88_172_645_463_325_252_u64;
    for _ in 0..2_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = usize::try_from(state % bytes.len() as u64).unwrap();
            bytes[at] = b"{}[]\",:nullNON_NULL0"[usize::try_from(state >> 32).unwrap() % 20];
        }
        if let Ok(generator) = Generator::new(&String::from_utf8_lossy(&bytes), &overrides) {
            let _ = generator.documents();
        }
    }
}

/// A few types of the real schema, small enough to be damaged thousands of times.
fn small(json: &str) -> String {
    let schema: Value = serde_json::from_str(json).unwrap();
    let wanted =
        ["OrderDirection", "ValidationError", "Feedback", "FeedbackUrls", "StringFilter", "RateLimit"];
    let mut types: Vec<Value> = schema["data"]["__schema"]["types"].as_array().unwrap().clone();
    types.retain(|ty| wanted.contains(&ty["name"].as_str().unwrap()));
    types.push(query(named("OBJECT", "RateLimit")));
    self::schema(json!(types)).to_string()
}
