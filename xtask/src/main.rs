//! Tasks of this workspace: `cargo xtask regen`, `generate`, `documents`, `select`, `sandbox`, `bench` and `foreign`.
//!
//! A task handles arguments, files and progress; libraries do the work. Start with [`regen`].

#[path = "../introspect/src/arguments.rs"]
mod arguments;
mod documents;
mod error;
mod fetch;
mod generate;
mod regen;
mod select;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xurrent_generator::command::Generate;

/// Tasks of the Xurrent SDK.
///
/// Exit codes: 0 done, 1 out of date or failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Rewrite the generated part of the SDK from schema.json.
    ///
    /// With a source (--endpoint, --stage or --domain), first replaces schema.json with the schema of
    /// that server; if that fails, no file changes. Without one, sends nothing.
    ///
    /// Unchanged files are not touched; stale generated files are deleted.
    Regen(Box<regen::Regen>),
    /// Generate a crate for any GraphQL API from its schema.
    ///
    /// Example: cargo xtask generate --schema schema.graphql --out films --crate films
    Generate(Box<Generate>),
    /// Write every generated operation as a GraphQL document.
    Documents(documents::Documents),
    /// Print the Rust for a GraphQL document: the structs to derive, and a function that sends it.
    ///
    /// Example: cargo xtask select 'query { people { nodes { id name } } }'
    Select(Box<select::Select>),
    /// Serve the API on a loopback port, with a GraphQL engine over schema.json.
    ///
    /// Passes all arguments to the sandbox; `cargo xtask sandbox --help` lists them.
    #[command(disable_help_flag = true)]
    Sandbox(workspace::PackageArguments),
    /// Measure the SDK side by side with its peers.
    ///
    /// Passes all arguments to the benchmarks; `cargo xtask bench --help` lists them.
    #[command(disable_help_flag = true)]
    Bench(workspace::PackageArguments),
    /// Generate SDKs of public APIs, compile them, and validate their documents with another engine.
    ///
    /// Passes all arguments to the program; `cargo xtask foreign --help` lists them.
    #[command(disable_help_flag = true)]
    Foreign(workspace::PackageArguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Regen(regen) => regen.run(),
        Task::Generate(generate) => generate::run(*generate),
        Task::Documents(documents) => documents.run(),
        Task::Select(select) => select.run(),
        Task::Sandbox(arguments) => arguments.run("xurrent-sandbox", &[]),
        Task::Bench(arguments) => arguments.run("xurrent-benches", &["--release"]),
        Task::Foreign(arguments) => arguments.run("xurrent-foreign", &["--release"]),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {}", xurrent_generator::error_chain(&error));
        ExitCode::FAILURE
    })
}
