//! What the schema cannot say: `schema.overrides.toml`.

mod connections;
mod node;
mod payload_errors;

pub use connections::Connections;
pub use node::Node;
pub use payload_errors::PayloadErrors;

use crate::Error;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Facts about a schema that introspection does not give.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the reference pages are: a page is at `<reference>/<kind>/<name in lower case>/`.
    pub reference: Option<String>,
    /// How connections are recognised.
    pub connections: Connections,
    /// The Rust type of a custom scalar. A scalar that is neither here nor in `values` becomes
    /// `Json`, which takes any value.
    pub scalars: BTreeMap<String, ScalarKind>,
    /// The known values of a scalar that is a list of values; it becomes an enum. Where the
    /// schema itself says that the type is an enum, the schema wins.
    pub values: BTreeMap<String, Vec<String>>,
    /// The path of the Rust type for an enum or a scalar, where another crate declares it as an open enum.
    /// The generated crate re-exports the type, so the path ends in its Rust name.
    pub external: BTreeMap<String, String>,
    /// The Rust type of single fields of inputs, as `Type.field`, where the scalar of the schema says
    /// less than is known: `ID` for a text that names something.
    pub fields: BTreeMap<String, ScalarKind>,
    /// Rust names for types (`Type`), for fields and values (`Type.field`) and for arguments
    /// (`Type.field.argument`).
    pub renames: BTreeMap<String, String>,
    /// Fields that are left out, as `Type.field`.
    pub skips: BTreeSet<String>,
    /// How payloads of mutations list their errors.
    pub payload_errors: PayloadErrors,
    /// The query of a record by its id.
    pub node: Node,
}

/// The Rust types that a scalar can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScalarKind {
    /// `String`
    String,
    /// `Id`
    Id,
    /// `i64`
    Int,
    /// `f64`
    Float,
    /// `bool`
    Boolean,
    /// `Decimal`: a number or a text in JSON, exact.
    Decimal,
    /// `Date`
    Date,
    /// `TimeOfDay`
    Time,
    /// `Timestamp`
    Timestamp,
    /// `Json`: any value.
    Json,
}

impl ScalarKind {
    /// The Rust type: one of the language's, or of the runtime's.
    pub(crate) fn rust_type(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Id => "rt::Id",
            Self::Int => "i64",
            Self::Float => "f64",
            Self::Boolean => "bool",
            Self::Decimal => "rt::Decimal",
            Self::Date => "rt::Date",
            Self::Time => "rt::TimeOfDay",
            Self::Timestamp => "rt::Timestamp",
            Self::Json => "rt::Json",
        }
    }
}

impl Config {
    /// Reads the TOML text. A byte order mark before it is ignored.
    ///
    /// # Errors
    /// When the text is not TOML or has a key that is not known here.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Ok(toml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))?)
    }
}
