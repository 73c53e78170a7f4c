//! Selections and the names of their response keys.

use super::lookup::NodeLookup;

/// The response keys of an object, in the order of its selection.
#[derive(Debug)]
pub struct Table {
    /// Name of the GraphQL type.
    pub name: &'static str,
    /// Response keys, in the order of the selection.
    pub fields: &'static [&'static str],
    /// The fields that are not leaves or have arguments, with their selections, in the order of `fields`.
    pub nested: &'static [(&'static str, Selection)],
    /// The Rust name of the struct, and a line for each field: its GraphQL type, behind its Rust name unless that
    /// is the response key, or behind the name of a leaf in the schema and a colon if the key is an alias of it. Empty
    /// for a table that no struct of a schema has. One text, since that compiles fastest.
    pub source: &'static str,
}

impl Table {
    /// The Rust name of the struct, if it has one.
    #[must_use]
    pub fn rust_name(&self) -> Option<&'static str> {
        self.source.lines().next()
    }

    /// The Rust name of the field with this index, and its GraphQL type when the code was compiled.
    #[must_use]
    pub fn declared(&self, index: usize) -> Option<(&'static str, &'static str)> {
        let line = self.source.lines().nth(index + 1)?;
        let (rust, _, ty) = read(line, self.fields.get(index)?);
        Some((rust, ty))
    }

    /// The response keys with the names in the schema, which are right for fields that `nested` does not have.
    pub fn leaves(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut lines = self.source.lines().skip(1);
        self.fields.iter().map(move |key| (*key, lines.next().map_or(*key, |line| read(line, key).1)))
    }
}

/// Reads a line of [`Table::source`]: the Rust name of a field, the name of a leaf in the schema, and the GraphQL type.
fn read<'l>(line: &'l str, key: &'l str) -> (&'l str, &'l str, &'l str) {
    let Some((name, ty)) = line.split_once(' ') else { return (key, key, line) };
    match name.strip_suffix(':') {
        Some(leaf) => (key, leaf, ty),
        None => (name, key, ty),
    }
}

