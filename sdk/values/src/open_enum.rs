//! Open enums: enums that the server may extend.

use crate::decode::{Decoded, Decoder};
use serde::{Deserialize, Deserializer};

/// An enum with the values of the schema and one variant for any other value, which is kept and sent back
/// unchanged: values differ between servers and are added over time.
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

/// Not generic, so that the search is compiled once.
fn position(values: &[&str], text: &str) -> Option<usize> {
    values.iter().position(|value| *value == text)
}

/// Decodes an enum in place.
///
/// # Errors
/// If the JSON value is not a string.
pub fn decode<T: OpenEnum>(value: &mut T, decoder: &mut Decoder<'_>) -> Decoded {
    *value = from_text(decoder.string(T::NAME)?);
    Ok(())
}

/// Deserializes an enum.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, T: OpenEnum, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer).map(|text| from_text(&text))
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
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_meta])* #[doc = ::std::concat!("\n`", $value, "`")] $variant,)*
            /// A value that the schema did not have when this crate was generated.
            Unrecognized(::std::string::String),
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
                sink($crate::encode::Encoded::Symbol(&$crate::OpenEnum::as_str(self)))
            }
        }
        impl $crate::InputType for $name {
            const READ: $crate::input::ReadInput = $crate::input::read_leaf::<Self>;
            #[inline]
            fn into_value(self) -> $crate::InputValue {
                $crate::InputType::into_value(::std::borrow::ToOwned::to_owned($crate::OpenEnum::as_str(&self)))
            }
        }
        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::OpenEnum::as_str(self))
            }
        }
        impl ::std::convert::From<&str> for $name {
            /// The variant for a value, known or not.
            #[inline]
            fn from(text: &str) -> Self {
                $crate::open_enum::from_text(text)
            }
        }
        impl $crate::serde::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::OpenEnum::as_str(self))
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
