//! The macro that declares the objects of a delivery, and how their fields are decoded.
//!
//! Unknown keys are ignored. An [`Option`] is `None` if its key is absent, null or an empty string, since
//! Xurrent writes all three for the same. Other fields are required. A number may be written as a string,
//! and a string as a number.

use xurrent_values::decode::{DecodeError, DecodeErrorKind, Decoder};
use xurrent_values::encode::Encode;
use xurrent_values::scalar::{Date, Decimal, Id, Json, Timestamp, decimal};

/// The type of a field.
pub(super) trait Value: Sized {
    /// Decodes a value; `None` for an empty string.
    fn read(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError>;
}

/// A field, required or optional.
pub(super) trait Member: Encode + Sized {
    /// Decodes the field.
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// The value for an absent key, if the field is optional.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Value + Encode> Member for Option<T> {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::read(decoder) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// A flag that is sent only if it is set.
impl Member for bool {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(false) } else { decoder.boolean("Boolean") }
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

/// Types that are read from a string or a number.
macro_rules! leaves {
    ($($type:ty, $name:literal, $parse:expr;)*) => {$(
        impl Value for $type {
            fn read(decoder: &mut Decoder<'_>) -> Result<Option<Self>, DecodeError> {
                let text = decoder.number_or_string($name)?;
                if text.is_empty() {
                    return Ok(None);
                }
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text).map(Some).ok_or_else(|| DecodeError::invalid($name, text))
            }
        }
    )*};
}

leaves! {
    i64, "Int", |text| text.parse().ok();
    String, "String", |text| Some(text.to_owned());
    Id, "ID", |text| Some(Id::from(text));
    Decimal, "Decimal", decimal::parse;
    Date, "ISO8601Date", |text| text.parse().ok();
    Timestamp, "ISO8601Timestamp", |text| text.parse().ok();
}

/// Types of required fields.
macro_rules! required {
    ($($type:ty, $name:literal;)*) => {$(
        impl Member for $type {
            fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                <$type as Value>::read(decoder)?
                    .ok_or_else(|| DecodeError::invalid($name, ""))
            }
        }
    )*};
}

required! {
    i64, "Int";
    String, "String";
}

impl Member for super::Event {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Ok(Self::from(decoder.string("Event")?))
    }
}

impl Member for Json {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        xurrent_values::decode::read_field(decoder)
    }

    /// Null, for an event without a payload.
    fn absent() -> Option<Self> {
        Some(xurrent_values::decode::Field::placeholder())
    }
}

/// Decodes the value of a key that may occur once.
pub(super) fn fill<T: Member>(place: &mut Option<T>, decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
    if place.is_some() {
        return Err(DecodeError::new(DecodeErrorKind::Duplicate));
    }
    *place = Some(T::read(decoder)?);
    Ok(())
}

/// The decoded value, or the value for an absent key.
pub(super) fn take<T: Member>(
    place: Option<T>,
    object: &'static str,
    key: &'static str,
) -> Result<T, DecodeError> {
    place.or_else(T::absent).ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_key(object, key))
}

/// Declares an object of a delivery with the types and the JSON keys of its fields.
macro_rules! object {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[$field_about:meta])* $field:ident: $type:ty = $key:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_about])* pub $field: $type,)*
        }

        impl $name {
            const TABLE: xurrent_values::Table =
                xurrent_values::Table { name: stringify!($name), fields: &[$($key),*], nested: &[] };

            pub(super) fn decode(
                decoder: &mut xurrent_values::Decoder<'_>,
            ) -> std::result::Result<Self, xurrent_values::DecodeError> {
                $(let mut $field: Option<$type> = None;)*
                decoder
                    .entries(stringify!($name), &mut |decoder, key| match key {
                        $($key => crate::decode_macro::fill(&mut $field, decoder)
                            .map_err(|error| error.of(stringify!($name))),)*
                        _ => decoder.skip(),
                    })?;
                Ok(Self {
                    $($field: crate::decode_macro::take($field, stringify!($name), $key)?,)*
                })
            }
        }

        impl crate::decode_macro::Value for $name {
            fn read(
                decoder: &mut xurrent_values::Decoder<'_>,
            ) -> std::result::Result<Option<Self>, xurrent_values::DecodeError> {
                Self::decode(decoder).map(Some)
            }
        }

        impl xurrent_values::Encode for $name {
            fn encode(&self, sink: &mut dyn xurrent_values::Sink) {
                static TABLE: xurrent_values::Table = $name::TABLE;
                sink.object(&TABLE, &[$(&self.$field),*]);
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                xurrent_values::encode::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            /// From JSON only, so that numbers keep their digits.
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                let json = <Box<serde_json::value::RawValue>>::deserialize(deserializer)?;
                let mut decoder = xurrent_values::Decoder::new(json.get().as_bytes());
                Self::decode(&mut decoder).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use object;
