//! Commands that live in crates of their own, so that `regen` does not have to compile them.

use crate::report::{Failure, root};
use clap::Args;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Arguments that are passed on as they are.
#[derive(Args)]
pub(crate) struct Delegate {
    /// Passed on.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Delegate {
    /// Runs a package of this workspace and passes its exit code on.
    pub(crate) fn run(self, package: &str, flags: &[&str]) -> Result<ExitCode, Failure> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["run", "--quiet", "--package", package])
            .args(flags)
            .arg("--")
            .args(self.arguments)
            .current_dir(root())
            .status()
            .map_err(|source| Failure::Command {
                command: format!("cargo run --package {package}"),
                source,
            })?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
