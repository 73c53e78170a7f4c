//! Tests of the tasks, and of the workspace: its modules and its documents.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod diff;
mod documents;
mod packages;
mod preflight;
mod public_api;
mod regen;
mod structure;
mod tasks;
#[cfg(unix)]
mod two_environments;
mod used_by;
mod workspace;
