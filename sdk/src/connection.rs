//! Traits of connections, for generic code, and connections with all of their nested pages.
//!
//! Each root connection has a type that implements [`ConnectionField`], such as
//! [`PeopleQuery`](crate::PeopleQuery); [`ConnectionQuery`](crate::ConnectionQuery) queries it.

pub use xurrent_runtime::{CompleteQuery, ConnectionField, Counted, Filtered, Ordered, Viewed};
