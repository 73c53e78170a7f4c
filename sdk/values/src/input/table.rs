//! What input types know of the schema.

use super::InputValue;
use crate::decode::{DecodeError, Decoder, Selection};

/// How a value is read from JSON that is neither null nor a list.
#[derive(Debug, Clone, Copy)]
pub enum ReadInput {
    /// A scalar, an enum or a filter, of the GraphQL type with this name.
    Value(fn(&mut Decoder<'_>, &'static str) -> Result<InputValue, DecodeError>),
    /// An input object with these names.
    Object(fn() -> &'static InputTable),
}

/// The names and types of a generated input object.
#[derive(Debug)]
pub struct InputTable {
    /// Its Rust name.
    pub rust: &'static str,
    /// Name of the GraphQL type.
    pub name: &'static str,
    /// Whether exactly one of its fields is given, and not null (`@oneOf`).
    pub one_of: bool,
    /// The fields, each as `name: Type` or `name: Type = default`, and how its value, or an item of its list,
    /// is read from JSON.
    pub fields: &'static [(&'static str, ReadInput)],
}

/// What a type expects of the schema of a server. Constants of types are evaluated where they are used: a
/// program that compares nothing has none of this.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// Nothing that a schema has.
    Nothing,
    /// A type with the fields of a selection.
    Selection {
        /// The Rust name.
        rust: &'static str,
        /// The GraphQL name of the type.
        on: &'static str,
        /// The fields.
        selection: &'static Selection,
        /// The variables of an operation, with their GraphQL types.
        variables: &'static [(&'static str, &'static str)],
    },
    /// An input object with these fields.
    Input(fn() -> &'static InputTable),
    /// An enum, or the types of an interface or a union.
    Enum {
        /// The Rust name.
        rust: &'static str,
        /// The GraphQL name.
        name: &'static str,
        /// The values, or the types.
        values: &'static [&'static str],
    },
    /// All of these.
    All(&'static [Self]),
}

impl Expected {
    /// Whether there is something to compare.
    #[must_use]
    pub const fn is_something(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Selection { .. } | Self::Input(_) | Self::Enum { .. } => true,
            Self::All(all) => {
                let mut all = *all;
                while let [first, rest @ ..] = all {
                    if !first.is_something() {
                        return false;
                    }
                    all = rest;
                }
                true
            }
        }
    }
}
