//! `cargo xtask generate`: a crate for any GraphQL API.

use crate::error::Error;
use crate::workspace::{PackageArguments, root};
use std::process::ExitCode;
use xurrent_generator::command::Generate;

/// Generates. The program of the generator fetches a schema from a URL, so that `xtask` builds without an
/// HTTP client.
pub(crate) fn run(generate: Generate) -> Result<ExitCode, Error> {
    let runtime = generate.lacks_runtime().then(|| root().join("sdk/runtime"));
    if generate.fetches() {
        let runtime = runtime.into_iter().flat_map(|folder| ["--runtime-path".into(), folder.into()]);
        let arguments = PackageArguments::of_this_program(runtime);
        return arguments.run("xurrent-generator", &["--features", "cli"]);
    }
    let generate = match runtime {
        Some(folder) => generate.runtime_path(folder),
        None => generate,
    };
    Ok(generate.run("cargo xtask generate")?)
}
