//! `[connections]`: the names by which connections are recognised and paginated.

use serde::Deserialize;

/// The names of connections: objects whose records come in pages, `nodes` or `edges { node }`, with the end of a
/// page. What is not set here is read off the schema, which has most likely the names of the Relay specification.
///
/// Root fields with arguments for the size of a page and for a cursor are streamed. Nodes and edges that are null are
/// records that the caller may not see, and no items of streams; in a selection on the type of the connection
/// itself they are null.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connections {
    /// Whether there are connections; true by default. Without, their types are types like any other.
    pub enabled: bool,
    /// The field of a connection with the list of its records.
    pub nodes: Option<String>,
    /// The field of a connection with the list of its edges.
    pub edges: Option<String>,
    /// The field of an edge with its record.
    pub node: Option<String>,
    /// The field of a connection with the end of a page.
    pub page_info: Option<String>,
    /// The field of the end of a page that says whether there are more.
    pub has_next_page: Option<String>,
    /// The field of the end of a page with the cursor for the next one.
    pub end_cursor: Option<String>,
    /// The field of a connection with the number of its records in all pages.
    pub total_count: Option<String>,
    /// The argument for the size of a page.
    pub first: Option<String>,
    /// The argument for the cursor.
    pub after: Option<String>,
    /// The argument of root fields that becomes `.filter(..)`.
    pub filter: Option<String>,
    /// The argument of root fields that becomes `.view(..)`.
    pub view: Option<String>,
    /// The argument of root fields that becomes `.order(..)`, a list.
    pub order: Option<String>,
    /// The size of the largest page that the server returns; 100 by default.
    pub max_page_size: u32,
    /// The largest number of nodes that a request may ask for, nested ones included. Without, there is no
    /// such limit.
    pub max_nodes: Option<u64>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            enabled: true,
            nodes: None,
            edges: None,
            node: None,
            page_info: None,
            has_next_page: None,
            end_cursor: None,
            total_count: None,
            first: None,
            after: None,
            filter: None,
            view: None,
            order: None,
            max_page_size: 100,
            max_nodes: None,
        }
    }
}
