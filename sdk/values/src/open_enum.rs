//! Open enums: enums that the server may extend.

use crate::decode::{Decoded, Decoder};

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

/// Implements all traits of an open enum.
#[doc(hidden)]
#[macro_export]
macro_rules! enum_impls {
    ($type:ident) => {
        $crate::leaf_impls!($type);
        impl $crate::Field for $type {
            #[inline]
            fn placeholder() -> Self {
                $crate::OpenEnum::unrecognized(::std::string::String::new())
            }
            #[inline]
            fn decode(&mut self, decoder: &mut $crate::Decoder<'_>) -> $crate::Decoded {
                $crate::open_enum::decode(self, decoder)
            }
        }

        impl $crate::Encode for $type {
            #[inline]
            fn encode(&self, sink: &mut dyn $crate::Sink) {
                sink.symbol(&$crate::OpenEnum::as_str(self))
            }
        }
        impl $crate::InputType for $type {
            const KIND: $crate::input::Kind = $crate::input::Kind::Enum;
            #[inline]
            fn into_value(self) -> $crate::InputValue {
                $crate::InputValue::Text(::std::convert::Into::into(::std::borrow::ToOwned::to_owned(
                    $crate::OpenEnum::as_str(&self),
                )))
            }
        }
        impl ::std::fmt::Display for $type {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::OpenEnum::as_str(self))
            }
        }
        impl ::std::convert::From<&str> for $type {
            /// The variant for a value, known or not.
            #[inline]
            fn from(text: &str) -> Self {
                $crate::open_enum::from_text(text)
            }
        }
        impl $crate::serde::Serialize for $type {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::OpenEnum::as_str(self))
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $type {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::serde_impls::text(deserializer).map(|text| $crate::open_enum::from_text(&text))
            }
        }
    };
}
