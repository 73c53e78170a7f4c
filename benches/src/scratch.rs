//! Scratch projects in the target folder, kept between runs so that dependencies stay built.

use crate::error::{Error, file};
use crate::files::{Sources, list, read, root, scratch, write};
use crate::process::{self, Ended, output, wait};
use crate::run::Run;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A workspace of its own, with the lock file and the profiles of this one.
pub(crate) struct Project {
    folder: PathBuf,
    command: &'static str,
    profile: &'static [&'static str],
    /// Whether the compiler keeps what it can use again, as it does by default for debugging.
    is_incremental: bool,
}

/// What a command of cargo took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Build {
    pub(crate) seconds: f64,
    /// The largest resident set of a process, which is the largest compiler, in bytes.
    pub(crate) peak_memory: f64,
    /// The number of compiled packages.
    compiled: usize,
}

impl Project {
    /// Writes a project to build in release. Unchanged files keep their time stamps.
    pub(crate) fn new(name: &str, sources: Sources) -> Result<Self, Error> {
        Self::of(name, "build", &["--release"]).write(sources)
    }

    /// Writes a project to build for debugging.
    pub(crate) fn to_debug(name: &str, sources: Sources) -> Result<Self, Error> {
        Self::of(name, "build", &[]).write(sources)
    }

    pub(crate) fn to_check(name: &str, sources: Sources) -> Result<Self, Error> {
        Self::of(name, "check", &[]).write(sources)
    }

    /// Writes a project to check again and again while it is edited.
    pub(crate) fn to_edit(name: &str, sources: Sources) -> Result<Self, Error> {
        Self { is_incremental: true, ..Self::of(name, "check", &[]) }.write(sources)
    }

