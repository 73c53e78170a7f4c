//! Selections in `Option`, `Box`, `Vec` and `Connection`.

use super::{Select, append};
use crate::decode::{DecodeError, Decoded, Decoder, Field, Selection, Table};
use serde::{Deserialize, Serialize};
use xurrent_values::leaf::wrappers::{CONNECTION, LIST, NULLABLE, around};

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Option<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = T::SELECTION;
    const FITS: bool = T::FITS;
    const WRAPPERS: u32 = around(T::WRAPPERS, NULLABLE);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::read(decoder).map(Some) }
    }

    fn read_connection(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::read_connection(decoder).map(Some) }
    }

    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        if decoder.null()? { Ok(None) } else { T::read_edges(decoder).map(Some) }
    }
}

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Box<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = T::SELECTION;
    const FITS: bool = T::FITS;
    const WRAPPERS: u32 = T::WRAPPERS;

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::read(decoder).map(Self::new)
    }

    fn read_connection(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::read_connection(decoder).map(Self::new)
    }

    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        T::read_edges(decoder).map(Self::new)
    }
}

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Vec<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = T::SELECTION;
    const FITS: bool = T::FITS;
    const WRAPPERS: u32 = around(T::WRAPPERS, LIST);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        decoder.list("a list", &mut |decoder| append(&mut list, decoder))?;
        Ok(list)
    }

    fn read_connection(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        read_nodes(decoder, &mut |decoder| append(&mut list, decoder))?;
        Ok(list)
    }

    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        read_edges(decoder, &mut |decoder| append(&mut list, decoder))?;
        Ok(list)
    }
}

/// Decodes a record and appends it to a list. What decodes connections has no type parameter, so that it is
/// compiled once and not once per record.
pub(crate) type AppendNode<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> Decoded;

/// A node. One that is null is a record that the user may not see: it is left out.
struct Node<'a>(AppendNode<'a>);

/// The nodes of a page.
pub(crate) struct Nodes<'a>(Node<'a>);

/// The nodes of a page of edges. Edges that are null are left out.
pub(crate) struct Edges<'a>(Node<'a>);

impl<'a> Nodes<'a> {
    pub(crate) fn new(append: AppendNode<'a>) -> Self {
        Self(Node(append))
    }
}

impl<'a> Edges<'a> {
    pub(crate) fn new(append: AppendNode<'a>) -> Self {
        Self(Node(append))
    }
}

impl Field for Node<'_> {
    fn placeholder() -> Self {
        // Allocates nothing, since the closure is empty.
        Self(Box::leak(Box::new(|decoder: &mut Decoder<'_>| decoder.skip())))
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        if decoder.null()? { Ok(()) } else { (self.0)(decoder) }
    }
}

impl Field for Nodes<'_> {
    fn placeholder() -> Self {
        Self(Node::placeholder())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.list("a list of nodes", &mut |decoder| self.0.decode(decoder))
    }
}

impl Field for Edges<'_> {
    fn placeholder() -> Self {
        Self(Node::placeholder())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        static EDGE: Table = Table { name: "Edge", fields: &["node"], nested: &[], source: "" };
        decoder.list("a list of edges", &mut |decoder| {
            if decoder.null()? { Ok(()) } else { decoder.object(&EDGE, &mut [&mut self.0]) }
        })
    }
}

fn read_nodes(decoder: &mut Decoder<'_>, append: AppendNode<'_>) -> Decoded {
    static NODES: Table = Table { name: "Connection", fields: &["nodes"], nested: &[], source: "" };
    decoder.object(&NODES, &mut [&mut Nodes::new(append)])
}

fn read_edges(decoder: &mut Decoder<'_>, append: AppendNode<'_>) -> Decoded {
    static EDGES: Table = Table { name: "Connection", fields: &["edges"], nested: &[], source: "" };
    decoder.object(&EDGES, &mut [&mut Edges::new(append)])
}

/// The first records of a nested connection, their total count, and the cursor of the next page.
///
/// Select `Vec<T>` instead for the records alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection<T> {
    /// The records.
    pub nodes: Vec<T>,
    /// The end of this page.
    pub page_info: PageInfo,
    /// The number of records in all pages.
    pub total_count: i64,
}

/// The end of a page, and whether there are more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PageInfo {
    /// Whether the server has more records.
    pub has_next_page: bool,
    /// The cursor of the last record, for an argument `after`.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// The cursor of the next page, if there is one and the server gives it.
    pub(crate) fn next_cursor(&self) -> Option<&str> {
        self.end_cursor.as_deref().filter(|cursor| self.has_next_page && !cursor.is_empty())
    }

    /// Whether there is a next page without a cursor.
    pub(crate) fn lacks_cursor(&self) -> bool {
        self.has_next_page && self.next_cursor().is_none()
    }
}

impl Field for PageInfo {
    fn placeholder() -> Self {
        Self { has_next_page: false, end_cursor: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        static PAGE_INFO: Table =
            Table { name: "PageInfo", fields: &["hasNextPage", "endCursor"], nested: &[], source: "" };
        decoder.object(&PAGE_INFO, &mut [&mut self.has_next_page, &mut self.end_cursor])
    }
}

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Connection<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = T::SELECTION;
    const FITS: bool = T::FITS;
    const WRAPPERS: u32 = around(T::WRAPPERS, CONNECTION);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut nodes = Vec::new();
        let append = &mut |decoder: &mut Decoder<'_>| append(&mut nodes, decoder);
        let (total_count, page_info) = read_counted(decoder, &COUNTED_NODES, &mut Nodes::new(append))?;
        Ok(Self { nodes, page_info, total_count })
    }

    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut nodes = Vec::new();
        let append = &mut |decoder: &mut Decoder<'_>| append(&mut nodes, decoder);
        let (total_count, page_info) = read_counted(decoder, &COUNTED_EDGES, &mut Edges::new(append))?;
        Ok(Self { nodes, page_info, total_count })
    }
}

/// The number of records in all pages, and the end of this one.
type Counted = Result<(i64, PageInfo), DecodeError>;

static COUNTED_NODES: Table =
    Table { name: "Connection", fields: &["totalCount", "pageInfo", "nodes"], nested: &[], source: "" };
static COUNTED_EDGES: Table =
    Table { name: "Connection", fields: &["totalCount", "pageInfo", "edges"], nested: &[], source: "" };

/// Decodes a connection with a table of these two, the last field of which is `nodes`.
fn read_counted(decoder: &mut Decoder<'_>, table: &'static Table, nodes: &mut dyn Field) -> Counted {
    let (mut total_count, mut page_info) = (0, PageInfo::placeholder());
    decoder.object(table, &mut [&mut total_count, &mut page_info, nodes])?;
    Ok((total_count, page_info))
}
