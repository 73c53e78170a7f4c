//! Conversions into input values: what setters accept.

use super::InputValue;
use super::table::{Expected, ReadInput};
use crate::decode::{DecodeError, Decoder, Field, read_field};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
use serde_json::Value;
use std::borrow::Cow;

/// Marks a nullable input.
#[derive(Debug, Clone, Copy)]
pub enum Nullable {}

/// Marks a non-null input.
#[derive(Debug, Clone, Copy)]
pub enum NonNull {}

/// A value that can be given for an input of type `T`.
///
/// For a text that is `"text"`, a `String` or a `&String`; for a list an array, a `Vec` or a slice; for an
/// id also `&record.id` and a reference to a record; where null is allowed, `None` (clears the field) and
/// `Some(value)`. A [`Filter`](super::Filter) takes a value, an array, a `Vec` or a slice of values, and any
/// iterator through [`Filter::any_of`](super::Filter::any_of).
///
/// An empty list is `Vec::new()` or `vec![]`: the compiler cannot infer the items of `[]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given for an input of type `{T}`",
    label = "expected a value for `{T}`",
    note = "a list takes an array, a `Vec` or a slice; `None` and `Some(..)` are accepted only where the schema allows null",
    note = "a filter takes a value, an array, a `Vec` or a slice of its type, and `Filter::any_of(..)` any iterator; an enum takes text as `Type::from(\"text\")`; `RangeFilter::new()` begins comparisons"
)]
pub trait IntoInput<T, N = Nullable> {
    /// The value to send.
    fn into_input(self) -> InputValue;
}

/// An input type of the schema.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an input type of the schema")]
pub trait InputType: Sized {
    /// What all enums have in common, or all input objects: their implementations have nothing of their own, which
    /// would be compiled for each.
    #[doc(hidden)]
    type Kind: InputKind<Self>;

    /// How it, or an item of it for a list, is read from JSON.
    #[doc(hidden)]
    const READ: ReadInput = Self::Kind::READ;

    /// What it expects of the schema of a server.
    #[doc(hidden)]
    const EXPECTED: Expected = Self::Kind::EXPECTED;

    /// The value to send.
    fn into_value(self) -> InputValue {
        Self::Kind::into_value(self)
    }
}

/// A kind of input types, such as enums. A type that is the only one of its kind is its own.
#[doc(hidden)]
pub trait InputKind<T> {
    /// See [`InputType::READ`].
    const READ: ReadInput;

    /// See [`InputType::EXPECTED`].
    const EXPECTED: Expected = Expected::Nothing;

    /// See [`InputType::into_value`].
    fn into_value(value: T) -> InputValue;
}

/// Reads a scalar or an enum: see [`ReadInput`].
#[doc(hidden)]
pub fn read_leaf<T: Field + InputType>(
    decoder: &mut Decoder<'_>,
    _: &'static str,
) -> Result<InputValue, DecodeError> {
    read_field::<T>(decoder).map(T::into_value)
}

fn read_id(decoder: &mut Decoder<'_>, _: &'static str) -> Result<InputValue, DecodeError> {
    let id: Id = read_field(decoder)?;
    if id.is_blank() { Err(DecodeError::invalid("ID", id.as_str())) } else { Ok(id.into_value()) }
}

impl<T: InputType, N> IntoInput<T, N> for T {
    fn into_input(self) -> InputValue {
        self.into_value()
    }
}

impl<T: InputType> IntoInput<T, Nullable> for Option<T> {
    fn into_input(self) -> InputValue {
        self.map_or(InputValue::Null, T::into_value)
    }
}

impl<T, U: IntoInput<T, NonNull>, N, const LENGTH: usize> IntoInput<Vec<T>, N> for [U; LENGTH] {
    fn into_input(self) -> InputValue {
        list(self)
    }
}

macro_rules! slices {
    ($([$($length:tt)*] $slice:ty;)*) => {$(
        impl<T, U: Clone + IntoInput<T, NonNull>, N $($length)*> IntoInput<Vec<T>, N> for &$slice {
            fn into_input(self) -> InputValue {
                list(self.iter().cloned())
            }
        }
    )*};
}

slices! {
    [] [U];
    [] Vec<U>;
    [, const LENGTH: usize] [U; LENGTH];
}

