//! Open enums: enums that the server may extend.

mod unknown_value;

pub use unknown_value::UnknownValue;

use crate::decode::{DecodeError, Decoded, Decoder};
use crate::encode::{Encoded, Sink};
use crate::input::{Expected, InputKind, InputType, InputValue, ReadInput, read_leaf};
use crate::leaf::WireLeaf;
use serde::{Deserialize, Deserializer, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};

/// An enum with the values of the schema and one variant for any other value, which is kept and sent back
/// unchanged: values differ between servers and are added over time.
///
/// `From<&str>` keeps an unknown value, as decoding a response does. `FromStr`, for text of users and of
/// configuration, refuses it with an [`UnknownValue`].
pub trait OpenEnum: Clone + PartialEq + Sized + 'static {
    /// Name of the GraphQL type.
    const NAME: &'static str;

    /// The values of the schema, sorted.
    const VALUES: &'static [&'static str];

    /// The variants, in the order of their values.
    const VARIANTS: &'static [Self];

    /// The value, as it is sent.
    fn as_str(&self) -> &str;

    /// The variant for an unknown value.
    fn unrecognized(text: String) -> Self;
}

/// The variant for a value, known or not.
pub fn from_text<T: OpenEnum>(text: &str) -> T {
    match position(T::VALUES, text) {
        Some(index) => T::VARIANTS[index].clone(),
        None => T::unrecognized(text.to_owned()),
    }
}

/// The variant for a value of the schema.
///
/// # Errors
/// If the schema does not have the value.
pub fn from_known<T: OpenEnum>(text: &str) -> Result<T, UnknownValue> {
    match position(T::VALUES, text) {
        Some(index) => Ok(T::VARIANTS[index].clone()),
        None => Err(UnknownValue { of: T::NAME, value: text.to_owned(), known: T::VALUES }),
    }
}

/// Not generic, so that the search is compiled once.
fn position(values: &[&str], text: &str) -> Option<usize> {
    // Values of one length are usual, such as those of currencies. Few have the same last byte too.
    let last = text.as_bytes().last();
    values
        .iter()
        .position(|value| value.len() == text.len() && value.as_bytes().last() == last && *value == text)
}

/// Decodes an enum in place.
///
/// # Errors
/// If the JSON value is not a string.
pub fn decode<T: OpenEnum>(value: &mut T, decoder: &mut Decoder<'_>) -> Decoded {
    match find(decoder, T::NAME, T::VALUES) {
        Ok(Found::Known(index)) => *value = T::VARIANTS[index].clone(),
        Ok(Found::Unknown(text)) => *value = T::unrecognized(text),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// A value that was decoded.
enum Found {
    /// The index of a value of the schema.
    Known(usize),
    Unknown(String),
}

/// Decodes a value. Not generic, so that it is compiled once.
fn find(decoder: &mut Decoder<'_>, name: &'static str, values: &[&str]) -> Result<Found, DecodeError> {
    let text = decoder.string(name)?;
    Ok(position(values, text).map_or_else(|| Found::Unknown(text.to_owned()), Found::Known))
}

/// Deserializes an enum.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, T: OpenEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer).map(|text| from_text(&text))
}

// Each enum implements its traits by one call of these functions. They are never inlined: otherwise the metadata of
// a crate holds `as_str` five times for each enum.

/// Hashes an enum.
#[inline(never)]
pub fn hash<T: OpenEnum, H: Hasher>(value: &T, state: &mut H) {
    value.as_str().hash(state);
}

/// Encodes an enum.
#[inline(never)]
pub fn encode<T: OpenEnum>(value: &T, sink: &mut Sink<'_>) {
    sink(Encoded::Symbol(&value.as_str()));
}

/// What enums are as inputs.
#[doc(hidden)]
#[derive(Debug)]
pub enum EnumKind {}

impl<T: OpenEnum + WireLeaf + InputType> InputKind<T> for EnumKind {
    const READ: ReadInput = ReadInput::Value(read_leaf::<T>);
    const EXPECTED: Expected =
        Expected::Enum { rust: <T as WireLeaf>::NAME, name: <T as OpenEnum>::NAME, values: T::VALUES };

    fn into_value(value: T) -> InputValue {
        InputValue::Text(value.as_str().to_owned().into())
    }
}

/// Prints the value of an enum.
///
/// # Errors
/// Those of the formatter.
#[inline(never)]
pub fn display<T: OpenEnum>(value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(value.as_str())
}

/// Serializes an enum.
///
/// # Errors
/// Those of the serializer.
#[inline(never)]
pub fn serialize<T: OpenEnum, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.as_str())
}

