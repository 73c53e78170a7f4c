//! Values that are sent: arguments and input objects.
//!
//! An input object stores nothing but the JSON that will be sent: a setter inserts one entry.
//! A field that was never set is absent, `None` is null, anything else is a value; the API tells
//! the three apart (unchanged, cleared, changed).

mod check;
mod convert;
mod filter;
mod kind;
mod value;

pub use check::{InputTable, from_json};
pub use convert::{InputType, IntoInput, NonNull, Nullable};
#[doc(hidden)]
pub use filter::without_blanks;
pub use filter::{Filter, Order, RangeFilter};
pub use kind::Kind;
#[doc(hidden)]
pub use value::Wire;
pub use value::{InputObject, InputValue};

/// A generated input object.
pub trait Input: Sized + Clone {
    /// The names and types of its fields.
    fn table() -> &'static InputTable;

    /// Takes entries that have been checked.
    fn from_object(object: InputObject) -> Self;

    /// The entries that will be sent.
    fn as_object(&self) -> &InputObject;
}
