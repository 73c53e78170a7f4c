//! `xurrent-generator`: a typed Rust client for any GraphQL API, from its schema.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xurrent_generator::command::{Compare, Generate};
use xurrent_generator::error_chain;

/// Typed Rust clients for GraphQL APIs, generated from their schema.
///
/// Exit codes: 0 done, 1 out of date or failed, 2 wrong usage; `diff` has more.
#[derive(Parser)]
#[command(name = "xurrent-generator", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate a crate from a schema.
    Generate(Box<Generate>),
    /// Print what changed between two schemas, and whom it breaks.
    Diff(Box<Compare>),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Generate(generate) => generate.run("xurrent-generator generate"),
        Command::Diff(compare) => compare.run(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {}", error_chain(&error));
        ExitCode::FAILURE
    })
}
