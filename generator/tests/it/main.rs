//! The generator on small schemas, on growing and random ones and on inputs that it refuses.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod case;
mod command;
mod conventions;
mod diff;
mod edits;
mod environments;
mod features;
mod films;
mod growing;
mod http;
mod large;
mod package;
mod random;
mod refusals;
mod same_schema;
mod scratch;
mod used_by;
