//! Printing an introspection result as SDL.

use apollo_compiler::Schema;
use xurrent_sandbox::{SandboxError, sdl};

fn introspection(types: &str) -> String {
    format!(r#"{{"__schema":{{"queryType":{{"name":"Query"}},"mutationType":null,"types":[{types}]}}}}"#)
}

#[test]
fn descriptions_deprecations_and_defaults_are_kept() {
    let json = introspection(
        r#"{"kind":"OBJECT","name":"Query","description":"Say \"hi\"\nthere","interfaces":[],
            "fields":[{"name":"a","isDeprecated":true,"deprecationReason":"use b",
              "type":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"Int"}}},
              "args":[{"name":"n","type":{"kind":"SCALAR","name":"Int"},"defaultValue":"7"}]}]},
           {"kind":"SCALAR","name":"Int"},{"kind":"OBJECT","name":"__Type","fields":[]}"#,
    );
    let sdl = sdl(&json).unwrap();
    assert!(sdl.contains(r#""Say \"hi\"\nthere""#), "{sdl}");
    assert!(sdl.contains(r#"a(n: Int = 7): [Int!] @deprecated(reason: "use b")"#), "{sdl}");
    assert!(!sdl.contains("__Type") && !sdl.contains("scalar Int"));
    Schema::parse_and_validate(&sdl, "test").unwrap();
}

#[test]
fn unions_enums_and_inputs_are_printed() {
    let json = introspection(
        r#"{"kind":"OBJECT","name":"Query","fields":[{"name":"u","args":[],"type":{"kind":"UNION","name":"U"}}]},
           {"kind":"UNION","name":"U","possibleTypes":[{"name":"Query"}]},
           {"kind":"ENUM","name":"E","enumValues":[{"name":"x","isDeprecated":true}]},
           {"kind":"INPUT_OBJECT","name":"I","inputFields":[{"name":"e","type":{"kind":"ENUM","name":"E"},"defaultValue":"x"}]}"#,
    );
    let sdl = sdl(&json).unwrap();
    for expected in ["union U = Query", "x @deprecated", "e: E = x"] {
        assert!(sdl.contains(expected), "{expected} in {sdl}");
    }
    Schema::parse_and_validate(&sdl, "test").unwrap();
}

#[test]
fn other_json_is_refused_with_its_path() {
    assert!(matches!(sdl("not json"), Err(SandboxError::Json(_))));
    let message = sdl("{}").unwrap_err().to_string();
    assert!(message.contains("__schema"), "{message}");
    let message = sdl(&introspection(r#"{"kind":"THING","name":"T"}"#)).unwrap_err().to_string();
    assert!(message.contains("types[0]"), "{message}");
}

#[test]
fn a_byte_order_mark_is_accepted() {
    let json = introspection(r#"{"kind":"OBJECT","name":"Query","fields":[]}"#);
    assert_eq!(sdl(&format!("\u{feff}{json}")).unwrap(), sdl(&json).unwrap());
}
