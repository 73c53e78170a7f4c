//! The data that resolvers read.

use crate::model::Model;
use crate::store::{Fields, Record, Store};

/// The schema's model and one snapshot of the store.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: &'a Store,
    /// The fault of all pages.
    pub(crate) pages: Option<PageFault>,
}

/// One node of a connection.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    Record(&'a Record),
    Inline(&'a Fields),
}

/// A fault of all pages in a response.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PageFault {
    /// A page that starts after a cursor ends at the same cursor.
    RepeatedCursor,
    NoCursor,
    EmptyCursor,
    /// Up to this many records more than requested.
    LongPages(usize),
}
