//! The shape of the JSON of a field of an input object, by its Rust type.

use super::InputTable;

/// The JSON of a value, whatever lists are around it.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Kind {
    Boolean,
    Int,
    Float,
    String,
    Id,
    Decimal,
    Timestamp,
    Date,
    Time,
    Json,
    Enum,
    Order,
    /// A filter over values of a kind.
    Filter(&'static Kind),
    /// A filter with comparisons.
    RangeFilter(&'static Kind),
    /// Another input object.
    Object(fn() -> &'static InputTable),
}

impl Kind {
    /// The name of a leaf, for errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "Boolean",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::String => "String",
            Self::Id => "ID",
            Self::Decimal => "Decimal",
            Self::Timestamp => "Timestamp",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::Json => "Json",
            Self::Enum => "Enum",
            Self::Order => "Order",
            Self::Filter(_) | Self::RangeFilter(_) => "Filter",
            Self::Object(_) => "Object",
        }
    }
}
