//! Fetching a schema, and its canonical form.

#![allow(clippy::unwrap_used, clippy::panic)]

mod canonical;
mod program;
