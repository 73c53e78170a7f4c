//! Scalar types without an equivalent in `std`.

#[doc(hidden)]
pub mod decimal;
mod id;
mod json;
mod time;

pub use id::Id;
pub use jiff::civil::Date;
pub use json::Json;
pub use rust_decimal::Decimal;
pub use time::{ParseScalarError, TimeOfDay, Timestamp};
