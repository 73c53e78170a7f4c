//! Runs cargo and reads what it prints.

use crate::command::Error;
use crate::used_by::CompilerMessage;
use serde::Deserialize;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

/// Set for the program that cargo runs in place of the compiler.
const WRAPPER: &str = "XURRENT_FORCE_DEPRECATED";

/// A workspace of local packages.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    pub(super) workspace_root: PathBuf,
}

/// A local package.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest_path: PathBuf,
}

impl Package {
    pub(super) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}

fn run(mut command: Command) -> Result<Output, Error> {
    command.output().map_err(Error::Cargo)
}

/// The workspace around a folder. It writes nothing, no lock file either.
pub(super) fn metadata(folder: &Path) -> Result<Metadata, Error> {
    let mut command = cargo(folder);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let output = run(command)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::NoCrate { folder: folder.to_owned(), text });
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::NoCrate { folder: folder.to_owned(), text: error.to_string() })
}

/// What a build of all targets in a folder says.
pub(super) struct Checked {
    pub(super) messages: Vec<CompilerMessage>,
    /// Whether all of it compiles.
    pub(super) is_complete: bool,
    /// What cargo says beside the compiler.
    pub(super) text: String,
}

/// Checks all targets of the package or the workspace in a folder. Lints of the code cannot make it fail, nor hide that
/// something is deprecated.
pub(super) fn check(folder: &Path, target: &Path, targets: &[&str]) -> Result<Checked, Error> {
    let wrapper = env::current_exe().map_err(Error::Cargo)?;
    let mut command = cargo(folder);
    command.args(["check", "--message-format=json", "--quiet", "--keep-going"]).args(targets);
    command.arg("--target-dir").arg(target).env("RUSTC_WORKSPACE_WRAPPER", wrapper).env(WRAPPER, "1");
    let output = run(command)?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    Ok(Checked {
        messages: stdout.lines().filter_map(CompilerMessage::from_json).collect(),
        is_complete: output.status.success(),
        text: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs the compiler, if cargo runs this program in its place, as `diff --used-by` makes it. A program calls this before it
/// reads its arguments.
#[must_use]
pub fn as_compiler() -> Option<ExitCode> {
    env::var_os(WRAPPER)?;
    let mut arguments = env::args_os().skip(1);
    let mut command = Command::new(arguments.next()?);
    command.args(arguments).args(["--cap-lints", "warn", "--force-warn", "deprecated"]);
    let status = command.status().ok()?;
    Some(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
