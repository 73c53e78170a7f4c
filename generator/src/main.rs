//! `xurrent-generator`: a typed Rust client for any GraphQL API, from its schema.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xurrent_generator::command::Generate;
use xurrent_generator::error_chain;

/// Typed Rust clients for GraphQL APIs, generated from their schema.
///
/// Exit codes: 0 done, 1 out of date or failed, 2 wrong usage.
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
}

fn main() -> ExitCode {
    let Command::Generate(generate) = Arguments::parse().command;
    generate.run("xurrent-generator generate").unwrap_or_else(|error| {
        eprintln!("error: {}", error_chain(&error));
        ExitCode::FAILURE
    })
}
