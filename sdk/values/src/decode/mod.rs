//! Decoding of JSON into typed values.
//!
//! A generated type declares its names in a [`Table`] and passes one mutable reference per field to
//! [`Decoder::object`]. That function is compiled once and handles everything else: the order of keys,
//! missing and unknown fields, null, the depth, and the path in an error.

mod decoder;
mod error;
mod field;
mod keys;
mod lookup;
mod parser;
mod reader;
mod selection;

pub use decoder::{Decoder, Field};
pub use error::{DecodeError, DecodeErrorKind, Decoded, MAX_DEPTH, PathSegment};
#[doc(hidden)]
pub use field::append_field;
pub use field::read_field;
pub use lookup::NodeLookup;
pub use selection::{AllPages, ConnectionShape, Selection, Table};

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

/// A function that decodes a value.
pub type Read<T> = fn(&mut Decoder<'_>) -> Result<T, DecodeError>;

/// Decodes a whole JSON document.
///
/// # Errors
/// If the text is not JSON, if anything but white space follows the value, or if the value is not a `T`.
pub fn from_slice<T: Field>(json: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(json);
    let value = read_field(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

/// Deserializes a value with the decoder. It is read as JSON text first, so that numbers keep their digits.
/// Only deserializers of `serde_json` support that.
///
/// # Errors
/// If the JSON is not a `T`.
pub fn deserialize<'de, T: Field, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    from_slice(json.get().as_bytes()).map_err(D::Error::custom)
}
