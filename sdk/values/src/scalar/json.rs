//! The scalar `JSON`: any value, kept as text.

use crate::decode::Field;
use crate::encode::serialize_json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// Any JSON value. Kept as text, so that numbers keep their digits, and parsed on request. Compared as text:
/// `1.0` is not `1.00`.
#[derive(Clone, PartialEq)]
pub struct Json(pub(super) Box<str>);

impl Json {
    /// Serializes any value.
    ///
    /// # Errors
    /// If the value has no JSON, for example a map whose keys are not strings.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// A JSON text.
    ///
    /// # Errors
    /// If the text is not JSON.
    pub fn from_text(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(|raw| Self(Box::<str>::from(raw)))
    }

    /// A text that is known to be JSON.
    #[doc(hidden)]
    pub fn from_read(text: &str) -> Self {
        Self(text.into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// Deserializes the value.
    ///
    /// # Errors
    /// If the value is not a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// The value as a tree. Numbers are rounded to `f64`; [`parse`](Self::parse) and
    /// [`as_text`](Self::as_text) keep all digits.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        self.parse().unwrap_or_default()
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        // A `Value` is always serializable.
        Self::from_serialize(&value).unwrap_or_else(|_| Self::placeholder())
    }
}

impl From<rust_decimal::Decimal> for Json {
    /// A number with all digits.
    fn from(value: rust_decimal::Decimal) -> Self {
        // The text of a decimal is a valid JSON number.
        Self(value.to_string().into())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_text())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_text())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_json(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(Box::<str>::from(raw)))
    }
}
