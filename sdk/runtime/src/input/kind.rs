//! The shape of the JSON of a field of an input object, by its Rust type.

use super::{Filter, InputTable, Order, RangeFilter};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};

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

/// A type that a generated input object can have a field of.
pub trait Declared {
    /// The shape of its JSON.
    const KIND: Kind;
}

macro_rules! leaves {
    ($($type:ty => $kind:ident,)*) => {
        $(impl Declared for $type {
            const KIND: Kind = Kind::$kind;
        })*
    };
}

leaves! {
    bool => Boolean,
    i64 => Int,
    f64 => Float,
    String => String,
    Id => Id,
    Decimal => Decimal,
    Timestamp => Timestamp,
    Date => Date,
    TimeOfDay => Time,
    Json => Json,
}

impl<T: Declared> Declared for Option<T> {
    const KIND: Kind = T::KIND;
}

impl<T: Declared> Declared for Vec<T> {
    const KIND: Kind = T::KIND;
}

impl<F> Declared for Order<F> {
    const KIND: Kind = Kind::Order;
}

impl<T: Declared> Declared for Filter<T> {
    const KIND: Kind = Kind::Filter(&T::KIND);
}

impl<T: Declared> Declared for RangeFilter<T> {
    const KIND: Kind = Kind::RangeFilter(&T::KIND);
}
