//! Lists of values: what is known of them, and the other way in which a server may describe them.

use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::error::SandboxError;

/// The known values of each type.
pub(crate) type ValueLists = BTreeMap<String, Vec<String>>;

/// The lists of Xurrent's schema, which calls them scalars and so cannot tell their values.
pub(crate) static KNOWN: LazyLock<ValueLists> = LazyLock::new(|| {
    #[derive(Deserialize, Default)]
    struct Overrides {
        values: ValueLists,
    }
    // A test reads the file as well and compares.
    toml::from_str::<Overrides>(include_str!("../../schema.overrides.toml")).unwrap_or_default().values
});

/// Turns the scalars that `lists` names into enums, unless a value is no name of GraphQL.
pub(crate) fn as_enums(introspection_json: &str, lists: &ValueLists) -> Result<String, SandboxError> {
    let mut json: Value = serde_json::from_str(introspection_json)?;
    retype(&mut json, lists);
    Ok(json.to_string())
}

fn retype(json: &mut Value, lists: &ValueLists) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| retype(item, lists)),
        Value::Object(map) => {
            let name = map.get("name").and_then(Value::as_str);
            let values = name.and_then(|name| lists.get(name)).filter(|values| are_names(values));
            if let Some(values) = values.filter(|_| map.get("kind") == Some(&json!("SCALAR"))) {
                map.insert("kind".to_owned(), json!("ENUM"));
                let values: Vec<Value> = values.iter().map(|value| json!({ "name": value })).collect();
                map.insert("enumValues".to_owned(), Value::from(values));
            }
            map.values_mut().for_each(|value| retype(value, lists));
        }
        _ => {}
    }
}

fn are_names(values: &[String]) -> bool {
    values.iter().all(|value| apollo_compiler::Name::is_valid_syntax(value))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn the_known_lists_are_those_of_the_overrides() {
        let text = include_str!("../../schema.overrides.toml");
        let values: toml::Table =
            toml::from_str::<toml::Table>(text).unwrap()["values"].clone().try_into().unwrap();
        assert_eq!(KNOWN.keys().collect::<Vec<_>>(), values.keys().collect::<Vec<_>>());
        assert!(KNOWN.len() > 80 && KNOWN["CiStatus"].contains(&"in_production".to_owned()));
    }
}
