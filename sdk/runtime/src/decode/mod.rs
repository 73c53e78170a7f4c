//! From the bytes of a response to typed values.
//!
//! A generated type declares its names once, in a [`Table`], and hands the engine one mutable
//! reference per field. Everything else, the order of keys, missing fields, unknown keys, null,
//! depth, the path in an error, is decided here, in one function that is compiled once.

mod error;
mod field;
mod reader;

pub use error::{DecodeError, DecodeErrorKind, PathSegment};
pub use field::Field;
pub(crate) use field::parse_text;
pub use reader::{Decoder, MAX_DEPTH};

/// What a decoding step returns.
pub type Decoded = Result<(), DecodeError>;

/// The names of one generated object: what is asked of the server and what is expected back.
///
/// `fields` are the response keys in selection order; `nested` says which of them need a
/// selection of their own. A key without an entry in `nested` is a leaf.
#[derive(Debug)]
pub struct Table {
    /// Name of the GraphQL type.
    pub name: &'static str,
    /// Response keys, in the order in which they are selected.
    pub fields: &'static [&'static str],
    /// Fields that are not leaves, with what is selected inside them.
    pub nested: &'static [(&'static str, Selection)],
}

/// What is selected inside one field.
#[derive(Debug, Clone, Copy)]
pub enum Selection {
    /// Nothing: a scalar or an enum.
    Leaf,
    /// Only the id, for a record that can be fetched by itself.
    Reference,
    /// All fields of a table.
    Object(&'static Table),
    /// All fields of a mutation's payload, and its errors under a key of the runtime's own.
    Payload(&'static Table),
    /// `__typename`, and the id where `node` is true and the object has one.
    Interface {
        /// Whether `... on Node { id }` can be asked of this interface or union.
        node: bool,
    },
}

/// An object with a [`Table`]: every generated output type.
pub trait Object: Field + Send + 'static {
    /// The names of this type.
    const TABLE: &'static Table;
}

/// A record that `node(id:)` can return: one that implements the schema's `Node` interface.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be fetched by its id",
    note = "only types that implement the schema's `Node` interface can"
)]
pub trait Node: Object {}

/// Decodes one whole JSON document.
///
/// # Errors
/// [`DecodeError`] when the text is not JSON, when anything but white space follows the value,
/// or when the value is not a `T`.
pub fn from_slice<T: Field>(json: &[u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(json);
    let mut value = T::vacant();
    value.decode(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}
