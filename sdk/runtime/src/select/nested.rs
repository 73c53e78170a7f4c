//! Selections inside of selections: those that may be null, boxes, lists, and connections.

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
}

/// A box changes nothing of what is asked for: it keeps a large selection out of a small struct.
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
        static NODES: Table = Table { name: "Connection", fields: &["nodes"], nested: &[] };
        let mut nodes = Nodes::new(append);
        decoder.object(&NODES, &mut [&mut nodes])?;
        Ok(nodes.items)
    }
}

/// The nodes of a page. A null among them is a record that may not be seen: it is left out.
pub(crate) struct Nodes<T> {
    pub(crate) items: Vec<T>,
    append: super::Append<T>,
}

impl<T> Nodes<T> {
    pub(crate) fn new(append: super::Append<T>) -> Self {
        Self { items: Vec::new(), append }
    }
}

impl<T> Field for Nodes<T> {
    fn vacant() -> Self {
        Self::new(|_, decoder| decoder.skip())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.list("a list of nodes", &mut |decoder| {
            if decoder.null()? { Ok(()) } else { (self.append)(&mut self.items, decoder) }
        })
    }
}

/// The first records of a nested connection, how many there are in all, and where to go on.
///
/// `Vec<T>` in its place takes the records alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection<T> {
    /// The records.
    pub nodes: Vec<T>,
    /// Where they end.
    pub page_info: PageInfo,
    /// How many records the connection has in all.
    pub total_count: i64,
}

/// Where a page ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PageInfo {
    /// Whether the server has more.
    pub has_next_page: bool,
    /// Where the page ends, for an argument `after`.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// Where the next page begins, if there is one and the server says where.
    pub(crate) fn next(&self) -> Option<&str> {
        self.end_cursor.as_deref().filter(|cursor| self.has_next_page && !cursor.is_empty())
    }

    /// Whether there is a next page, and the server does not say where.
    pub(crate) fn is_open(&self) -> bool {
        self.has_next_page && self.next().is_none()
    }
}

impl Field for PageInfo {
    fn vacant() -> Self {
        Self { has_next_page: false, end_cursor: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        static PAGE_INFO: Table =
            Table { name: "PageInfo", fields: &["hasNextPage", "endCursor"], nested: &[] };
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
        static PAGE: Table =
            Table { name: "Connection", fields: &["totalCount", "pageInfo", "nodes"], nested: &[] };
        let (mut total_count, mut page_info, mut nodes) = (0, PageInfo::vacant(), Nodes::new(append));
        decoder.object(&PAGE, &mut [&mut total_count, &mut page_info, &mut nodes])?;
        Ok(Self { nodes: nodes.items, page_info, total_count })
    }
}
