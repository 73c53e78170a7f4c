//! Tasks of this workspace: `cargo xtask regen`, `diff`, `preflight`, `generate`, `documents`, `select`, `sandbox`, `bench` and `foreign`.
//!
//! A task handles arguments, files and progress; libraries do the work. Start with [`regen`].

#[path = "../introspect/src/arguments.rs"]
mod arguments;
mod baseline;
mod diff;
mod documents;
mod error;
mod fetch;
mod generate;
mod input;
mod preflight;
mod regen;
mod select;
mod texts;
mod used_by;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use xurrent_generator::command::Generate;

/// Tasks of the Xurrent SDK.
///
/// Exit codes: 0 done, 1 out of date or failed, 2 wrong usage; `diff` and `preflight` have more.
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
    /// With a source (--endpoint, --stage or --domain), from the schema of that server, which also
    /// replaces schema.json; if a step fails, no file changes. Without one, sends nothing.
    ///
    /// Unchanged files are not touched; stale generated files are deleted. If the schema changed, prints
    /// what changed, and adds an entry to CHANGELOG.schema.md.
    Regen(Box<regen::Regen>),
    /// Print what changed between two versions of schema.json, and whom it breaks.
    ///
    /// With a source (--endpoint, --stage or --domain), compares with the schema of that server.
    Diff(Box<diff::Diff>),
    /// Print what a server cannot serve of a crate that is built with schema.json as it is.
    ///
    /// Compares with the schema of the server (--endpoint, --stage or --domain), and keeps the changes with which a program
    /// that is already built fails, or means something else. No file changes.
    Preflight(Box<preflight::Preflight>),
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
    if let Some(code) = xurrent_generator::command::as_compiler() {
        return code;
    }
    let done = match Arguments::parse().task {
        Task::Regen(regen) => regen.run(),
        Task::Diff(diff) => diff.run(),
        Task::Preflight(preflight) => preflight.run(),
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
