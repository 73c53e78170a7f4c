//! Pagination of root connections.

mod page;
pub(crate) mod page_request;
pub(crate) mod page_size;
mod paginator;
mod position;
pub(crate) mod prefetch;
mod progress;
mod records;
pub(crate) mod seen_cursors;
mod stream;

pub use page::Page;
pub(crate) use page::{DecodedPage, read_count};
pub use paginator::DEFAULT_MAX_REQUESTS;
pub(crate) use paginator::{PageQuery, Paginator};
pub use position::Position;
pub(crate) use records::{AnyRecords, Records};
pub(crate) use stream::AllRecords;
pub use stream::{PageStream, RecordStream};
