//! `Serialize`, `Deserialize` and `Debug` of generated types, which forward here.

use crate::decode::{Field, from_slice};
use crate::input::{Input, from_json};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

/// Deserializes a string.
///
/// # Errors
/// Those of the deserializer.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer)
}

/// Deserializes an output type with the decoder. The value is read as JSON text first, so that numbers keep
/// their digits. Only deserializers of `serde_json` support that.
///
/// # Errors
/// If the JSON is not a `T`.
pub fn output<'de, T: Field, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    from_slice(json.get().as_bytes()).map_err(D::Error::custom)
}

/// Deserializes an input type, checked against the schema.
///
/// # Errors
/// If the JSON does not match the input type.
pub fn input<'de, T: Input, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    from_json(T::table(), &json).map(T::from_object).map_err(D::Error::custom)
}

/// Implements the traits of a generated input type.
#[doc(hidden)]
#[macro_export]
macro_rules! input_impls {
    ($type:ident) => {
        impl ::std::fmt::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl $crate::InputType for $type {
            const KIND: $crate::input::Kind = $crate::input::Kind::Object(<$type as $crate::Input>::table);
            #[inline]
            fn into_value(self) -> $crate::InputValue {
                $crate::InputValue::Object(self.0)
            }
        }
        impl $crate::serde::Serialize for $type {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&self.0, serializer)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $type {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::serde_impls::input(deserializer)
            }
        }
    };
}
