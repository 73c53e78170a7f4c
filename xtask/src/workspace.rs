//! Packages of this workspace that tasks run as programs, so that `regen` does not compile them.

use crate::error::Error;
use clap::Args;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use xurrent_generator::command;

/// Arguments for another program.
#[derive(Args)]
pub(crate) struct PackageArguments {
    /// Passed to the program.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl PackageArguments {
    /// The arguments of this program, and more.
    pub(crate) fn of_this_program(more: impl Iterator<Item = OsString>) -> Self {
        Self { arguments: std::env::args_os().skip(1).chain(more).collect() }
    }

    /// Builds a package and runs it in the current folder, so that paths in its arguments are the
    /// caller's. Returns its exit code. `flags` are for cargo.
    ///
    /// Building prints cargo's progress to a terminal, and one line to a pipe.
    pub(crate) fn run(self, package: &str, flags: &[&str]) -> Result<ExitCode, Error> {
        let mut command = visible_cargo("run", package);
        if !io::stderr().is_terminal() {
            eprintln!("building {package} (takes minutes the first time)");
            command.arg("--quiet");
        }
        command.args(flags).arg("--manifest-path").arg(root().join("Cargo.toml"));
        command.arg("--").args(self.arguments);
        status(command).map(ExitCode::from)
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A quiet cargo command for a package.
pub(crate) fn cargo(task: &str, package: &str) -> Command {
    let mut command = visible_cargo(task, package);
    command.arg("--quiet").current_dir(root());
    command
}

fn visible_cargo(task: &str, package: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([task, "--package", package]);
    command
}

/// Runs a command and returns its exit code; 1 if it was killed.
pub(crate) fn status(mut command: Command) -> Result<u8, Error> {
    // The error omits the arguments, which may hold secrets.
    let status = command.status().map_err(|source| Error::Program {
        command: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Waits until no other run of a task writes to one of these files and folders.
pub(crate) fn lock<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<Vec<File>, Error> {
    let folder = root().join("target/locks");
    fs::create_dir_all(&folder).map_err(command::Error::file("create", &folder))?;
    let hash = |path: &Path| {
        let mut hasher = DefaultHasher::new();
        fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok().hash(&mut hasher);
        hasher.finish()
    };
    // In one order, so that two runs do not wait for each other.
    let names: BTreeSet<_> = paths.into_iter().map(hash).collect();
    names.into_iter().map(|name| lock_file(&folder.join(format!("{name:016x}")))).collect()
}

fn lock_file(path: &Path) -> Result<File, Error> {
    let file = File::options().write(true).create(true).truncate(false).open(path);
    let file = file.map_err(command::Error::file("open", path))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another `cargo xtask regen`");
        file.lock().map_err(command::Error::file("lock", path))?;
    }
    Ok(file)
}
