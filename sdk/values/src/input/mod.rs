//! Input values: arguments and input objects.
//!
//! An input object stores the JSON that is sent: a setter inserts one entry. A field that was not set is
//! absent, `None` is null, and anything else is a value. The API treats these as unchanged, cleared and
//! changed.

mod check;
mod convert;
mod declare;
mod filter;
mod value;

pub use check::{InputTable, ReadInput, deserialize};
#[doc(hidden)]
pub use check::{read_input, read_leaf};
pub(crate) use convert::accept;
pub use convert::{InputType, IntoInput, NonNull, Nullable};
#[doc(hidden)]
pub use filter::without_blanks;
pub use filter::{Filter, Order, RangeFilter};
#[doc(hidden)]
pub use value::Wire;
pub use value::{InputObject, InputValue};

/// A generated input object.
pub trait Input: Sized + Clone {
    /// The names and types of its fields.
    fn table() -> &'static InputTable;

    /// Makes the input from checked entries.
    fn from_object(object: InputObject) -> Self;

    /// The entries, as they are sent.
    fn as_object(&self) -> &InputObject;
}
