//! The tables of generated input objects: names, types and JSON forms of fields.

/// The names and types of a generated input object.
#[derive(Debug)]
pub struct InputTable {
    /// Name of the GraphQL type.
    pub name: &'static str,
    /// The fields, each as `name: Type` or `name: Type = default`, and the kind of their JSON.
    pub fields: &'static [(&'static str, Kind)],
}

/// The JSON form of a value, or of the items of a list.
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
    /// A filter on values of a kind.
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
