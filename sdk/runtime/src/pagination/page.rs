//! One page of a connection, as it is decoded.

use super::paginator::Turned;
use crate::decode::{DecodeError, Decoder, Field, Table};
use crate::error::GraphQlError;
use crate::select::{Append, Nodes, PageInfo};

/// One page of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of this page.
    pub nodes: Vec<T>,
    /// Whether the server has more.
    pub has_next_page: bool,
    /// Where this page ends; give it to [`ConnectionQuery::after`](crate::ConnectionQuery::after)
    /// to continue there. Not known for the last page of a query with a limit when the server sent
    /// more records than it was asked for.
    pub end_cursor: Option<String>,
    /// What the server reported beside this page, with
    /// [`allow_partial`](crate::ConnectionQuery::allow_partial); empty otherwise.
    pub errors: Vec<GraphQlError>,
}

/// How many records a connection has.
pub(crate) fn read_count(decoder: &mut Decoder<'_>) -> Result<i64, DecodeError> {
    static COUNT: Table = Table { name: "Connection", fields: &["totalCount"], nested: &[] };
    let mut count = 0;
    decoder.object(&COUNT, &mut [&mut count])?;
    Ok(count)
}

impl<T> Page<T> {
    /// Reads the records of a page, one by one with `append`, and where it ends.
    pub(crate) fn read(
        decoder: &mut Decoder<'_>,
        append: Append<T>,
    ) -> Result<(Vec<T>, PageInfo), DecodeError> {
        static PAGE: Table = Table { name: "Connection", fields: &["pageInfo", "nodes"], nested: &[] };
        let (mut page_info, mut nodes) = (PageInfo::vacant(), Nodes::new(append));
        decoder.object(&PAGE, &mut [&mut page_info, &mut nodes])?;
        Ok((nodes.items, page_info))
    }

    /// A page of those records that are wanted.
    pub(crate) fn of(mut nodes: Vec<T>, Turned { kept, page_info, errors }: Turned) -> Self {
        nodes.truncate(kept.end);
        nodes.drain(..kept.start);
        let PageInfo { has_next_page, end_cursor } = page_info;
        Self { nodes, has_next_page, end_cursor, errors }
    }
}
