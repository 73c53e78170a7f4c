//! A page of a connection.

use crate::decode::{ConnectionShape, DecodeError, Decoder, Field, Table};
use crate::error::GraphQlError;
use crate::select::{Append, Edges, Nodes, PageInfo};
use std::ops::Range;

/// A page of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of this page, without nodes and edges that are null.
    pub nodes: Vec<T>,
    /// Whether the server has more records.
    pub has_next_page: bool,
    /// The cursor after this page, for [`ConnectionQuery::after`](crate::ConnectionQuery::after). Unknown
    /// for the last page of a query with a limit if the server sent more records than requested.
    pub end_cursor: Option<String>,
    /// The errors that the server reported beside this page, with
    /// [`allow_partial`](crate::ConnectionQuery::allow_partial); empty otherwise.
    pub errors: Vec<GraphQlError>,
}

/// The number of records in a page, without null ones, and the end of the page.
pub(crate) type PageEnd = (usize, PageInfo);

/// What is known of a decoded page, whatever the type of its records.
pub(crate) struct DecodedPage {
    /// The records that are wanted.
    pub(crate) wanted: Range<usize>,
    pub(crate) page_info: PageInfo,
    /// The errors that the server reported beside the page.
    pub(crate) errors: Vec<GraphQlError>,
}

/// Decodes the number of records of a connection.
pub(crate) fn read_count(decoder: &mut Decoder<'_>) -> Result<i64, DecodeError> {
    static COUNT: Table = Table { name: "Connection", fields: &["totalCount"], nested: &[], source: "" };
    let mut count = 0;
    decoder.object(&COUNT, &mut [&mut count])?;
    Ok(count)
}

impl<T> Page<T> {
    /// Decodes the records of a page, each with `append`, and its end.
    pub(crate) fn read(
        decoder: &mut Decoder<'_>,
        append: Append<T>,
        shape: &ConnectionShape,
    ) -> Result<(Vec<T>, PageInfo), DecodeError> {
        static NODES: Table =
            Table { name: "Connection", fields: &["pageInfo", "nodes"], nested: &[], source: "" };
        static EDGES: Table =
            Table { name: "Connection", fields: &["pageInfo", "edges"], nested: &[], source: "" };
        let mut page_info = PageInfo::placeholder();
        if shape.node.is_some() {
            let mut edges = Edges::new(append);
            decoder.object(&EDGES, &mut [&mut page_info, &mut edges])?;
            return Ok((edges.into_nodes(), page_info));
        }
        let mut nodes = Nodes::new(append);
        decoder.object(&NODES, &mut [&mut page_info, &mut nodes])?;
        Ok((nodes.items, page_info))
    }

    /// A page of the wanted records.
    pub(crate) fn new(mut nodes: Vec<T>, DecodedPage { wanted, page_info, errors }: DecodedPage) -> Self {
        nodes.truncate(wanted.end);
        nodes.drain(..wanted.start);
        let PageInfo { has_next_page, end_cursor } = page_info;
        Self { nodes, has_next_page, end_cursor, errors }
    }
}
