//! Order and wrapping of the introspection result do not matter.

#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use xurrent_generator::{Config, Files, Generator};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

fn generate(json: &str) -> (Files, Files) {
    let overrides = Config::from_toml(&read("schema.overrides.toml")).unwrap();
    let generator = Generator::new(json, &overrides).unwrap();
    (generator.rust(), generator.documents())
}

/// A different order that is the same every time.
fn shuffle(items: &mut [Value]) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for index in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(index, usize::try_from(state % (index as u64 + 1)).unwrap());
    }
}

fn assert_same(left: &(Files, Files), right: &(Files, Files)) {
    for (left, right) in [(&left.0, &right.0), (&left.1, &right.1)] {
        assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
        for (name, text) in left {
            assert!(right[name] == *text, "{name} differs");
        }
    }
}

#[test]
fn shuffled_types_fields_arguments_and_values_give_the_same_bytes() {
    let json = read("schema.json");
    let mut value: Value = serde_json::from_str(&json).unwrap();
    let types = value.pointer_mut("/data/__schema/types").unwrap().as_array_mut().unwrap();
    shuffle(types);
    for ty in types {
        for part in ["fields", "inputFields", "enumValues", "possibleTypes", "interfaces"] {
            if let Some(items) = ty[part].as_array_mut() {
                shuffle(items);
                for item in items {
                    if let Some(arguments) = item["args"].as_array_mut() {
                        shuffle(arguments);
                    }
                }
            }
        }
    }
    let shuffled = value.to_string();
    assert_ne!(shuffled, serde_json::from_str::<Value>(&json).unwrap().to_string());
    assert_same(&generate(&json), &generate(&shuffled));
}

#[test]
fn the_data_around_the_schema_may_be_missing() {
    let json = read("schema.json");
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_same(&generate(&json), &generate(&value["data"].to_string()));
    let with_more = json!({"data": value["data"], "extensions": {"cost": 1}, "errors": null});
    assert_same(&generate(&json), &generate(&with_more.to_string()));
}

#[test]
fn both_readings_of_the_value_lists_give_the_same_source() {
    // The lists of values that the overrides know, as enums instead of scalars.
    fn retype(value: &mut Value, lists: &Config, changed: &mut usize) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| retype(item, lists, changed)),
            Value::Object(map) => {
                let values = map.get("name").and_then(Value::as_str).and_then(|name| lists.values.get(name));
                // What is no name in GraphQL cannot be an enum.
                let is_name = |value: &String| value.starts_with(char::is_alphabetic) && !value.contains('.');
                if let Some(values) = values.filter(|values| values.iter().all(is_name))
                    && map.get("kind") == Some(&json!("SCALAR"))
                {
                    map.insert("kind".to_owned(), json!("ENUM"));
                    if map.contains_key("enumValues") {
                        let values =
                            values.iter().map(|value| json!({ "name": value, "isDeprecated": false }));
                        map.insert("enumValues".to_owned(), values.collect());
                        *changed += 1;
                    }
                }
                map.values_mut().for_each(|item| retype(item, lists, changed));
            }
            _ => {}
        }
    }
    let json = read("schema.json");
    let overrides = Config::from_toml(&read("schema.overrides.toml")).unwrap();
    let (mut value, mut changed) = (serde_json::from_str(&json).unwrap(), 0);
    retype(&mut value, &overrides, &mut changed);
    // Events of webhooks and two lists of numbers.
    assert_eq!(changed, overrides.values.len() - 3);
    assert_same(&generate(&json), &generate(&value.to_string()));
}
