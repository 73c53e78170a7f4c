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
        let mut command = cargo("run", package);
        command.args(flags).arg("--").args(self.arguments);
        status(command).map(ExitCode::from)
    }
}

/// A quiet cargo command for a package of this workspace.
pub(crate) fn cargo(task: &str, package: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([task, "--quiet", "--package", package]).current_dir(root());
    command
}

/// Runs a command to its end. One that has no exit code, since it was killed, has failed with 1.
pub(crate) fn status(mut command: Command) -> Result<u8, Failure> {
    // Arguments are left out: the name says enough, and nobody knows what they hold.
    let status = command.status().map_err(|source| Failure::Command {
        command: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
