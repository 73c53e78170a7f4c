//! The macro that declares the objects of a delivery, and how their fields are decoded.
//!
//! Unknown keys are ignored. An [`Option`] is `None` if its key is absent, null or an empty string, since
//! Xurrent writes all three for the same. Other fields are required. A number may be written as a string,
//! and a string as a number.

use xurrent_values::decode::{DecodeError, DecodeErrorKind, Decoder, Field, read_field};
use xurrent_values::encode::Encode;
use xurrent_values::scalar::{Date, Decimal, Id, Json, Timestamp, decimal};

pub(super) type Decoded<T> = Result<T, DecodeError>;

pub(super) trait Value: Sized {
    /// Decodes a value; `None` for an empty string.
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Option<Self>>;
}

/// A field, required or optional.
pub(super) trait Member: Encode + Sized {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self>;

    /// The value for an absent key, if the field is optional.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Value + Encode> Member for Option<T> {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        if decoder.null()? { Ok(None) } else { T::read(decoder) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// A flag that is sent only if it is set.
impl Member for bool {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
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
            fn read(decoder: &mut Decoder<'_>) -> Decoded<Option<Self>> {
                let text = decoder.number_or_string($name)?;
                if text.is_empty() {
                    return Ok(None);
                }
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text).map(Some).ok_or_else(|| DecodeError::invalid($name, text))
            }
        }

        impl Member for $type {
            fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
                <$type as Value>::read(decoder)?.ok_or_else(|| DecodeError::invalid($name, ""))
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

impl Member for super::Event {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        Ok(Self::from(decoder.string("Event")?))
    }
}

impl Member for Json {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        read_field(decoder)
    }

    /// Null, for an event without a payload.
    fn absent() -> Option<Self> {
        Some(Field::placeholder())
    }
}

/// Reads the value of a key that may occur once. The value may borrow from the JSON.
pub(super) fn once<'j, T>(
    place: &mut Option<T>,
    decoder: &mut Decoder<'j>,
    read: impl FnOnce(&mut Decoder<'j>) -> Decoded<T>,
) -> Decoded<()> {
    if place.is_some() {
        return Err(DecodeError::new(DecodeErrorKind::Duplicate));
    }
    *place = Some(read(decoder)?);
    Ok(())
}

/// The decoded value, or the value for an absent key.
pub(super) fn take<T: Member>(place: Option<T>, object: &'static str, key: &'static str) -> Decoded<T> {
    place.or_else(T::absent).ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_key(object, key))
}

/// Declares objects of a delivery with the types and the JSON keys of their fields.
macro_rules! objects {
    ($(
        $(#[$about:meta])*
        $name:ident {
            $($(#[$field_about:meta])* $field:ident: $type:ty = $key:literal,)*
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_about])* pub $field: $type,)*
        }

        impl $name {
            const NAME: &'static str = stringify!($name);

            pub(super) fn decode(
                decoder: &mut xurrent_values::Decoder<'_>,
            ) -> crate::decode_macro::Decoded<Self> {
                $(let mut $field: Option<$type> = None;)*
                decoder.entries(Self::NAME, &mut |decoder, key| match key {
                    $($key => crate::decode_macro::once(&mut $field, decoder, crate::decode_macro::Member::read)
                        .map_err(|error| error.of(Self::NAME)),)*
                    _ => decoder.skip(),
                })?;
                Ok(Self { $($field: crate::decode_macro::take($field, Self::NAME, $key)?,)* })
            }
        }

        impl crate::decode_macro::Value for $name {
            fn read(
                decoder: &mut xurrent_values::Decoder<'_>,
            ) -> crate::decode_macro::Decoded<Option<Self>> {
                Self::decode(decoder).map(Some)
            }
        }

        impl xurrent_values::Encode for $name {
            fn encode(&self, sink: &mut xurrent_values::Sink<'_>) {
                static TABLE: xurrent_values::Table =
                    xurrent_values::Table { name: $name::NAME, fields: &[$($key),*], nested: &[], source: "" };
                sink(xurrent_values::encode::Encoded::Object(&TABLE, &[$(&self.$field),*]));
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(
                &self,
                serializer: S,
            ) -> std::result::Result<S::Ok, S::Error> {
                (self as &dyn xurrent_values::Encode).serialize(serializer)
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
    )*};
}

pub(super) use objects;
