//! Input values: arguments and input objects.
//!
//! An input object stores the JSON that is sent: a setter inserts one entry. A field that was not set is
//! absent, `None` is null, and anything else is a value. The API treats these as unchanged, cleared and
//! changed.

mod check;
#[macro_use]
mod convert;
mod declare;
mod filter;
mod value;

pub use check::{InputTable, ReadInput, deserialize};
pub use convert::{InputType, IntoInput, NonNull, Nullable};
pub use filter::{Filter, Order, RangeFilter};
pub use value::{InputObject, InputValue};
#[doc(hidden)]
pub use {
    check::{read_input, read_leaf},
    filter::without_blanks,
    value::Wire,
};

/// A generated input object.
pub trait Input: Sized + Clone {
    /// The names and types of its fields.
    fn table() -> &'static InputTable;

    /// Makes the input from checked entries.
    fn from_object(object: InputObject) -> Self;

    /// The entries, as they are sent.
    fn as_object(&self) -> &InputObject;
}
