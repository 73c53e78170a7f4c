//! Decoding and encoding of options and lists.

use super::decoder::{Decoder, Field};
use super::error::Decoded;
use crate::encode::{Encode, Encoded, Sink};

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
    fn encode(&self, sink: &mut Sink<'_>) {
        match self {
            Some(value) => value.encode(sink),
            None => sink(Encoded::Null),
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
    fn encode(&self, sink: &mut Sink<'_>) {
        let items: Vec<&dyn Encode> = self.iter().map(|item| item as &dyn Encode).collect();
        sink(Encoded::List(&items));
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
    fn encode(&self, sink: &mut Sink<'_>) {
        (**self).encode(sink);
    }
}
