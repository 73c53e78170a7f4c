//! Input values: the JSON that is sent.

use crate::scalar::Json;
use rust_decimal::Decimal;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// An input value.
#[derive(Clone)]
#[non_exhaustive]
pub enum InputValue {
    /// Null: clears the field.
    Null,
    /// `Boolean`.
    Boolean(bool),
    /// `Int`.
    Int(i64),
    /// `Float`. JSON has no infinity and no NaN: a call with one fails before it is sent.
    Float(f64),
    /// `Decimal`. Sent as a number with all digits, serialized as a string.
    Decimal(Decimal),
    /// A string, an id, an enum value or a time.
    Text(Cow<'static, str>),
    /// `JSON`.
    Json(Json),
    /// A list.
    List(Vec<InputValue>),
    /// An input object.
    Object(InputObject),
    /// A value that must not be sent, with the reason, such as a blank id. A call with it fails before it
    /// is sent.
    Refused(&'static str),
}

/// The entries of an input object, in the order in which they were set.
#[derive(Clone, Default)]
pub struct InputObject {
    entries: Vec<(&'static str, InputValue)>,
}

impl InputObject {
    /// An object without entries.
    #[inline(never)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces one entry.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: InputValue) -> Self {
        self.set(name, value);
        self
    }

    /// Adds or replaces one entry.
    pub fn set(&mut self, name: &'static str, value: InputValue) {
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((name, value)),
        }
    }

    /// Keeps the entries for which `keep` returns true.
    #[doc(hidden)]
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut InputValue) -> bool) {
        self.entries.retain_mut(|(name, value)| keep(name, value));
    }

    /// The value of an entry that was set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&InputValue> {
        self.entries.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The entries, in the order in which they were set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, &InputValue)> {
        self.entries.iter().map(|(name, value)| (*name, value))
    }
}

/// Serializes a value as it is sent. `Serialize` of the value itself writes decimals as strings, so that no
/// reader rounds them.
#[doc(hidden)]
pub struct Wire<'a, T>(pub &'a T);

fn serialize<S: Serializer>(value: &InputValue, serializer: S, wire: bool) -> Result<S::Ok, S::Error> {
    match value {
        InputValue::Null => serializer.serialize_none(),
        InputValue::Boolean(value) => serializer.serialize_bool(*value),
        InputValue::Int(value) => serializer.serialize_i64(*value),
        InputValue::Float(value) if !value.is_finite() => {
            Err(S::Error::custom(format_args!("{value} cannot be sent: JSON has no such number")))
        }
        InputValue::Float(value) => serializer.serialize_f64(*value),
        InputValue::Decimal(value) if wire => {
            RawValue::from_string(value.to_string()).map_err(S::Error::custom)?.serialize(serializer)
        }
        InputValue::Decimal(value) => serializer.collect_str(value),
        InputValue::Text(value) => serializer.serialize_str(value),
        InputValue::Json(value) => value.serialize(serializer),
        InputValue::List(items) => serializer
            .collect_seq(items.iter().enumerate().map(|(index, value)| Entry { name: index, value, wire })),
        InputValue::Object(object) => serialize_object(object, serializer, wire),
        InputValue::Refused(reason) => Err(S::Error::custom(reason)),
    }
}

/// A value in a list or an object, which adds its name to errors.
struct Entry<'a, N> {
    name: N,
    value: &'a InputValue,
    wire: bool,
}

impl<N: fmt::Display> Serialize for Entry<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let separator = match self.value {
            InputValue::List(_) | InputValue::Object(_) => ".",
            _ => ": ",
        };
        serialize(self.value, serializer, self.wire)
            .map_err(|error| S::Error::custom(format_args!("{}{separator}{error}", self.name)))
    }
}

fn serialize_object<S: Serializer>(
    object: &InputObject,
    serializer: S,
    wire: bool,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(object.iter().map(|(name, value)| (name, Entry { name, value, wire })))
}

macro_rules! serialize_and_debug {
    ($($type:ty, $serialize:path;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $serialize(self, serializer, false)
            }
        }

        impl Serialize for Wire<'_, $type> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $serialize(self.0, serializer, true)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match serde_json::to_string(&Wire(self)) {
                    Ok(json) => f.write_str(&json),
                    Err(error) => write!(f, "<{error}>"),
                }
            }
        }
    )*};
}

serialize_and_debug! {
    InputValue, serialize;
    InputObject, serialize_object;
}
