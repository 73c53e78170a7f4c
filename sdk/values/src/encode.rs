//! Encoding of typed values for serde and for `Debug`.
//!
//! Types write themselves to a [`Sink`]. There are two sinks, so that serialization and debug output are
//! compiled once and not for every type.

use crate::decode::Table;
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// A value that can be serialized and printed with `Debug`.
pub trait Encode {
    /// Writes the value to a sink.
    fn encode(&self, sink: &mut dyn Sink);
}

/// Receives one value.
pub trait Sink {
    /// Null.
    fn null(&mut self);
    /// A boolean.
    fn boolean(&mut self, value: bool);
    /// An integer.
    fn integer(&mut self, value: i64);
    /// A floating point number.
    fn float(&mut self, value: f64);
    /// A text.
    fn text(&mut self, value: &str);
    /// A value with a canonical text, without quotes in debug output: times, decimals, enums.
    fn symbol(&mut self, value: &dyn fmt::Display);
    /// A JSON text.
    fn json(&mut self, text: &str);
    /// A list.
    fn list(&mut self, items: &[&dyn Encode]);
    /// An object with its fields in the order of the table.
    fn object(&mut self, table: &'static Table, fields: &[&dyn Encode]);
}

/// Serializes any decoded value.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &dyn Encode, serializer: S) -> Result<S::Ok, S::Error> {
    let mut sink = SerdeSink::Ready(serializer);
    value.encode(&mut sink);
    match sink {
        SerdeSink::Done(result) => result,
        SerdeSink::Ready(serializer) => serializer.serialize_unit(),
        SerdeSink::Taken => Err(S::Error::custom("the value was not written")),
    }
}

/// Writes any decoded value the way `#[derive(Debug)]` would.
///
/// # Errors
/// Those of the formatter.
pub fn debug(value: &dyn Encode, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut sink = DebugSink { formatter, result: Ok(()) };
    value.encode(&mut sink);
    sink.result
}

/// Serializes a JSON text as the value that it is.
pub(crate) fn serialize_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

struct Serialized<'a>(&'a dyn Encode);

impl Serialize for Serialized<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer)
    }
}

enum SerdeSink<S: Serializer> {
    Ready(S),
    Taken,
    Done(Result<S::Ok, S::Error>),
}

impl<S: Serializer> SerdeSink<S> {
    fn write(&mut self, write: impl FnOnce(S) -> Result<S::Ok, S::Error>) {
        if let Self::Ready(serializer) = std::mem::replace(self, Self::Taken) {
            *self = Self::Done(write(serializer));
        }
    }
}

impl<S: Serializer> Sink for SerdeSink<S> {
    fn null(&mut self) {
        self.write(S::serialize_none);
    }

    fn boolean(&mut self, value: bool) {
        self.write(|serializer| serializer.serialize_bool(value));
    }

    fn integer(&mut self, value: i64) {
        self.write(|serializer| serializer.serialize_i64(value));
    }

    fn float(&mut self, value: f64) {
        self.write(|serializer| serializer.serialize_f64(value));
    }

    fn text(&mut self, value: &str) {
        self.write(|serializer| serializer.serialize_str(value));
    }

    fn symbol(&mut self, value: &dyn fmt::Display) {
        self.write(|serializer| serializer.collect_str(value));
    }

    fn json(&mut self, text: &str) {
        self.write(|serializer| serialize_json(text, serializer));
    }

    fn list(&mut self, items: &[&dyn Encode]) {
        self.write(|serializer| serializer.collect_seq(items.iter().map(|item| Serialized(*item))));
    }

    fn object(&mut self, table: &'static Table, fields: &[&dyn Encode]) {
        self.write(|serializer| {
            let mut map = serializer.serialize_map(Some(fields.len()))?;
            for (name, field) in table.fields.iter().zip(fields) {
                map.serialize_entry(name, &Serialized(*field))?;
            }
            map.end()
        });
    }
}

struct Debugged<'a>(&'a dyn Encode);

impl fmt::Debug for Debugged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(self.0, f)
    }
}

struct DebugSink<'a, 'f> {
    formatter: &'a mut fmt::Formatter<'f>,
    result: fmt::Result,
}

impl Sink for DebugSink<'_, '_> {
    fn null(&mut self) {
        self.result = self.formatter.write_str("None");
    }

    fn boolean(&mut self, value: bool) {
        self.result = fmt::Debug::fmt(&value, self.formatter);
    }

    fn integer(&mut self, value: i64) {
        self.result = fmt::Debug::fmt(&value, self.formatter);
    }

    fn float(&mut self, value: f64) {
        self.result = fmt::Debug::fmt(&value, self.formatter);
    }

    fn text(&mut self, value: &str) {
        self.result = fmt::Debug::fmt(value, self.formatter);
    }

    fn symbol(&mut self, value: &dyn fmt::Display) {
        self.result = fmt::Display::fmt(value, self.formatter);
    }

    fn json(&mut self, text: &str) {
        self.result = self.formatter.write_str(text);
    }

    fn list(&mut self, items: &[&dyn Encode]) {
        self.result = self.formatter.debug_list().entries(items.iter().map(|item| Debugged(*item))).finish();
    }

    fn object(&mut self, table: &'static Table, fields: &[&dyn Encode]) {
        let mut object = self.formatter.debug_struct(table.name);
        for (name, field) in table.fields.iter().zip(fields) {
            object.field(name, &Debugged(*field));
        }
        self.result = object.finish();
    }
}
