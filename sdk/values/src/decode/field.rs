//! Decoding and encoding of options and lists, and what decodes any value.
//!
//! Of the functions with a type parameter, those that decode a whole record are in one module and not `#[inline]`, all
//! that they call is: so the compiler puts the code of a record into one unit. In a release build, each unit that
//! handles a record has the code that drops it once more.

use super::decoder::{Decoder, Field};
use super::error::{DecodeError, Decoded};
use crate::encode::{Encode, Encoded, Sink};

impl<T: Field> Field for Option<T> {
    #[inline]
    fn placeholder() -> Self {
        None
    }

    #[inline]
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        // Without `?`, whose code each type of a field would have once more.
        match decoder.null() {
            Ok(is_null) => *self = if is_null { None } else { Some(T::placeholder()) },
            Err(error) => return Err(error),
        }
        match self {
            Some(value) => value.decode(decoder),
            None => Ok(()),
        }
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
    #[inline]
    fn placeholder() -> Self {
        Vec::new()
    }

    #[inline]
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.clear();
        decoder.list("a list", &mut |decoder| append_field(self, decoder))
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, sink: &mut Sink<'_>) {
        let items: Vec<&dyn Encode> = self.iter().map(|item| item as &dyn Encode).collect();
        sink(Encoded::List(&items));
    }
}

impl<T: Field> Field for Box<T> {
    #[inline]
    fn placeholder() -> Self {
        Box::new(T::placeholder())
    }

    #[inline]
    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        (**self).decode(decoder)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, sink: &mut Sink<'_>) {
        (**self).encode(sink);
    }
}

/// Decodes a value.
///
/// # Errors
/// If the JSON is not a `T`.
pub fn read_field<T: Field>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    let mut value = T::placeholder();
    value.decode(decoder)?;
    Ok(value)
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
