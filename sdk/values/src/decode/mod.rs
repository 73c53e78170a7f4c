//! From the bytes of a response to typed values.
//!
//! A generated type declares its names once, in a [`Table`], and hands the engine one mutable
//! reference per field. Everything else, the order of keys, missing fields, unknown keys, null,
//! depth, the path in an error, is decided here, in one function that is compiled once.

mod decoder;
mod error;
mod field;
mod keys;
mod parser;
mod selection;

pub use decoder::{Decoder, Field};
pub use error::{DecodeError, DecodeErrorKind, Decoded, MAX_DEPTH, PathSegment};
#[doc(hidden)]
pub use field::append_field;
pub(crate) use field::parse_text;
pub use selection::{AllPages, Selection, Table};

/// How one value is read.
pub type Read<T> = fn(&mut Decoder<'_>) -> Result<T, DecodeError>;

/// Decodes one whole JSON document.
///
/// # Errors
/// [`DecodeError`] when the text is not JSON, when anything but white space follows the value,
/// or when the value is not a `T`.
pub fn from_slice<T: Field>(json: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(json);
    let value = read_field(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

/// Reads a value that can be filled in place.
///
/// # Errors
/// When the JSON does not fit.
pub fn read_field<T: Field>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    value.decode(decoder)?;
    Ok(value)
}