/// A list of items.
pub(super) fn list<T, U: IntoInput<T, NonNull>>(items: impl IntoIterator<Item = U>) -> InputValue {
    InputValue::List(items.into_iter().map(IntoInput::into_input).collect())
}

impl<T: InputType> InputType for Vec<T> {
    type Kind = Self;
}

impl<T: InputType> InputKind<Self> for Vec<T> {
    const READ: ReadInput = T::READ;

    fn into_value(value: Self) -> InputValue {
        InputValue::List(value.into_iter().map(T::into_value).collect())
    }
}

impl<T: InputType> InputType for Option<T> {
    type Kind = Self;
}

impl<T: InputType> InputKind<Self> for Option<T> {
    const READ: ReadInput = T::READ;

    fn into_value(value: Self) -> InputValue {
        value.map_or(InputValue::Null, T::into_value)
    }
}

impl<T: InputType> InputType for Box<T> {
    type Kind = Self;
}

impl<T: InputType> InputKind<Self> for Box<T> {
    const READ: ReadInput = T::READ;

    fn into_value(value: Self) -> InputValue {
        (*value).into_value()
    }
}

macro_rules! leaf {
    ($($type:ty, $read:expr, |$value:ident| $input:expr;)*) => {$(
        impl InputType for $type {
            type Kind = Self;
        }

        impl InputKind<Self> for $type {
            const READ: ReadInput = ReadInput::Value($read);

            fn into_value($value: Self) -> InputValue {
                $input
            }
        }
    )*};
}

leaf! {
    bool, read_leaf::<Self>, |value| InputValue::Boolean(value);
    i64, read_leaf::<Self>, |value| InputValue::Int(value);
    f64, read_leaf::<Self>, |value| InputValue::Float(value);
    String, read_leaf::<Self>, |value| InputValue::Text(Cow::Owned(value));
    Id, read_id, |value| match value.is_blank() {
        true => InputValue::Refused("an id must not be blank"),
        false => InputValue::Text(Cow::Owned(value.to_string())),
    };
    Decimal, read_leaf::<Self>, |value| InputValue::Decimal(value);
    Timestamp, read_leaf::<Self>, |value| InputValue::Text(Cow::Owned(value.to_string()));
    Date, read_leaf::<Self>, |value| InputValue::Text(Cow::Owned(value.to_string()));
    TimeOfDay, read_leaf::<Self>, |value| InputValue::Text(Cow::Owned(value.to_string()));
    Json, read_leaf::<Self>, |value| InputValue::Json(value);
}

/// JSON has no infinity and no NaN: a call with one fails before it is sent.
impl<N> IntoInput<Json, N> for f64 {
    fn into_input(self) -> InputValue {
        InputValue::Float(self)
    }
}

#[diagnostic::do_not_recommend]
impl<U: IntoInput<Json, NonNull>, N, const LENGTH: usize> IntoInput<Json, N> for [U; LENGTH] {
    fn into_input(self) -> InputValue {
        list(self)
    }
}

#[diagnostic::do_not_recommend]
impl<U: IntoInput<Json, NonNull>, N> IntoInput<Json, N> for Vec<U> {
    fn into_input(self) -> InputValue {
        list(self)
    }
}

/// Other types that are accepted.
macro_rules! accept {
    ($($($given:ty),* => $type:ty, |$value:ident| $leaf:expr;)*) => {$($(
        impl<N> IntoInput<$type, N> for $given {
            fn into_input(self) -> InputValue {
                let $value = self;
                InputType::into_value($leaf)
            }
        }
    )*)*};
}

accept! {
    &str => String, |text| text.to_owned();
    &str => Option<String>, |text| Some(text.to_owned());
    String => Option<String>, |text| Some(text);
    &str, String => Id, |text| Id::from(text);
    &String => Id, |text| Id::from(text.as_str());
    i32, u32 => i64, |number| i64::from(number);
    i32, i64 => Decimal, |number| Decimal::from(number);
    jiff::Timestamp, &jiff::Zoned => Timestamp, |time| Timestamp::from(time);
    Value, Decimal => Json, |value| Json::from(value);
    bool, i64, i32, u32, &str, String => Json, |value| Json::from(Value::from(value));
    Date, TimeOfDay, Timestamp, &String => Json, |value| Json::from(Value::from(value.to_string()));
}
