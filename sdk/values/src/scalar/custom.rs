//! Scalars of a schema in types of a user's own.

use super::Json;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder};
use crate::encode::{Encoded, Sink};
use crate::input::InputValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Lets a type of your own hold a custom scalar of a schema, in records, selections, inputs and arguments. The
/// generator takes its path under `[scalars]`.
///
/// The type implements serde's `Serialize` and `Deserialize` in the form that the API has, `Clone`, `Debug` and
/// `Default`. The default is never seen: it is in the place of a value while that is decoded.
///
/// ```
/// use serde::{Deserialize, Serialize};
///
/// /// An amount in cents.
/// #[derive(Clone, Debug, Default, Serialize, Deserialize)]
/// #[serde(transparent)]
/// pub struct Money(i64);
///
/// xurrent_values::scalar!(Money);
/// ```
#[macro_export]
macro_rules! scalar {
    ($type:ident) => {
        $crate::leaf_impls!($type);
        impl $crate::Field for $type {
            fn placeholder() -> Self {
                ::std::default::Default::default()
            }
            fn decode(&mut self, decoder: &mut $crate::Decoder<'_>) -> $crate::Decoded {
                *self = $crate::scalar::custom::decode(decoder)?;
                ::std::result::Result::Ok(())
            }
        }
        impl $crate::Encode for $type {
            fn encode(&self, sink: &mut $crate::Sink<'_>) {
                $crate::scalar::custom::encode(self, sink);
            }
        }
        impl $crate::InputType for $type {
            type Kind = Self;
        }
        impl $crate::input::InputKind<Self> for $type {
            const READ: $crate::input::ReadInput =
                $crate::input::ReadInput::Value($crate::input::read_leaf::<Self>);
            fn into_value(value: Self) -> $crate::InputValue {
                $crate::scalar::custom::input(&value)
            }
        }
    };
}

/// Decodes a value with serde.
///
/// # Errors
/// The reason why the type refuses the value.
#[doc(hidden)]
pub fn decode<T: DeserializeOwned>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    serde_json::from_str(decoder.raw()?)
        .map_err(|error| DecodeError::new(DecodeErrorKind::Refused { reason: error.to_string() }))
}

/// Encodes a value with serde. What cannot be serialized is not written, which is an error of the whole.
#[doc(hidden)]
pub fn encode(value: &impl Serialize, sink: &mut Sink<'_>) {
    if let Ok(text) = serde_json::to_string(value) {
        sink(Encoded::Json(&text));
    }
}

/// The value to send.
#[doc(hidden)]
pub fn input(value: &impl Serialize) -> InputValue {
    match serde_json::to_string(value) {
        Ok(text) => InputValue::Json(Json(text.into())),
        Err(_) => InputValue::Refused("a value of a custom scalar cannot be serialized"),
    }
}
