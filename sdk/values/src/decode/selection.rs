//! What is asked of the server, and what is therefore expected back.

/// The names of one object: its response keys, in the order in which they are selected.
///
/// `nested` says which of them are more than a leaf of that name. It is in the order of `fields`.
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
    /// A mutation's payload, and its errors under a key of the runtime's own.
    Payload(&'static Selection),
    /// `__typename`, and the id where `node` is true and the object has one.
    Interface {
        /// Whether `... on Node { id }` can be asked of this interface or union.
        node: bool,
    },
    /// A field under a key of the user's own, or with arguments.
    Field {
        /// The schema's name of the field, with its arguments.
        field: &'static str,
        /// What is selected inside it.
        selection: &'static Selection,
    },
    /// Several selections of one object.
    Flattened(&'static [Selection]),
    /// The nodes of a connection.
    Connection {
        /// Whether the total and the end of the page are asked for as well.
        page: bool,
        /// What is selected inside each node.
        nodes: &'static Selection,
    },
    /// A connection whose pages are all fetched.
    AllPages(&'static AllPages),
    /// `__typename`, and what is selected of each concrete type of an interface or a union: the
    /// name of the type, what its keys begin with, and its selection. Keys of different types
    /// differ, since fields of the same name may have different types.
    Variants(&'static [(&'static str, &'static str, Selection)]),
}

/// A nested connection of which all records are wanted: its first page is asked for with its parent,
/// the others through `node(id:)`, for each parent by itself.
#[derive(Debug)]
pub struct AllPages {
    /// GraphQL name of the type that has the connection.
    pub on: &'static str,
    /// The schema's name of the field.
    pub field: &'static str,
    /// Its arguments as they are written, without those of paging.
    pub arguments: &'static str,
    /// How many records the first page has.
    pub first: u64,
    /// How many nodes are asked for with each of them.
    pub nodes: u64,
    /// [`Selection::Connection`].
    pub connection: &'static Selection,
}

impl Selection {
    /// Whether this is a mutation's payload that reports errors of its own.
    #[doc(hidden)]
    pub fn is_payload(&self) -> bool {
        match self {
            Self::Payload(_) => true,
            Self::Field { selection, .. } => selection.is_payload(),
            _ => false,
        }
    }

    /// Whether the field with this key, of an object on which this is the selection, is a payload.
    #[doc(hidden)]
    pub fn has_payload(&self, key: &str) -> bool {
        match self {
            Self::Object(table) => {
                table.nested.iter().any(|(name, selection)| *name == key && selection.is_payload())
            }
            Self::Flattened(parts) => parts.iter().any(|part| part.has_payload(key)),
            _ => false,
        }
    }

    /// How many objects are nested in each other, at most.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        match self {
            Self::Leaf => 0,
            Self::Reference | Self::Interface { .. } => 1,
            Self::Object(table) => {
                let mut deepest = 0;
                let mut index = 0;
                while index < table.nested.len() {
                    deepest = larger(deepest, table.nested[index].1.depth());
                    index += 1;
                }
                deepest + 1
            }
            Self::Payload(selection)
            | Self::Field { selection, .. }
            | Self::Connection { nodes: selection, .. }
            | Self::AllPages(AllPages { connection: selection, .. }) => selection.depth(),
            Self::Flattened(parts) => {
                let mut deepest = 0;
                let mut index = 0;
                while index < parts.len() {
                    deepest = larger(deepest, parts[index].depth());
                    index += 1;
                }
                deepest
            }
            Self::Variants(variants) => {
                let mut deepest = 1;
                let mut index = 0;
                while index < variants.len() {
                    deepest = larger(deepest, variants[index].2.depth());
                    index += 1;
                }
                deepest
            }
        }
    }
}

const fn larger(left: u32, right: u32) -> u32 {
    if left > right { left } else { right }
}
