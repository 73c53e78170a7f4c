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
mod kind;
mod table;
mod value;

pub use check::{Input, deserialize};
pub use convert::{InputType, IntoInput, NonNull, Nullable};
pub use filter::{Filter, InputScalar, Order, RangeFilter};
#[doc(hidden)]
pub use kind::{ArgumentsKind, ObjectKind};
pub use table::{InputTable, ReadInput};
pub use value::{InputObject, InputValue};
#[doc(hidden)]
pub use {convert::InputKind, convert::read_leaf, filter::without_blanks, table::Expected, value::Wire};
