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

pub use check::{Input, InputTable, deserialize};
pub use convert::{InputType, IntoInput, NonNull, Nullable, ReadInput};
pub use filter::{Filter, InputScalar, Order, RangeFilter};
pub use value::{InputObject, InputValue};
#[doc(hidden)]
pub use {check::read_input, convert::read_leaf, filter::without_blanks, value::Wire};
