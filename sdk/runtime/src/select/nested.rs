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
        static NODES: Table = Table { name: "Connection", fields: &["nodes"], nested: &[], source: "" };
        let mut nodes = Nodes::new(append);
        decoder.object(&NODES, &mut [&mut nodes])?;
        Ok(nodes.items)
    }

    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        static EDGES: Table = Table { name: "Connection", fields: &["edges"], nested: &[], source: "" };
        let mut edges = Edges::new(append);
        decoder.object(&EDGES, &mut [&mut edges])?;
        Ok(edges.into_nodes())
    }
}

/// The nodes of a page. Null nodes are records that the user may not see: they are left out.
pub(crate) struct Nodes<T> {
    pub(crate) items: Vec<T>,
    append: super::Append<T>,
}

impl<T> Nodes<T> {
    pub(crate) fn new(append: super::Append<T>) -> Self {
        Self { items: Vec::new(), append }
    }
}

impl<T> Nodes<T> {
    fn add(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        if decoder.null()? { Ok(()) } else { (self.append)(&mut self.items, decoder) }
    }
}

impl<T> Field for Nodes<T> {
    fn placeholder() -> Self {
        Self::new(|_, decoder| decoder.skip())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.list("a list of nodes", &mut |decoder| self.add(decoder))
    }
}

/// The nodes of a page of edges. Null edges and nodes are left out as well.
pub(crate) struct Edges<T>(Node<T>);

/// The node of the next edge, and those before it.
struct Node<T>(Nodes<T>);

impl<T> Edges<T> {
    pub(crate) fn new(append: super::Append<T>) -> Self {
        Self(Node(Nodes::new(append)))
    }

    pub(crate) fn into_nodes(self) -> Vec<T> {
        self.0.0.items
    }
}

impl<T> Field for Node<T> {
    fn placeholder() -> Self {
        Self(Nodes::placeholder())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.0.add(decoder)
    }
}

impl<T> Field for Edges<T> {
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
        static PAGE: Table = Table {
            name: "Connection",
            fields: &["totalCount", "pageInfo", "nodes"],
            nested: &[],
            source: "",
        };
        let (mut total_count, mut page_info, mut nodes) = (0, PageInfo::placeholder(), Nodes::new(append));
        decoder.object(&PAGE, &mut [&mut total_count, &mut page_info, &mut nodes])?;
        Ok(Self { nodes: nodes.items, page_info, total_count })
    }
    fn read_edges(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        static PAGE: Table = Table {
            name: "Connection",
            fields: &["totalCount", "pageInfo", "edges"],
            nested: &[],
            source: "",
        };
        let (mut total_count, mut page_info, mut edges) = (0, PageInfo::placeholder(), Edges::new(append));
        decoder.object(&PAGE, &mut [&mut total_count, &mut page_info, &mut edges])?;
        Ok(Self { nodes: edges.into_nodes(), page_info, total_count })
    }
}
