//! Lists of values as custom scalars: the other way in which a server may describe them.

use serde_json::Value;
use std::collections::BTreeMap;

use crate::error::SandboxError;

/// The known values of each type.
pub(crate) type ValueLists = BTreeMap<String, Vec<String>>;

/// Turns the enums that `lists` names into scalars and takes over their values.
pub(crate) fn schema(introspection_json: &str, lists: &mut ValueLists) -> Result<String, SandboxError> {
    let mut json: Value = serde_json::from_str(introspection_json)?;
    let pointer = if json.pointer("/data/__schema").is_some() { "/data/__schema" } else { "/__schema" };
    // What is not a schema is refused where it is read.
    if let Some(Value::Array(types)) = json.pointer_mut(&format!("{pointer}/types")) {
        for ty in types.iter_mut().filter(|ty| ty.get("kind").and_then(Value::as_str) == Some("ENUM")) {
            let list = ty.get("name").and_then(Value::as_str).and_then(|name| lists.get_mut(name));
            if let (Some(list), Value::Object(ty)) = (list, ty) {
                let values = ty.remove("enumValues");
                let values = values.as_ref().and_then(Value::as_array).into_iter().flatten();
                *list = values.filter_map(|value| value.get("name")?.as_str().map(str::to_owned)).collect();
                ty.insert("kind".to_owned(), Value::from("SCALAR"));
            }
        }
    }
    Ok(json.to_string())
}
