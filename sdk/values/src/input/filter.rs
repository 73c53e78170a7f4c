//! Filters and orders of connections.

use super::check::{NO_VALUES, read_filter, read_order};
use super::convert::{InputKind, list};
use super::{InputObject, InputType, InputValue, IntoInput, NonNull, ReadInput};
use crate::open_enum::OpenEnum;
use crate::scalar::{Date, Decimal, Id, TimeOfDay, Timestamp};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

const NO_CUSTOM_VALUES: &str = "an empty list of values, which selects records nobody chose: leave the filter \
     out, or give `[None]` for records without a value, and `negate(true)` beside it for those with one";

/// Selects records by the values of one field.
///
/// A setter for a filter also takes a value, or an array, a `Vec` or a slice of values:
/// `.name("Howard")`, `.name(["Howard", "James"])`, `.name(&names)`. [`any_of`](Self::any_of) takes any
/// iterator: `.id(Filter::any_of(people.iter().map(|person| &person.id)))`. Several values are alternatives;
/// several filters must all hold. A filter on an account takes its id as text: `.account("wdc")`.
///
/// # Empty lists
/// The API reads an empty list of values as "has no value". So that a computed list that is empty does not
/// select unexpected records, a call with an empty list fails before it is sent: for
/// [`any_of`](Self::any_of), [`none_of`](Self::none_of), arrays, custom filters and filters from JSON. Use
/// [`empty`](Self::empty) for records without a value and [`present`](Self::present) for records with one;
/// in JSON, `"values": [null]`, with `"negate": true` for the latter.
pub struct Filter<T>(InputObject, PhantomData<fn(T)>);

/// A [`Filter`] with comparisons, for numbers, dates and times.
pub struct RangeFilter<T>(InputObject, PhantomData<fn(T)>);

impl<T: InputScalar, N> IntoInput<T, N> for &T {
    fn into_input(self) -> InputValue {
        self.clone().into_value()
    }
}

/// A scalar or an enum, which also a reference to it stands for. A list is none: the values of a filter that
/// is given a `Vec` are its items.
pub trait InputScalar: InputType + Clone {}

impl<E: OpenEnum + InputType> InputScalar for E {}

macro_rules! scalars {
    ($($type:ty),*) => {$(impl InputScalar for $type {})*};
}

scalars!(bool, i64, f64, String, Id, Decimal, Timestamp, Date, TimeOfDay);

macro_rules! value_filter {
    ($filter:ident, $comparisons:expr) => {
        impl<T> $filter<T> {
            fn over(values: InputValue, negate: bool) -> Self {
                let object = InputObject::new().with("values", values);
                let object = if negate { object.with("negate", InputValue::Boolean(true)) } else { object };
                Self(object, PhantomData)
            }

            /// Records whose field has one of these values. A call with an empty list fails: see
            /// [Empty lists](Filter#empty-lists).
            pub fn any_of<U: IntoInput<T, NonNull>>(values: impl IntoIterator<Item = U>) -> Self {
                Self::over(refuse_empty(list(values)), false)
            }

            /// Records whose field has none of these values. A call with an empty list fails.
            pub fn none_of<U: IntoInput<T, NonNull>>(values: impl IntoIterator<Item = U>) -> Self {
                Self::over(refuse_empty(list(values)), true)
            }

            /// Records whose field has no value.
            #[must_use]
            pub fn empty() -> Self {
                Self::over(InputValue::List(Vec::new()), false)
            }

            /// Records whose field has any value.
            #[must_use]
            pub fn present() -> Self {
                Self::over(InputValue::List(Vec::new()), true)
            }
        }

        impl<T> Clone for $filter<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<T> fmt::Debug for $filter<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<T: InputType> InputType for $filter<T> {
            type Kind = Self;
        }

        impl<T: InputType> InputKind<Self> for $filter<T> {
            const READ: ReadInput =
                ReadInput::Value(|decoder, name| read_filter(decoder, name, T::READ, $comparisons));

            fn into_value(value: Self) -> InputValue {
                InputValue::Object(value.0)
            }
        }

        impl<T: InputScalar, N> IntoInput<$filter<T>, N> for T {
            fn into_input(self) -> InputValue {
                $filter::<T>::any_of([self]).into_value()
            }
        }

        impl<T: InputScalar, N> IntoInput<$filter<T>, N> for &T {
            fn into_input(self) -> InputValue {
                $filter::<T>::any_of([self]).into_value()
            }
        }

        value_lists! { $filter
            [] |values: Vec<U>| values;
            [, const LENGTH: usize] |values: [U; LENGTH]| values;
            [] |values: &[U]| values.iter().cloned();
            [] |values: &Vec<U>| values.iter().cloned();
            [, const LENGTH: usize] |values: &[U; LENGTH]| values.iter().cloned();
        }
    };
}

