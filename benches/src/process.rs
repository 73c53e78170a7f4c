//! Child processes.

use crate::error::Error;
use std::process::{Command, Stdio};

/// This program, to measure one side in a process of its own.
pub(crate) fn this_program() -> Result<Command, Error> {
    Ok(Command::new(std::env::current_exe()?))
}

/// Runs a command and returns its output.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let name = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|source| Error::Command { command: name.clone(), source })?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Exit { command: name, output });
    }
    Ok(output.stdout)
}
