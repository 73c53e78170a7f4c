//! Decoding and encoding of primitives, options and lists.

use super::decoder::{Decoder, Field};
use super::error::{DecodeError, Decoded};
use crate::encode::{Encode, Sink};

impl Field for String {
    fn vacant() -> Self {
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

impl Field for bool {
    fn vacant() -> Self {
        false
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        *self = decoder.boolean("Boolean")?;
        Ok(())
    }
}

impl Encode for bool {
    fn encode(&self, sink: &mut dyn Sink) {
        sink.boolean(*self);
    }
}

/// `Int` is 64 bits wide here: sizes and times exceed the 32 bits of the specification.
impl Field for i64 {
    fn vacant() -> Self {
        0
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        *self = decoder.integer("Int")?;
        Ok(())
    }
}

impl Encode for i64 {
    fn encode(&self, sink: &mut dyn Sink) {
        sink.integer(*self);
    }
}

impl Field for f64 {
    fn vacant() -> Self {
        0.0
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        *self = decoder.float("Float")?;
        Ok(())
    }
}

impl Encode for f64 {
    fn encode(&self, sink: &mut dyn Sink) {
        sink.float(*self);
    }
}

impl<T: Field> Field for Option<T> {
    fn vacant() -> Self {
        None
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        if decoder.null()? {
            *self = None;
            return Ok(());
        }
        self.insert(T::vacant()).decode(decoder)
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
    fn vacant() -> Self {
        Vec::new()
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.clear();
        decoder.list("a list", &mut |decoder| append_field(self, decoder))
    }
}

/// Appends what is read to a list, in place.
#[doc(hidden)]
pub fn append_field<T: Field>(list: &mut Vec<T>, decoder: &mut Decoder<'_>) -> Decoded {
    list.push(T::vacant());
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
    fn vacant() -> Self {
        Box::new(T::vacant())
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

/// A leaf whose JSON value is a string with a meaning of its own.
pub(crate) fn parse_text<T>(
    decoder: &mut Decoder<'_>,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DecodeError> {
    let text = decoder.string(expected)?;
    parse(text).ok_or_else(|| DecodeError::invalid(expected, text))
}