/// How a value of the schema is written on a command line; none for another value.
#[cfg(feature = "clap")]
pub fn possible_value<T: OpenEnum>(value: &T) -> Option<clap::builder::PossibleValue> {
    position(T::VALUES, value.as_str()).map(|index| clap::builder::PossibleValue::new(T::VALUES[index]))
}

/// Implements [`clap::ValueEnum`]: a command line accepts the values of the schema.
#[cfg(feature = "clap")]
#[doc(hidden)]
#[macro_export]
macro_rules! __value_enum {
    ($name:ident) => {
        impl $crate::clap::ValueEnum for $name {
            #[inline]
            fn value_variants<'a>() -> &'a [Self] {
                <Self as $crate::OpenEnum>::VARIANTS
            }
            #[inline]
            fn to_possible_value(&self) -> ::std::option::Option<$crate::clap::builder::PossibleValue> {
                $crate::open_enum::possible_value(self)
            }
        }
    };
}

/// Without the feature `clap`.
#[cfg(not(feature = "clap"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __value_enum {
    ($name:ident) => {};
}

/// Declares an enum that keeps values which the schema does not have.
///
/// ```
/// use xurrent_values as rt;
///
/// rt::open_enum! {
///     /// How loud.
///     Volume = "Volume" {
///         High = "high",
///         Low = "low",
///     }
/// }
/// assert_eq!(Volume::from("low"), Volume::Low);
/// assert_eq!(Volume::from("none").to_string(), "none");
/// assert_eq!("low".parse(), Ok(Volume::Low));
/// assert!("none".parse::<Volume>().is_err());
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident = $($kind:ident)? $graphql:literal $(, see $reference:literal)? {
            $($(#[$value_meta:meta])* $variant:ident = $value:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[doc = $crate::__title!($($kind)? "enum" $graphql)]
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_meta])* #[doc = "\n`"] #[doc = $value] #[doc = "`"] $variant,)*
            /// A value that the schema did not have when this crate was generated.
            Unrecognized(::std::string::String),
        }
        impl ::std::cmp::Eq for $name {}
        impl ::std::hash::Hash for $name {
            #[inline]
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                $crate::open_enum::hash(self, state);
            }
        }
        // The implementation must name deprecated values; nothing else is allowed by this.
        #[allow(deprecated)]
        impl $crate::OpenEnum for $name {
            const NAME: &'static str = $graphql;
            const VALUES: &'static [&'static str] = &[$($value),*];
            const VARIANTS: &'static [Self] = &[$(Self::$variant),*];
            #[inline]
            fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unrecognized(text) => text,
                }
            }
            #[inline]
            fn unrecognized(text: ::std::string::String) -> Self {
                Self::Unrecognized(text)
            }
        }
        $crate::leaf_impls!($name);
        $crate::__value_enum!($name);
        impl $crate::Field for $name {
            #[inline]
            fn placeholder() -> Self {
                $crate::OpenEnum::unrecognized(::std::string::String::new())
            }
            #[inline]
            fn decode(&mut self, decoder: &mut $crate::Decoder<'_>) -> $crate::Decoded {
                $crate::open_enum::decode(self, decoder)
            }
        }
        impl $crate::Encode for $name {
            #[inline]
            fn encode(&self, sink: &mut $crate::Sink<'_>) {
                $crate::open_enum::encode(self, sink);
            }
        }
        impl $crate::InputType for $name {
            type Kind = $crate::open_enum::EnumKind;
        }
        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::open_enum::display(self, f)
            }
        }
        impl ::std::convert::From<&str> for $name {
            /// The variant for a value, known or not.
            #[inline]
            fn from(text: &str) -> Self {
                $crate::open_enum::from_text(text)
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::open_enum::UnknownValue;
            #[inline]
            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::open_enum::UnknownValue> {
                $crate::open_enum::from_known(text)
            }
        }
        impl $crate::serde::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::open_enum::serialize(self, serializer)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::open_enum::deserialize(deserializer)
            }
        }
    };
}

