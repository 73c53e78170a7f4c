//! Traits and types of inputs, for generic code.
//!
//! A setter takes [`IntoInput<T, Nullable>`](crate::IntoInput) where null is possible, and
//! [`IntoInput<T, NonNull>`](crate::IntoInput) where it is not.

pub use xurrent_runtime::input::{Input, InputObject, InputType, InputValue, NonNull, Nullable};
