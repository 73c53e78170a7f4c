//! Child processes.

use crate::error::Error;
use crate::files::read;
use serde::Serialize;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs one side of a benchmark in a process of its own, and returns its output.
pub(crate) fn this_program(argument: &str, side: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    Ok(output(command.arg(argument).arg(serde_json::to_string(side)?))?.stdout)
}

/// A command of the cargo that runs this program.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command and returns its output, or the errors that it prints.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let messages = String::from_utf8_lossy(&output.stderr);
    let errors = messages.find("\nerror").map_or(&*messages, |start| &messages[start + 1..]);
    let errors: Vec<&str> = errors.lines().take(40).collect();
    Err(format!("{command:?} failed:\n{}", errors.join("\n")).into())
}

/// Peak memory of this process in bytes, on Linux.
pub(crate) fn peak_memory() -> Result<u64, Error> {
    let status = read(Path::new("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
    Ok(line.ok_or("/proc/self/status has no VmHWM")?.trim().parse::<u64>()? * 1024)
}
