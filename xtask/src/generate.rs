//! `cargo xtask generate`: a crate for any GraphQL API.

use crate::error::Error;
use crate::workspace::{PackageArguments, root};
use std::process::ExitCode;
use xurrent_generator::command::Generate;

/// Generates. The program of the generator fetches a schema from a URL, so that `xtask` builds without an
/// HTTP client.
pub(crate) fn run(generate: Generate) -> Result<ExitCode, Error> {
    if generate.fetches() {
        let arguments = PackageArguments::of_this_program();
        return arguments.run("xurrent-generator", &["--features", "cli"]);
    }
    Ok(generate.or_runtime_path(root().join("sdk/runtime")).run("cargo xtask generate")?)
}
