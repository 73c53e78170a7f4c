//! Traits of connections, for generic code, and connections with all of their nested pages.
//!
//! Each root connection has a type that implements [`ConnectionField`], such as
//! [`PeopleQuery`](crate::PeopleQuery); [`ConnectionQuery`](crate::ConnectionQuery) queries it, and [`ParallelPages`]
//! several of them at once.

pub use xurrent_runtime::parallel::{DEFAULT_CONCURRENT_REQUESTS, DEFAULT_PAGES_PER_REQUEST};
pub use xurrent_runtime::{
    CompleteQuery, ConnectionField, CountQuery, Counted, Filtered, Ordered, ParallelPages, Viewed,
};
