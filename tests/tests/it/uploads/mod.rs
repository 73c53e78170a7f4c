//! Uploads of files, over real sockets: every rule of an upload, and what storages, networks and files
//! do wrong.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod failing;
mod limits;
mod readers;
mod scripted;
mod sending;
mod text;
