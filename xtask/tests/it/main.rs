//! Tests of the tasks, and of the workspace: its modules and its documents.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod documents;
mod packages;
mod public_api;
mod structure;
mod tasks;
mod workspace;
