//! What a document was made from.

use crate::decode::Selection;
use crate::document::Shape;
use bytes::Bytes;

/// What a document was made from.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A document of the user, or one whose structs are not known.
    Unknown,
    /// A call of a root field.
    Root(Root),
    /// A selection on a root type.
    Operation(Selection),
    /// Calls of root fields, by their aliases.
    Batch(Vec<Root>),
}

/// A call of a root field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    pub(crate) selection: Selection,
    pub(crate) shape: Shape,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) body: Bytes,
    pub(crate) origin: Origin,
    /// How to make the schema of this program that of the server.
    pub(crate) advice: &'static str,
}