    fn of(name: &str, command: &'static str, profile: &'static [&'static str]) -> Self {
        Self { folder: scratch().join(name), command, profile, is_incremental: false }
    }

    fn write(self, mut sources: Sources) -> Result<Self, Error> {
        let mut profiles = manifest("Cargo.toml")?;
        profiles.retain(|key, _| key == "profile");
        sources.entry("Cargo.toml".to_owned()).and_modify(|manifest| *manifest += &format!("\n{profiles}"));
        for (path, content) in &sources {
            write_if_changed(&self.folder.join(path), content)?;
        }
        self.remove_stale(&sources)?;
        self.lock()?;
        Ok(self)
    }

    /// Seconds to compile one package, with its dependencies built.
    pub(crate) fn compile(&self, package: &str) -> Result<f64, Error> {
        self.cargo("clean", package)?;
        self.build(package, 1)
    }

    /// Seconds to compile one package after a change in one of its files.
    pub(crate) fn recompile(&self, package: &str, changed: &str) -> Result<f64, Error> {
        let path = self.folder.join(changed);
        write(&path, &read(&path)?)?;
        self.build(package, 1)
    }

    /// Seconds to compile one package after the last line of one of its files was replaced.
    pub(crate) fn edit(&self, package: &str, changed: &str, line: &str) -> Result<f64, Error> {
        let path = self.folder.join(changed);
        let source = read(&path)?;
        let (before, _) = source.trim_end().rsplit_once('\n').unwrap_or_default();
        write(&path, &format!("{before}\n{line}\n"))?;
        self.build(package, 1)
    }

    /// Builds everything. Downloads are not counted.
    pub(crate) fn build_all(&self, package: &str) -> Result<Build, Error> {
        let mut fetch = process::cargo();
        output(fetch.arg("fetch").current_dir(&self.folder))?;
        let target = self.folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).map_err(file("delete", &target))?;
        }
        self.cargo(self.command, package)
    }

    /// The number of crates that are compiled for the package, with its own.
    pub(crate) fn crates(&self) -> Result<usize, Error> {
        let mut tree = process::cargo();
        tree.args(["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe", "--color", "never"]);
        let output = output(tree.current_dir(&self.folder))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().map(|line| line.trim_end_matches(" (proc-macro)")).collect::<BTreeSet<_>>().len())
    }

    /// Seconds of a build with nothing to do.
    pub(crate) fn build_nothing(&self, package: &str) -> Result<f64, Error> {
        self.build(package, 0)
    }

    /// The size of the metadata of a library.
    pub(crate) fn rmeta(&self, library: &str) -> Result<u64, Error> {
        let folder = self.folder.join("target/release/deps");
        let prefix = format!("lib{library}-");
        let mut newest = None;
        for path in list(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(&prefix) && name.ends_with(".rmeta") {
                let metadata = path.metadata().map_err(file("read", &path))?;
                newest = newest.max(Some((metadata.modified()?, metadata.len())));
            }
        }
        let (_, size) = newest.ok_or_else(|| format!("no {prefix}*.rmeta in {}", folder.display()))?;
        Ok(size)
    }

    fn build(&self, package: &str, expected: usize) -> Result<f64, Error> {
        let Build { seconds, compiled, .. } = self.cargo(self.command, package)?;
        if compiled == expected {
            return Ok(seconds);
        }
        let command = self.command;
        Err(format!("`cargo {command} --package {package}` compiled {compiled} packages instead of {expected}: do not edit sources meanwhile").into())
    }

    /// Runs a command on a package.
    fn cargo(&self, command: &str, package: &str) -> Result<Build, Error> {
        let mut cargo = process::cargo();
        cargo
            .args([command, "--package", package])
            .args(self.profile)
            .args(["--color", "never", "--target-dir"])
            .arg(self.folder.join("target"))
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", if self.is_incremental { "1" } else { "0" })
            .env("CARGO_TERM_QUIET", "false");
        let started = Instant::now();
        let Ended { messages, peak_memory } = wait(&mut cargo)?;
        let seconds = started.elapsed().as_secs_f64();
        let verbs = messages.lines().filter_map(|line| line.trim_start().split_once(' '));
        let compiled = verbs.filter(|(verb, _)| matches!(*verb, "Compiling" | "Checking")).count();
        Ok(Build { seconds, peak_memory: peak_memory as f64, compiled })
    }

    /// Copies the lock file of this workspace, so that both sides use the same versions. Cargo adapts
    /// the copy, so it is only replaced when the original changes.
    fn lock(&self) -> Result<(), Error> {
        let content = read(&root().join("Cargo.lock"))?;
        let original = self.folder.join("target/Cargo.lock.original");
        if read(&original).is_ok_and(|before| before == content) {
            return Ok(());
        }
        write(&self.folder.join("Cargo.lock"), &content)?;
        write(&original, &content)
    }

    /// Deletes stale files of earlier runs from the source folders.
    fn remove_stale(&self, sources: &Sources) -> Result<(), Error> {
        let known = sources.keys().filter(|path| path.contains("src/"));
        let known: BTreeSet<PathBuf> = known.map(|path| self.folder.join(path)).collect();
        for folder in known.iter().filter_map(|path| path.parent()).collect::<BTreeSet<&Path>>() {
            for path in list(folder)?.iter().filter(|path| path.is_file() && !known.contains(*path)) {
                fs::remove_file(path).map_err(file("delete", path))?;
            }
        }
        Ok(())
    }
}

/// Builds or checks packages and their dependencies, without measuring.
pub(crate) fn prepare(run: &Run<'_>, packages: [(&Project, &str); 2]) -> Result<(), Error> {
    run.prepare("building the dependencies of both sides");
    packages.iter().try_for_each(|(project, package)| project.cargo(project.command, package).map(drop))
}

pub(crate) fn manifest(path: &str) -> Result<toml::Table, Error> {
    read(&root().join(path))?.parse().map_err(|error: toml::de::Error| format!("{path}: {error}").into())
}

/// The manifest of a package in a scratch project. More tables may follow the dependencies.
pub(crate) fn package(name: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{dependencies}"
    )
}

fn write_if_changed(path: &Path, content: &str) -> Result<(), Error> {
    if read(path).is_ok_and(|before| before == content) { Ok(()) } else { write(path, content) }
}
