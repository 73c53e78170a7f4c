//! The program as a script sees it: files, output, exit codes.

#![allow(clippy::unwrap_used)]

mod environments;
mod failures;
mod fetch;
mod scripted;
mod secrets;
