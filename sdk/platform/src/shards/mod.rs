//! All records of a connection, read in parallel: exports at the speed of the rate limit.
//!
//! A stream waits for each page before it requests the next one, so behind a latency of 500 ms it reads two pages a
//! second. [`Sharded::shards`] cuts the connection into ranges of `createdAt`, the shards, and reads them in
//! parallel, with pages of several shards in one request.
//!
//! # What is never missed, and never comes twice
//! The server never changes the `createdAt` of a record, so no change moves a record to another shard or, in the order of
//! `createdAt` that a shard is read in, to another place. The first shard has no lower bound and the last one no
//! upper bound; between two shards, one ends before the time at which the next one begins. Records without
//! `createdAt` have a shard of their own. A record that is created meanwhile comes at the end of the last shard, or not
//! at all. `createdAt` is selected with each record, whatever the selection: a record outside of its shard, of a
//! server that ignores the filter, and one out of order are errors.
//!
//! Within a shard, pages follow cursors. If the record of a cursor leaves the connection, because it is deleted or the
//! filter no longer accepts it, the server decides whether the cursor is still good: an error says that it is not.
//!
//! # Costs
//! The boundaries of the shards come from counts, for which no record is fetched. That costs one request if the
//! records fit into a page, and otherwise two to [`MAX_PLANNING_REQUESTS`], more the less evenly the records
//! are distributed over time. Records of one second, such as those of an import, are never divided. Then each request
//! has a page of [`DEFAULT_PAGES_PER_REQUEST`] shards.
//!
//! A clock with another time, or records that are created or deleted meanwhile, make shards uneven, never wrong.

mod created;
mod pages;
mod plan;
mod position;
mod query;
mod range;
mod settings;

pub use pages::{ShardPage, ShardPages, ShardStream};
pub use plan::MAX_PLANNING_REQUESTS;
pub use position::ShardsPosition;
pub use query::{Sharded, Shards};
pub use xurrent_runtime::parallel::{DEFAULT_CONCURRENT_REQUESTS, DEFAULT_PAGES_PER_REQUEST};
