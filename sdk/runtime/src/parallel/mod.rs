//! Pages of several queries of a connection in parallel, several of them in one request.
//!
//! A stream waits for each page before it requests the next one, whose cursor it does not have yet: behind a latency of
//! 500 ms, it reads two pages a second. Queries with filters of which each record passes exactly one, such as
//! ranges of a creation time, need no cursors of each other.

mod group;
mod pages;

pub use pages::{DEFAULT_CONCURRENT_REQUESTS, DEFAULT_PAGES_PER_REQUEST, ParallelPages};
