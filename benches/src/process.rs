//! Child processes.

use crate::error::Error;
use crate::files::read;
use serde::Serialize;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use wait4::Wait4 as _;

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
    Err(failure(command, &String::from_utf8_lossy(&output.stderr)))
}

/// What a command printed as messages, and the memory of its processes.
pub(crate) struct Ended {
    pub(crate) messages: String,
    /// The largest resident set of a process, in bytes: the command's, or that of one that it waited for, or of one
    /// that such a process waited for.
    pub(crate) peak_memory: u64,
}

/// Runs a command, as [`output`] does, and discards its standard output.
pub(crate) fn wait(command: &mut Command) -> Result<Ended, Error> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn();
    let mut child = child.map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let mut messages = Vec::new();
    child.stderr.take().map(|mut stderr| stderr.read_to_end(&mut messages)).transpose()?;
    let ended = child.wait4()?;
    let messages = String::from_utf8_lossy(&messages).into_owned();
    match ended.status.success() {
        true => Ok(Ended { messages, peak_memory: ended.rusage.maxrss }),
        false => Err(failure(command, &messages)),
    }
}

fn failure(command: &Command, messages: &str) -> Error {
    let errors = messages.find("\nerror").map_or(messages, |start| &messages[start + 1..]);
    let errors: Vec<&str> = errors.lines().take(40).collect();
    format!("{command:?} failed:\n{}", errors.join("\n")).into()
}

/// Peak memory of this process in bytes, on Linux.
pub(crate) fn peak_memory() -> Result<u64, Error> {
    let status = read(Path::new("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
    Ok(line.ok_or("/proc/self/status has no VmHWM")?.trim().parse::<u64>()? * 1024)
}
