//! Queries of a connection that only a batch sends.

use crate::call::Call;
use crate::document::{RootField, Shape};
use crate::pagination::PageQuery;
use crate::select::Append;
use std::fmt;

/// The shape of a query that counts.
pub(crate) fn count_shape(root: &RootField) -> Shape {
    Shape::Count(root.paging().total_count.unwrap_or("totalCount"))
}

/// A query of the number of records of a root connection in a [batch](crate::Client::batch): see
/// [`ConnectionQuery::counted`](super::ConnectionQuery::counted).
#[must_use = "a call of a batch does nothing by itself"]
#[derive(Clone)]
pub struct CountQuery {
    pub(crate) call: Call,
}

impl fmt::Debug for CountQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// A query of all records of a root connection in a [batch](crate::Client::batch): see
/// [`ConnectionQuery::complete`](super::ConnectionQuery::complete).
#[must_use = "a call of a batch does nothing by itself"]
pub struct CompleteQuery<T> {
    pub(crate) pages: PageQuery,
    pub(crate) append: Append<T>,
}

impl<T> fmt::Debug for CompleteQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.call.fmt(f)
    }
}

impl<T> Clone for CompleteQuery<T> {
    fn clone(&self) -> Self {
        Self { pages: self.pages.clone(), append: self.append }
    }
}
