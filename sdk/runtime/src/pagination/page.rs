//! A page of a connection.

use crate::decode::{ConnectionShape, DecodeError, Decoder, Field, Table};
use crate::error::GraphQlError;
use crate::select::{AppendNode, Edges, Nodes, PageInfo};
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

/// Decodes the end of a page, and its records each with `append`.
pub(super) fn read_page(
    decoder: &mut Decoder<'_>,
    shape: &ConnectionShape,
    append: AppendNode<'_>,
) -> Result<PageInfo, DecodeError> {
    static NODES: Table =
        Table { name: "Connection", fields: &["pageInfo", "nodes"], nested: &[], source: "" };
    static EDGES: Table =
        Table { name: "Connection", fields: &["pageInfo", "edges"], nested: &[], source: "" };
    let mut page_info = PageInfo::placeholder();
    match shape.node {
        None => decoder.object(&NODES, &mut [&mut page_info, &mut Nodes::new(append)])?,
        Some(_) => decoder.object(&EDGES, &mut [&mut page_info, &mut Edges::new(append)])?,
    }
    Ok(page_info)
}
