//! The path of a malformed part of an introspection result.

use super::{Argument, EnumValue, Field, Type};
use crate::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Adds the type and the field to the error of a result that cannot be read, where it is in one.
pub(super) fn with_place(json: &str, error: serde_json::Error) -> Error {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    let schema = ["/data/__schema", "/__schema"].iter().find_map(|path| value.pointer(path));
    match schema.and_then(in_types) {
        Some((place, source)) => Error::Place { place, source },
        None => Error::Json(error),
    }
}

type Found = Option<(String, serde_json::Error)>;

fn in_types(schema: &Value) -> Found {
    first::<Type>(schema, "types", |ty| {
        first::<Field>(ty, "fields", |field| first::<Argument>(field, "args", |_| None))
            .or_else(|| first::<Argument>(ty, "inputFields", |_| None))
            .or_else(|| first::<EnumValue>(ty, "enumValues", |_| None))
    })
}

/// The first item of a list that cannot be read, and what of it `inner` finds.
fn first<T: DeserializeOwned>(owner: &Value, list: &str, inner: impl Fn(&Value) -> Found) -> Found {
    let items = owner.get(list)?.as_array()?.iter().enumerate();
    let (index, item, error) =
        items.filter_map(|(index, item)| Some((index, item, T::deserialize(item).err()?))).next()?;
    let name = item.get("name").and_then(Value::as_str);
    let name = name.map_or_else(|| format!("{list}[{index}]"), str::to_owned);
    Some(match inner(item) {
        Some((place, error)) => (format!("{name}.{place}"), error),
        None => (name, error),
    })
}
