//! One page of a connection, as it is decoded.

use crate::decode::{Decoded, Decoder, Field, Table};
use crate::error::GraphQlError;

/// One page of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of this page.
    pub nodes: Vec<T>,
    /// Whether the server has more.
    pub has_next_page: bool,
    /// Where this page ends; give it to [`ConnectionQuery::after`](crate::ConnectionQuery::after) to continue there.
    pub end_cursor: Option<String>,
    /// What the server reported beside this page, with
    /// [`allow_partial`](crate::ConnectionQuery::allow_partial); empty otherwise.
    pub errors: Vec<GraphQlError>,
}

static PAGE: Table = Table { name: "Connection", fields: &["pageInfo", "nodes"], nested: &[] };
static PAGE_INFO: Table = Table { name: "PageInfo", fields: &["hasNextPage", "endCursor"], nested: &[] };
static COUNT: Table = Table { name: "Connection", fields: &["totalCount"], nested: &[] };

struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl Field for PageInfo {
    fn vacant() -> Self {
        Self { has_next_page: false, end_cursor: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&PAGE_INFO, &mut [&mut self.has_next_page, &mut self.end_cursor])
    }
}

/// The nodes of a page. A null among them is a record that may not be seen: it is left out.
struct Nodes<T>(Vec<T>);

impl<T: Field> Field for Nodes<T> {
    fn vacant() -> Self {
        Self(Vec::new())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.list("a list of nodes", &mut |decoder| {
            if decoder.null()? {
                return Ok(());
            }
            self.0.push(T::vacant());
            match self.0.last_mut() {
                Some(node) => node.decode(decoder),
                None => Ok(()),
            }
        })
    }
}

/// How many records a connection has.
pub(crate) struct Count(pub(crate) i64);

impl Field for Count {
    fn vacant() -> Self {
        Self(0)
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&COUNT, &mut [&mut self.0])
    }
}

impl<T: Field> Field for Page<T> {
    fn vacant() -> Self {
        Self { nodes: Vec::new(), has_next_page: false, end_cursor: None, errors: Vec::new() }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        let mut page_info = PageInfo::vacant();
        let mut nodes = Nodes::vacant();
        decoder.object(&PAGE, &mut [&mut page_info, &mut nodes])?;
        self.nodes = nodes.0;
        self.has_next_page = page_info.has_next_page;
        self.end_cursor = page_info.end_cursor;
        Ok(())
    }
}