/// The selection inside a field.
#[derive(Debug, Clone, Copy)]
pub enum Selection {
    /// Nothing: a scalar or an enum.
    Leaf,
    /// Only the id, of a record that can be fetched by it.
    Reference,
    /// All fields of a table.
    Object(&'static Table),
    /// A mutation's payload, with its errors under a reserved key.
    Payload {
        /// The list of errors in GraphQL. Its items are texts, or have the keys `message`, `path` and `code`:
        /// `userErrors { message path: field }`.
        errors: &'static str,
        /// What is selected beside the errors.
        selection: &'static Selection,
    },
    /// `__typename`, and the id where the object has one.
    Interface {
        /// The query of records by their ids, if it returns types of this interface or union: `... on Node { id }`
        /// is valid on it.
        node: Option<&'static NodeLookup>,
    },
    /// A field with an alias or arguments.
    Field {
        /// The name of the field in the schema, with its arguments.
        field: &'static str,
        /// What is selected inside it.
        selection: &'static Selection,
    },
    /// Several selections of one object.
    Flattened(&'static [Selection]),
    /// The nodes of a connection.
    Connection {
        /// Its names in the schema.
        shape: &'static ConnectionShape,
        /// Whether the total count and the end of the page are selected as well.
        page: bool,
        /// What is selected inside each node.
        nodes: &'static Selection,
    },
    /// A connection whose pages are all fetched.
    AllPages(&'static AllPages),
    /// `__typename`, and for each concrete type of an interface or union its name, the prefix of its keys,
    /// and its selection. Keys of different types differ, since fields of the same name may have different
    /// types.
    Variants(&'static [(&'static str, &'static str, Selection)]),
}

/// A nested connection with all its pages: the first page is part of the parent's selection, the others are
/// fetched through a query of the parent by its id, for each parent.
#[derive(Debug)]
pub struct AllPages {
    /// The query of its parents by their ids.
    pub lookup: &'static NodeLookup,
    /// GraphQL name of the type that has the connection.
    pub on: &'static str,
    /// The schema's name of the field.
    pub field: &'static str,
    /// Its arguments in GraphQL, without those of pagination.
    pub arguments: &'static str,
    /// The GraphQL type of its argument for the cursor.
    pub cursor: &'static str,
    /// The size of the first page.
    pub first: u64,
    /// The number of nodes selected with each record.
    pub nodes: u64,
    /// [`Selection::Connection`].
    pub connection: &'static Selection,
}

/// The names of a connection's parts in the schema. A response has them under the names of
/// [`NODES`](Self::NODES), but for a list of edges, which is `edges { node }`.
#[derive(Debug)]
pub struct ConnectionShape {
    /// The field with the list of nodes, or of edges.
    pub list: &'static str,
    /// The field of an edge with its node. None for a list of nodes.
    pub node: Option<&'static str>,
    /// The field with the end of the page.
    pub page_info: &'static str,
    /// Its field that says whether there is a next page.
    pub has_next_page: &'static str,
    /// Its field with the cursor for the next page.
    pub end_cursor: &'static str,
    /// The field with the number of nodes in all pages, if there is one.
    pub total_count: Option<&'static str>,
    /// The argument for the size of a page.
    pub first: &'static str,
    /// The argument for the cursor.
    pub after: &'static str,
    /// The size of the largest page that the server returns.
    pub max_page_size: usize,
}

impl ConnectionShape {
    /// `nodes`, `pageInfo { hasNextPage endCursor }` and `totalCount`, with the arguments `first` and `after`
    /// and 100 records on the largest page.
    pub const NODES: &'static Self = &Self {
        list: "nodes",
        node: None,
        page_info: "pageInfo",
        has_next_page: "hasNextPage",
        end_cursor: "endCursor",
        total_count: Some("totalCount"),
        first: "first",
        after: "after",
        max_page_size: 100,
    };

    /// The response key of the list.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        if self.node.is_some() { "edges" } else { "nodes" }
    }
}

impl Selection {
    /// Whether this is a mutation's payload with errors.
    #[doc(hidden)]
    pub fn is_payload(&self) -> bool {
        match self {
            Self::Payload { .. } => true,
            Self::Field { selection, .. } => selection.is_payload(),
            _ => false,
        }
    }

    /// Another selection of the same: of a payload with its errors.
    #[doc(hidden)]
    #[must_use]
    pub const fn replaced(self, selection: &'static Selection) -> Self {
        match self {
            Self::Payload { errors, .. } => Self::Payload { errors, selection },
            _ => *selection,
        }
    }

    /// Whether the field with this key is a payload.
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

    /// The maximum depth of nested objects.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        match self {
            Self::Leaf => 0,
            Self::Reference | Self::Interface { .. } => 1,
            Self::Object(table) => {
                let (mut deepest, mut nested) = (0, table.nested);
                while let [(_, selection), rest @ ..] = nested {
                    (deepest, nested) = (larger(deepest, selection.depth()), rest);
                }
                deepest + 1
            }
            Self::Payload { selection, .. }
            | Self::Field { selection, .. }
            | Self::Connection { nodes: selection, .. }
            | Self::AllPages(AllPages { connection: selection, .. }) => selection.depth(),
            Self::Flattened(parts) => {
                let (mut deepest, mut parts) = (0, *parts);
                while let [part, rest @ ..] = parts {
                    (deepest, parts) = (larger(deepest, part.depth()), rest);
                }
                deepest
            }
            Self::Variants(variants) => {
                let (mut deepest, mut variants) = (1, *variants);
                while let [(_, _, selection), rest @ ..] = variants {
                    (deepest, variants) = (larger(deepest, selection.depth()), rest);
                }
                deepest
            }
        }
    }
}

const fn larger(left: u32, right: u32) -> u32 {
    if left > right { left } else { right }
}
