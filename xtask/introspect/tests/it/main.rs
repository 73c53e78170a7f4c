//! Fetching a schema, and its canonical form.

#![allow(clippy::unwrap_used, clippy::panic)]

mod canonical;
#[cfg(unix)]
mod pipeline;
mod program;
