//! Folders, and programs of others.

use crate::error::Error;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folders of the workspace that this program uses. All that it writes is below `target/foreign`.
pub(crate) struct Folders {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// Its target folder, which scratch workspaces share: dependencies are compiled once.
    pub(crate) target: PathBuf,
    /// The cache, and everything else that is written.
    pub(crate) work: PathBuf,
}

impl Folders {
    pub(crate) fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self { work: target.join("foreign"), root, target }
    }

    /// The engine of JavaScript, with its packages.
    pub(crate) fn engine(&self) -> PathBuf {
        self.work.join("engine")
    }

    /// The scratch workspace of the generated crates.
    pub(crate) fn crates(&self) -> PathBuf {
        self.work.join("crates")
    }

    /// Where a guide is followed.
    pub(crate) fn guide(&self) -> PathBuf {
        self.work.join("guide")
    }

    /// A cargo command in a folder, with the shared target folder.
    pub(crate) fn cargo(&self, folder: &Path) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(folder).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// Writes a file, with the folders above it.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    fs::write(path, content).map_err(Error::file("write", path))
}

/// Deletes a folder, if it is there.
pub(crate) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file("delete", folder)(error)),
        _ => Ok(()),
    }
}

/// The tool that a command runs.
fn tool(command: &Command) -> String {
    Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// How to install a tool.
fn hint(tool: &str) -> &'static str {
    match tool {
        "node" | "npm" => "`apt-get install nodejs npm`, or as the Node.js project describes",
        "cargo" => "rustup",
        _ => "the package manager of the system",
    }
}

/// For `map_err` of a command that could not be started.
pub(crate) fn start(command: &Command) -> impl FnOnce(io::Error) -> Error {
    let tool = tool(command);
    move |source| match source.kind() {
        io::ErrorKind::NotFound => Error::Missing { hint: hint(&tool), tool },
        _ => Error::Start { tool, source },
    }
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started or fails, with all that it printed.
pub(crate) fn run(command: &mut Command) -> Result<Output, Error> {
    let output = command.output().map_err(start(command))?;
    match output.status.success() {
        true => Ok(output),
        false => Err(failed(command, &output)),
    }
}

/// The error of a command that printed what it should not.
pub(crate) fn failed(command: &Command, output: &Output) -> Error {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let command = [tool(command).into()].into_iter().chain(arguments).collect::<Vec<_>>().join(" ");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let output = [text(&output.stdout), text(&output.stderr)].join("");
    Error::Command { command, output: output.trim_end().to_owned() }
}

/// Installs the packages of the engine, unless they are there in these versions.
pub(crate) fn install_engine(folders: &Folders) -> Result<(), Error> {
    const FILES: [(&str, &str); 6] = [
        (".npmrc", include_str!("../engine/.npmrc")),
        ("package.json", include_str!("../engine/package.json")),
        ("schema.mjs", include_str!("../engine/schema.mjs")),
        ("serve.mjs", include_str!("../engine/serve.mjs")),
        ("validate.mjs", include_str!("../engine/validate.mjs")),
        (LOCK, include_str!("../engine/package-lock.json")),
    ];
    const LOCK: &str = "package-lock.json";
    let folder = folders.engine();
    let is_installed = folder.join("node_modules").exists()
        && fs::read_to_string(folder.join(LOCK)).is_ok_and(|text| FILES.contains(&(LOCK, &text)));
    for (name, content) in FILES {
        write(&folder.join(name), content)?;
    }
    if !is_installed {
        run(Command::new("npm").args(["ci", "--no-progress"]).current_dir(&folder))?;
    }
    Ok(())
}