/// The title of a type of the schema, of the concrete types of an interface, or of the arguments of a root
/// field.
#[doc(hidden)]
#[macro_export]
macro_rules! __title {
    ($keyword:literal $graphql:literal) => {
        ::std::concat!("\nGraphQL `", $keyword, " ", $graphql, "`.")
    };
    (typename $keyword:literal $graphql:literal) => {
        ::std::concat!("`__typename of ", $graphql, "`")
    };
    (arguments $keyword:literal $graphql:literal) => {
        ::std::concat!("`optional arguments of ", $graphql, "`")
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, unreachable_pub)]

    use super::OpenEnum;

    crate::open_enum! {
        Phase = "RequestPhase" {
            InProgress = "in_progress",
            Other = "other",
            Waiting = "waiting_for_customer",
        }
    }

    crate::open_enum! {
        Digit = "Digit" {
            A = "a1", B = "b2", C = "c3", D = "d4", E = "e5", F = "f6", G = "g7", H = "h8", I = "i9", J = "j10",
            K = "k11", L = "l12",
        }
    }

    #[test]
    fn every_known_value_is_parsed_and_no_other() {
        for (value, variant) in Phase::VALUES.iter().zip(Phase::VARIANTS) {
            assert_eq!(value.parse().as_ref(), Ok(variant));
            assert_eq!(&Phase::from(*value), variant);
        }
        for text in ["", "Other", " other", "in progress", "in_progress\n", "closed", "Unrecognized"] {
            let error = text.parse::<Phase>().unwrap_err();
            assert_eq!((error.enum_name(), error.value()), ("RequestPhase", text));
            assert_eq!(error.known_values(), Phase::VALUES);
            assert_eq!(Phase::from(text), Phase::Unrecognized(text.to_owned()), "From keeps it");
        }
    }

    #[test]
    fn the_error_names_the_closest_value_or_the_known_ones() {
        let text = |text: &str| text.parse::<Phase>().unwrap_err().to_string();
        for similar in ["inprogress", "In-Progress", "IN PROGRESS", "in_progess"] {
            let expected = format!("`RequestPhase` has no value `{similar}`; did you mean `in_progress`?");
            assert_eq!(text(similar), expected);
        }
        let expected =
            "`RequestPhase` has no value `shut\\n`; expected `in_progress`, `other`, `waiting_for_customer`";
        assert_eq!(text("shut\n"), expected, "on one line");
        let digits = "zzzzzzz".parse::<Digit>().unwrap_err().to_string();
        assert!(digits.ends_with("`j10` or one of 2 more"), "{digits}");
        let long = text(&"in_progress".repeat(100_000));
        assert!(long.len() < 400 && long.contains("expected"), "{long}");
        assert!(text(&"é".repeat(1_000_000)).contains("expected"));
    }

    #[cfg(feature = "clap")]
    #[test]
    fn a_command_line_has_the_values_of_the_schema() {
        use clap::ValueEnum;

        assert_eq!(Phase::value_variants(), Phase::VARIANTS);
        let names: Vec<_> = Phase::VARIANTS.iter().map(|it| it.to_possible_value().unwrap()).collect();
        assert_eq!(names.iter().map(|it| it.get_name()).collect::<Vec<_>>(), Phase::VALUES);
        assert_eq!(Phase::from("closed").to_possible_value(), None);
    }
}
