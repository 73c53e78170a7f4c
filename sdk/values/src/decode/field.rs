//! Decoding and encoding of primitives, options and lists.

use super::decoder::{Decoder, Field};
use super::error::{DecodeError, Decoded};
use crate::encode::{Encode, Sink};

macro_rules! primitives {
    ($($type:ty, $placeholder:expr, |$decoder:ident| $decode:expr, $encode:ident;)*) => {$(
        impl Field for $type {
            fn placeholder() -> Self {
                $placeholder
            }

            fn decode(&mut self, $decoder: &mut Decoder<'_>) -> Decoded {
                *self = $decode?;
                Ok(())
            }
        }

        impl Encode for $type {
            fn encode(&self, sink: &mut dyn Sink) {
                sink.$encode(*self);
            }
        }
    )*};
}

// `Int` has 64 bits here: sizes and times exceed the 32 bits of the specification.
primitives! {
    bool, false, |decoder| decoder.boolean("Boolean"), boolean;
    i64, 0, |decoder| decoder.integer("Int"), integer;
    f64, 0.0, |decoder| decoder.float("Float"), float;
}

impl Field for String {
    fn placeholder() -> Self {
        String::new()
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.string("String")?.clone_into(self);
        Ok(())
    }
}

impl Encode for String {
    fn encode(&self, sink: &mut dyn Sink) {
        sink.text(self);
    }
}

impl<T: Field> Field for Option<T> {
    fn placeholder() -> Self {
        None
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        if decoder.null()? {
            *self = None;
            return Ok(());
        }
        self.insert(T::placeholder()).decode(decoder)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, sink: &mut dyn Sink) {
        match self {
            Some(value) => value.encode(sink),
            None => sink.null(),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn placeholder() -> Self {
        Vec::new()
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.clear();
        decoder.list("a list", &mut |decoder| append_field(self, decoder))
    }
}

/// Decodes a value and appends it to a list, in place.
#[doc(hidden)]
pub fn append_field<T: Field>(list: &mut Vec<T>, decoder: &mut Decoder<'_>) -> Decoded {
    list.push(T::placeholder());
    match list.last_mut() {
        Some(item) => item.decode(decoder),
        None => Ok(()),
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, sink: &mut dyn Sink) {
        let items: Vec<&dyn Encode> = self.iter().map(|item| item as &dyn Encode).collect();
        sink.list(&items);
    }
}

impl<T: Field> Field for Box<T> {
    fn placeholder() -> Self {
        Box::new(T::placeholder())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        (**self).decode(decoder)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, sink: &mut dyn Sink) {
        (**self).encode(sink);
    }
}

/// Decodes a leaf from a string.
pub(crate) fn parse_text<T>(
    decoder: &mut Decoder<'_>,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    let text = decoder.string(expected)?;
    parse(text).ok_or_else(|| DecodeError::invalid(expected, text))
}
