//! The settings of a query in shards.

use super::created::Created;
use super::plan::Planning;
use super::position::ShardsPosition;
use super::range::is_bounded;
use std::fmt;
use xurrent_runtime::connection::{ConnectionField, Filtered};
use xurrent_runtime::{ConnectionQuery, Error, Result};

/// A query in shards.
pub(super) struct Settings<F: ConnectionField, T> {
    pub(super) planning: Planning<F>,
    pub(super) query: ConnectionQuery<F, Created<T>>,
    /// Why it cannot be read in shards.
    pub(super) invalid: Option<String>,
    pub(super) pages_per_request: usize,
    pub(super) concurrent_requests: usize,
    pub(super) resume: Option<ShardsPosition>,
}

impl<F: Filtered, T> Settings<F, T> {
    /// Checks the query before anything is sent.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(message) = &self.invalid {
            return Err(Error::configuration(message.clone()));
        }
        is_bounded(&self.query)?;
        let query = self.query.clone().pages().position();
        match &self.resume {
            Some(position) if position.query != query => {
                let message = format!(
                    "`{}` cannot be resumed from a position of other shards: of another root field, of other arguments, or \
                     of another account",
                    F::ROOT.name
                );
                Err(Error::configuration(message))
            }
            _ => Ok(()),
        }
    }
}

impl<F: ConnectionField, T> fmt::Debug for Settings<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards")
            .field("query", &self.query)
            .field("shards", &self.planning.shards)
            .finish_non_exhaustive()
    }
}
