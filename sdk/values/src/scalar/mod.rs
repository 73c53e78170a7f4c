//! Scalar types without an equivalent in `std`.

#[doc(hidden)]
pub mod custom;
#[doc(hidden)]
pub mod decimal;
mod id;
mod json;
mod time;

pub use id::Id;
pub use jiff::civil::Date;
pub use json::Json;
pub use rust_decimal::Decimal;
pub use time::{ParseScalarError, TimeOfDay, Timestamp};

use self::time::{parse_date, parse_time_of_day, parse_timestamp};
use crate::decode::{DecodeError, Decoded, Decoder, Field};
use crate::encode::{Encode, Encoded, Sink};

/// Implements decoding and encoding of a scalar, from its placeholder, its decoder and its encoded value.
macro_rules! scalars {
    ($(
        $type:ty, $placeholder:expr,
        |$this:ident, $decoder:ident| $decode:expr, |$value:ident| $encoded:expr;
    )*) => {$(
        impl Field for $type {
            fn placeholder() -> Self {
                $placeholder
            }

            fn decode(&mut self, $decoder: &mut Decoder<'_>) -> Decoded {
                let $this = self;
                $decode;
                Ok(())
            }
        }

        impl Encode for $type {
            fn encode(&self, sink: &mut Sink<'_>) {
                let $value = self;
                sink($encoded);
            }
        }
    )*};
}

// `Int` has 64 bits here: sizes and times exceed the 32 bits of the specification. A decimal is encoded as a
// string, since most readers round JSON numbers.
scalars! {
    bool, false, |this, decoder| *this = decoder.boolean("Boolean")?, |value| Encoded::Boolean(*value);
    i64, 0, |this, decoder| *this = decoder.integer("Int")?, |value| Encoded::Integer(*value);
    f64, 0.0, |this, decoder| *this = decoder.float("Float")?, |value| Encoded::Float(*value);
    String, String::new(),
        |this, decoder| *this = decoder.string("String")?.to_owned(), |value| Encoded::Text(value);
    Id, Id(String::new()),
        |this, decoder| this.0 = decoder.string("ID")?.to_owned(), |value| Encoded::Text(&value.0);
    Json, Json("null".into()),
        |this, decoder| this.0 = decoder.raw()?.into(), |value| Encoded::Json(&value.0);
    Decimal, Decimal::ZERO,
        |this, decoder| *this = parse(decoder.number_or_string("Decimal")?, "Decimal", decimal::parse)?,
        |value| Encoded::Symbol(value);
    Timestamp, Timestamp::NoTarget,
        |this, decoder| *this = parse(decoder.string("ISO8601Timestamp")?, "ISO8601Timestamp", parse_timestamp)?,
        |value| Encoded::Symbol(value);
    TimeOfDay, TimeOfDay::END_OF_DAY,
        |this, decoder| *this = parse(decoder.string("ISO8601Time")?, "ISO8601Time", parse_time_of_day)?,
        |value| Encoded::Symbol(value);
    Date, Date::ZERO,
        |this, decoder| *this = parse(decoder.string("ISO8601Date")?, "ISO8601Date", parse_date)?,
        |value| Encoded::Symbol(value);
}

fn parse<T>(
    text: &str,
    expected: &'static str,
    from_text: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    from_text(text).ok_or_else(|| DecodeError::invalid(expected, text))
}
