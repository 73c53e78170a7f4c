//! References to records by name, by number, or by source.

use crate::node_id::NodeId;
use std::borrow::Cow;
use xurrent_runtime::{Id, InputValue};

/// A value that is sent, or why it cannot be.
pub(super) type Value = Result<InputValue, String>;

/// The number of a record, as in the addresses of Xurrent, or its id in GraphQL, which contains the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordNumber(Number);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Number {
    Number(i64),
    Node(Id),
}

impl RecordNumber {
    pub(super) fn into_value(self) -> Value {
        match self.0 {
            Number::Number(number) if number > 0 => Ok(InputValue::Int(number)),
            Number::Number(number) => Err(format!("{number}; expected the number of a record")),
            Number::Node(id) => {
                let number = NodeId::decode(&id).and_then(|node| i64::try_from(node.number).ok());
                let number = number.filter(|number| *number > 0).map(InputValue::Int);
                number.ok_or_else(|| format!("{:?}, which is not the id of a record", id.as_str()))
            }
        }
    }
}

impl From<i64> for RecordNumber {
    fn from(number: i64) -> Self {
        Self(Number::Number(number))
    }
}

impl From<Id> for RecordNumber {
    fn from(id: Id) -> Self {
        Self(Number::Node(id))
    }
}

impl From<&Id> for RecordNumber {
    fn from(id: &Id) -> Self {
        id.clone().into()
    }
}

/// A record by its name, which of a person is the primary email address, or by its [number](RecordNumber).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(ByNameOrNumber);

#[derive(Debug, Clone, PartialEq, Eq)]
enum ByNameOrNumber {
    Name(String),
    Number(RecordNumber),
}

impl Reference {
    /// The parameter, of the two for names and for numbers, and its value.
    pub(super) fn into_parameter(self, by_name: &'static str, by_number: &'static str) -> Parameter {
        match self.0 {
            ByNameOrNumber::Name(name) => (by_name, text(name)),
            ByNameOrNumber::Number(number) => (by_number, number.into_value()),
        }
    }
}

impl From<&str> for Reference {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl From<&String> for Reference {
    fn from(name: &String) -> Self {
        name.clone().into()
    }
}

impl From<String> for Reference {
    fn from(name: String) -> Self {
        Self(ByNameOrNumber::Name(name))
    }
}

impl From<i64> for Reference {
    fn from(number: i64) -> Self {
        Self(ByNameOrNumber::Number(number.into()))
    }
}

impl From<Id> for Reference {
    fn from(id: Id) -> Self {
        Self(ByNameOrNumber::Number(id.into()))
    }
}

impl From<&Id> for Reference {
    fn from(id: &Id) -> Self {
        id.clone().into()
    }
}

/// A configuration item by its label (software by its name), by its [number](RecordNumber), or
/// [by its source](Self::by_source).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiReference(Ci);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ci {
    Reference(Reference),
    Source { source: String, source_id: String },
}

/// A parameter with its value.
pub(super) type Parameter = (&'static str, Value);

impl CiReference {
    /// By the `source` and the `sourceID` that another system, such as a discovery tool, gave it.
    pub fn by_source(source: impl Into<String>, source_id: impl Into<String>) -> Self {
        Self(Ci::Source { source: source.into(), source_id: source_id.into() })
    }

    pub(super) fn into_parameters(self) -> Vec<Parameter> {
        match self.0 {
            Ci::Reference(reference) => vec![reference.into_parameter("ci", "ci_id")],
            Ci::Source { source, source_id } => {
                vec![("ci_source", text(source)), ("ci_sourceID", text(source_id))]
            }
        }
    }
}

impl<R: Into<Reference>> From<R> for CiReference {
    fn from(reference: R) -> Self {
        Self(Ci::Reference(reference.into()))
    }
}

/// A text, which must not be blank.
pub(super) fn text(text: String) -> Value {
    if text.trim().is_empty() {
        Err("a blank text".to_owned())
    } else {
        Ok(InputValue::Text(Cow::Owned(text)))
    }
}
