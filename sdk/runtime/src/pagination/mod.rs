//! Pagination of root connections.

mod page;
mod page_request;
mod paginator;
mod position;
mod prefetch;
mod seen_cursors;
mod shrink;
mod stream;

pub use page::Page;
pub(crate) use page::read_count;
pub use paginator::{DEFAULT_MAX_REQUESTS, MAX_PAGE_SIZE};
pub(crate) use paginator::{Pager, Paging};
pub use position::Position;
pub(crate) use seen_cursors::Followed;
pub(crate) use shrink::is_too_costly;
pub use stream::{PageStream, RecordStream};
