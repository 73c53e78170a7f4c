//! Tasks of this workspace. Thin: arguments, files and progress; the work is done in libraries.

mod delegate;
mod documents;
mod fetch;
mod folder;
mod regen;
mod report;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

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
    /// With a place (--endpoint, --stage or --domain), schema.json is first replaced by the schema
    /// of that server; when that fails, nothing is changed. Without one, nothing is sent.
    ///
    /// Files that would not change are not touched; generated files that no longer belong are deleted.
    Regen(Box<regen::Regen>),
    /// Write every generated operation as a GraphQL document.
    Documents(documents::Documents),
    /// Serve the API on a loopback port: a real GraphQL engine over schema.json.
    ///
    /// Everything after `sandbox` is passed on; `cargo xtask sandbox --help` lists it.
    #[command(disable_help_flag = true)]
    Sandbox(delegate::Delegate),
    /// Measure the SDK against its peers, side by side.
    ///
    /// Everything after `bench` is passed on; `cargo xtask bench --help` lists it.
    #[command(disable_help_flag = true)]
    Bench(delegate::Delegate),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Regen(regen) => regen.run(),
        Task::Documents(documents) => documents.run(),
        Task::Sandbox(delegate) => delegate.run("xurrent-sandbox", &[]),
        Task::Bench(delegate) => delegate.run("xurrent-benches", &["--release"]),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
