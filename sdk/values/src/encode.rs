//! Encoding of typed values for serde and for `Debug`.
//!
//! Types pass themselves to a [`Sink`] as an [`Encoded`] value, so that serialization and debug output are
//! compiled once and not for every type.

use crate::decode::Table;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// A value that can be serialized and printed with `Debug`.
pub trait Encode {
    /// Passes the value to a sink, once.
    fn encode(&self, sink: &mut Sink<'_>);
}

/// Receives one value.
pub type Sink<'s> = dyn FnMut(Encoded<'_>) + 's;

/// One value, and references to those inside it.
pub enum Encoded<'a> {
    /// Null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A floating point number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A value with a canonical text, without quotes in debug output: times, decimals, enums.
    Symbol(&'a dyn fmt::Display),
    /// A JSON text.
    Json(&'a str),
    /// A list.
    List(&'a [&'a dyn Encode]),
    /// An object with its fields in the order of the table.
    Object(&'static Table, &'a [&'a dyn Encode]),
}

impl Serialize for dyn Encode + '_ {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut serializer = Some(serializer);
        let mut result = None;
        self.encode(&mut |value| {
            if let Some(serializer) = serializer.take() {
                result = Some(serialize(value, serializer));
            }
        });
        result.unwrap_or_else(|| Err(S::Error::custom("the value was not written")))
    }
}

fn serialize<S: Serializer>(value: Encoded<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Encoded::Null => serializer.serialize_none(),
        Encoded::Boolean(value) => serializer.serialize_bool(value),
        Encoded::Integer(value) => serializer.serialize_i64(value),
        Encoded::Float(value) => serializer.serialize_f64(value),
        Encoded::Text(value) => serializer.serialize_str(value),
        Encoded::Symbol(value) => serializer.collect_str(value),
        Encoded::Json(text) => serialize_json(text, serializer),
        Encoded::List(items) => serializer.collect_seq(items),
        Encoded::Object(table, fields) => serializer.collect_map(table.fields.iter().zip(fields)),
    }
}

/// The same text as with `#[derive(Debug)]`.
impl fmt::Debug for dyn Encode + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = Ok(());
        self.encode(&mut |value| {
            result = match value {
                Encoded::Null => f.write_str("None"),
                Encoded::Boolean(value) => fmt::Debug::fmt(&value, f),
                Encoded::Integer(value) => fmt::Debug::fmt(&value, f),
                Encoded::Float(value) => fmt::Debug::fmt(&value, f),
                Encoded::Text(value) => fmt::Debug::fmt(value, f),
                Encoded::Symbol(value) => fmt::Display::fmt(value, f),
                Encoded::Json(text) => f.write_str(text),
                Encoded::List(items) => f.debug_list().entries(items).finish(),
                Encoded::Object(table, fields) => {
                    let mut object = f.debug_struct(table.name);
                    for (name, field) in table.fields.iter().zip(fields) {
                        object.field(name, field);
                    }
                    object.finish()
                }
            };
        });
        result
    }
}

/// Serializes a JSON text as the value that it is.
pub(crate) fn serialize_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}
