//! The records that changed since a point in time, for copies of an account's data.
//!
//! [`ChangedSince::changed_since`] turns a query of a connection into [`Changes`]: pages of [`Change`]s, the record
//! that changed longest ago first. After each page, [`Changes::position`] is the point in time to continue from, in
//! this run or in another one. [`Change`] has the record, its id and its `updatedAt`, whatever the selection.
//!
//! # What is never missed
//! A record that changes while pages are read moves to the end of the order, and is read again there. Ordinary
//! pagination can lose records then: the cursor of a page stands for a record, or for a number of records, and
//! both move. So `Changes` begins each page at the `updatedAt` of the last record before it, which no change moves,
//! and skips the records that it has already returned. Only records with one and the same `updatedAt` that fill more
//! than a page are read with cursors, and then again, until nothing new is found among them.
//!
//! A change can become visible after later ones: its `updatedAt` is the time at which the server wrote it, not the one at
//! which other requests see it, and the clocks of servers differ. So a query begins [`Changes::overlap`] before the point in
//! time that it is given, by default [`DEFAULT_OVERLAP`], and returns records of that time again. All times are those of
//! the server: the clock of this machine plays no part.
//!
//! Records that are deleted, or that the token no longer shows, are not in any list: only a comparison with all ids finds
//! them. The same goes for records that leave the view, such as archived ones. The guide on mirroring has a way to do both.

mod change;
mod stream;

pub use change::Change;
pub use stream::{ChangedSince, Changes, DEFAULT_OVERLAP};