/// Lists of values that a filter takes.
macro_rules! value_lists {
    ($filter:ident $([$($length:tt)*] |$values:ident: $list:ty| $items:expr;)*) => {$(
        impl<T: InputType, U: Clone + IntoInput<T, NonNull>, N $($length)*> IntoInput<$filter<T>, N> for $list {
            fn into_input(self) -> InputValue {
                let $values = self;
                $filter::<T>::any_of($items).into_value()
            }
        }
    )*};
}

value_filter!(Filter, &[]);
value_filter!(RangeFilter, &["lessThan", "lessThanOrEqualTo", "greaterThan", "greaterThanOrEqualTo"]);

fn refuse_empty(values: InputValue) -> InputValue {
    match &values {
        InputValue::List(items) if items.is_empty() => InputValue::Refused(NO_VALUES),
        _ => values,
    }
}

accept! {
    &str => Filter<String>, |text| Filter::<String>::any_of([text]);
    &str, String, &String => Filter<Id>, |id| Filter::<Id>::any_of([id]);
}

impl<T> RangeFilter<T> {
    /// Records whose field satisfies the comparisons that follow.
    #[must_use]
    pub fn new() -> Self {
        Self(InputObject::new(), PhantomData)
    }

    fn bound(mut self, name: &'static str, value: impl IntoInput<T, NonNull>) -> Self {
        self.0.set(name, value.into_input());
        self
    }

    /// Less than `value`.
    #[must_use]
    pub fn less_than(self, value: impl IntoInput<T, NonNull>) -> Self {
        self.bound("lessThan", value)
    }

    /// Less than `value` or equal to it.
    #[must_use]
    pub fn less_than_or_equal_to(self, value: impl IntoInput<T, NonNull>) -> Self {
        self.bound("lessThanOrEqualTo", value)
    }

    /// Greater than `value`.
    #[must_use]
    pub fn greater_than(self, value: impl IntoInput<T, NonNull>) -> Self {
        self.bound("greaterThan", value)
    }

    /// Greater than `value` or equal to it.
    #[must_use]
    pub fn greater_than_or_equal_to(self, value: impl IntoInput<T, NonNull>) -> Self {
        self.bound("greaterThanOrEqualTo", value)
    }
}

impl<T> Default for RangeFilter<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A filter without blank search texts and custom filters with a blank name, as empty forms give them.
/// `None` if nothing is left.
#[doc(hidden)]
pub fn without_blanks(filter: InputValue) -> Option<InputValue> {
    let InputValue::Object(mut filter) = filter else { return Some(filter) };
    filter.retain(|name, value| match (name, value) {
        ("query", text) => !is_blank(text),
        ("customFilters", InputValue::List(customs)) => {
            customs.retain_mut(|custom| match custom {
                InputValue::Object(custom) => {
                    if matches!(custom.get("values"), Some(InputValue::List(values)) if values.is_empty()) {
                        custom.set("values", InputValue::Refused(NO_CUSTOM_VALUES));
                    }
                    !custom.get("name").is_some_and(is_blank)
                }
                _ => true,
            });
            !customs.is_empty()
        }
        _ => true,
    });
    let is_left = filter.iter().len() > 0;
    is_left.then_some(InputValue::Object(filter))
}

fn is_blank(value: &InputValue) -> bool {
    matches!(value, InputValue::Text(text) if text.trim().is_empty())
}

/// A sort order by one field.
#[derive(Clone)]
pub struct Order<F> {
    field: F,
    direction: &'static str,
}

impl<F> Order<F> {
    /// Ascending.
    pub const fn asc(field: F) -> Self {
        Self { field, direction: "asc" }
    }

    /// Descending.
    pub const fn desc(field: F) -> Self {
        Self { field, direction: "desc" }
    }
}

impl<F: OpenEnum> fmt::Debug for Order<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field.as_str(), self.direction)
    }
}

impl<F: OpenEnum> InputType for Order<F> {
    type Kind = Self;
}

impl<F: OpenEnum> InputKind<Self> for Order<F> {
    const READ: ReadInput = ReadInput::Value(read_order);

    fn into_value(value: Self) -> InputValue {
        let field = InputValue::Text(Cow::Owned(value.field.as_str().to_owned()));
        let direction = InputValue::Text(Cow::Borrowed(value.direction));
        InputValue::Object(InputObject::new().with("field", field).with("direction", direction))
    }
}
