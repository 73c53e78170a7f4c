//! The kinds of input objects.

use super::check::Input;
use super::convert::InputKind;
use super::table::{Expected, ReadInput};
use super::value::InputValue;

/// Input objects.
#[doc(hidden)]
#[derive(Debug)]
pub enum ObjectKind {}

impl<T: Input> InputKind<T> for ObjectKind {
    const READ: ReadInput = ReadInput::Object(T::table);
    const EXPECTED: Expected = Expected::Input(T::table);

    fn into_value(mut value: T) -> InputValue {
        InputValue::Object(std::mem::take(value.as_object_mut()))
    }
}

/// The optional arguments of a root field, which are no type of the schema.
#[doc(hidden)]
#[derive(Debug)]
pub enum ArgumentsKind {}

impl<T: Input> InputKind<T> for ArgumentsKind {
    const READ: ReadInput = <ObjectKind as InputKind<T>>::READ;

    fn into_value(value: T) -> InputValue {
        ObjectKind::into_value(value)
    }
}
