//! `cargo xtask regen` prints the changes of the schema. If one file cannot be written, it writes none.

mod changes;
mod environments;
mod failures;
#[cfg(unix)]
mod fetched;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const FIRST: &str =
    "type Query { ticket: Ticket, weather: String } type Ticket { subject: String }";
/// `FIRST` with a field more.
pub(crate) const ADDED: &str =
    "type Query { ticket: Ticket, weather: String } type Ticket { subject: String, urgent: Boolean }";
/// `FIRST` with a field less.
pub(crate) const REMOVED: &str = "type Query { ticket: Ticket } type Ticket { subject: String }";

/// The day of the runs of tests.
const DAY: &str = "2026-01-02";

/// A folder with a schema, settings and generated source.
pub(crate) struct Project {
    pub(crate) folder: TempDir,
}

/// What a run printed.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// With the schema `FIRST`, nothing generated yet, without git.
    pub(crate) fn new() -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap() };
        this.write("schema.graphql", FIRST);
        this.write("overrides.toml", "");
        this
    }

    /// With the source of `FIRST` in a commit.
    pub(crate) fn committed() -> Self {
        let this = Self::new();
        assert_eq!(this.regen(&[]).code, 0);
        this.git(&["init", "--quiet"]);
        this.commit();
        this
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Every file but those of git, with its text.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, String> {
        fn add(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() && !path.ends_with(".git") {
                    add(&path, files);
                } else if path.is_file() {
                    files.insert(path.clone(), fs::read_to_string(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        add(self.folder.path(), &mut files);
        files
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-C"]).arg(self.folder.path());
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Regenerate"]);
    }

    /// The command `regen` for this project.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["regen", "--schema", "schema.graphql", "--overrides", "overrides.toml"]);
        command.args(["--out", "generated", "--changelog", "CHANGES.md"]).args(arguments);
        command.current_dir(self.folder.path()).env("SOURCE_DATE_EPOCH", "1767312000");
        command
    }

    pub(crate) fn regen(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    pub(crate) fn regen_with(&self, schema: &str) -> Ran {
        self.write("schema.graphql", schema);
        self.regen(&[])
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// How many entries a changelog has.
pub(crate) fn entries(changelog: &str) -> usize {
    changelog.matches(&format!("## {DAY}")).count()
}
