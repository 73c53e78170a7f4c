//! Fields of filters and orders, by their names in the schema.

use xurrent_runtime::input::ReadInput;
use xurrent_runtime::{InputObject, InputType, InputValue};

/// Whether an enum has this value.
pub(crate) const fn has_value(mut values: &[&str], wanted: &str) -> bool {
    while let [first, rest @ ..] = values {
        if equal(first.as_bytes(), wanted.as_bytes()) {
            return true;
        }
        values = rest;
    }
    false
}

const fn equal(mut left: &[u8], mut right: &[u8]) -> bool {
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        if *first != *second {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

/// Whether an input has a field of this name.
pub(crate) fn has_field<I: InputType>(name: &str) -> bool {
    // A declaration is a name and a type: `createdAt: DateTimeFilter`.
    let declares = |field: &str| field.split_once(": ").is_some_and(|(declared, _)| declared == name);
    match I::READ {
        ReadInput::Object(table) => table().fields.iter().any(|(field, _)| declares(field)),
        ReadInput::Value(_) => false,
    }
}

/// A copy of an object that was set, or an empty one.
pub(crate) fn object(value: Option<&InputValue>) -> InputObject {
    match value {
        Some(InputValue::Object(object)) => object.clone(),
        _ => InputObject::new(),
    }
}
