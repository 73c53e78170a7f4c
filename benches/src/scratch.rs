//! Scratch projects in the target folder, kept between runs so that dependencies stay built.

use crate::error::Error;
use crate::run::{root, scratch};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, Instant};

/// Source files of a project, by their path in it.
pub(crate) type Sources = BTreeMap<String, String>;

/// A workspace of its own, with the lock file and the profiles of this one.
pub(crate) struct Project {
    folder: PathBuf,
    command: Command,
}

/// A cargo command and its profile.
#[derive(Clone, Copy)]
struct Command {
    name: &'static str,
    profile: &'static [&'static str],
}

const BUILD: Command = Command { name: "build", profile: &["--release"] };
const CHECK: Command = Command { name: "check", profile: &[] };

/// Outcome of a build.
struct Built {
    elapsed: Duration,
    compiled: usize,
}

impl Project {
    /// Writes a project to build in release. Unchanged files keep their time stamps.
    pub(crate) fn new(name: &str, sources: Sources) -> Result<Self, Error> {
        Self::with(name, BUILD, sources)
    }

    /// Writes a project to check.
    pub(crate) fn to_check(name: &str, sources: Sources) -> Result<Self, Error> {
        Self::with(name, CHECK, sources)
    }

    fn with(name: &str, command: Command, mut sources: Sources) -> Result<Self, Error> {
        let project = Self { folder: scratch().join(name), command };
        if let Some(manifest) = sources.get_mut("Cargo.toml") {
            manifest.push_str(&profiles()?);
        }
        for (path, content) in &sources {
            write_if_changed(&project.folder.join(path), content)?;
        }
        project.remove_stale(&sources)?;
        project.lock()?;
        Ok(project)
    }

    /// Builds or checks a package and its dependencies, without measuring.
    pub(crate) fn prepare(&self, package: &str) -> Result<(), Error> {
        self.build(package).map(drop)
    }

    /// Seconds to compile one package, with its dependencies built.
    pub(crate) fn compile(&self, package: &str) -> Result<f64, Error> {
        self.run("clean", package)?;
        self.build_one(package)
    }

    /// Seconds to compile one package after a change in one of its files.
    pub(crate) fn recompile(&self, package: &str, changed: &str) -> Result<f64, Error> {
        let path = self.folder.join(changed);
        let content = fs::read(&path).map_err(Error::file("read", &path))?;
        fs::write(&path, content).map_err(Error::file("write", &path))?;
        self.build_one(package)
    }

    /// Seconds of a build with nothing to do.
    pub(crate) fn build_nothing(&self, package: &str) -> Result<f64, Error> {
        let built = self.build(package)?;
        self.expect(package, &built, 0)
    }

    /// The size of the metadata of a library.
    pub(crate) fn rmeta(&self, library: &str) -> Result<u64, Error> {
        let folder = self.folder.join("target/release/deps");
        let prefix = format!("lib{library}-");
        let mut newest = None;
        for entry in fs::read_dir(&folder).map_err(Error::file("list", &folder))? {
            let entry = entry.map_err(Error::file("list", &folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.ends_with(".rmeta") {
                let path = entry.path();
                let metadata = entry.metadata().map_err(Error::file("read", &path))?;
                let modified = metadata.modified().map_err(Error::file("read", &path))?;
                newest = newest.max(Some((modified, metadata.len())));
            }
        }
        newest.map(|(_, size)| size).ok_or_else(|| {
            let missing = std::io::Error::new(std::io::ErrorKind::NotFound, format!("no {prefix}*.rmeta"));
            Error::file("read", &folder)(missing)
        })
    }

    fn build_one(&self, package: &str) -> Result<f64, Error> {
        let built = self.build(package)?;
        self.expect(package, &built, 1)
    }

    fn expect(&self, package: &str, built: &Built, compiled: usize) -> Result<f64, Error> {
        if built.compiled != compiled {
            let command = format!("cargo {} --package {package}", self.command.name);
            return Err(Error::OtherWork { command, expected: compiled, compiled: built.compiled });
        }
        Ok(built.elapsed.as_secs_f64())
    }

    fn build(&self, package: &str) -> Result<Built, Error> {
        self.run(self.command.name, package)
    }

    fn run(&self, command: &str, package: &str) -> Result<Built, Error> {
        let mut arguments = vec![command, "--package", package];
        arguments.extend(self.command.profile);
        self.cargo(&arguments)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Built, Error> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let command = || format!("cargo {}", arguments.join(" "));
        let started = Instant::now();
        let output = process::Command::new(cargo)
            .args(arguments)
            .args(["--color", "never", "--target-dir"])
            .arg(self.folder.join("target"))
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TERM_QUIET", "false")
            .output()
            .map_err(|source| Error::Command { command: command(), source })?;
        let elapsed = started.elapsed();
        let messages = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let errors = messages.find("error").map_or(&*messages, |start| &messages[start..]);
            let output = errors.lines().take(40).collect::<Vec<_>>().join("\n");
            return Err(Error::Exit { command: command(), output });
        }
        let compiled = messages.lines().filter_map(|line| line.trim_start().split_once(' '));
        let compiled = compiled.filter(|(what, _)| matches!(*what, "Compiling" | "Checking")).count();
        Ok(Built { elapsed, compiled })
    }

    /// Copies the lock file of this workspace, so that both sides use the same versions. Cargo adapts
    /// the copy, so it is only replaced when the original changes.
    fn lock(&self) -> Result<(), Error> {
        let original = root().join("Cargo.lock");
        let content = fs::read_to_string(&original).map_err(Error::file("read", &original))?;
        let copied = self.folder.join("target").join("Cargo.lock.original");
        if fs::read_to_string(&copied).is_ok_and(|before| before == content) {
            return Ok(());
        }
        write_if_changed(&self.folder.join("Cargo.lock"), &content)?;
        write_if_changed(&copied, &content)
    }

    /// Deletes stale files of earlier runs from the source folders.
    fn remove_stale(&self, sources: &Sources) -> Result<(), Error> {
        let folders: std::collections::BTreeSet<PathBuf> =
            sources.keys().filter_map(|path| Path::new(path).parent().map(Path::to_owned)).collect();
        for folder in folders.iter().filter(|folder| folder.iter().any(|part| part == "src")) {
            let absolute = self.folder.join(folder);
            for entry in fs::read_dir(&absolute).map_err(Error::file("list", &absolute))? {
                let entry = entry.map_err(Error::file("list", &absolute))?;
                if entry.path().is_dir() {
                    continue;
                }
                let known = folder.join(entry.file_name());
                if !known.to_str().is_some_and(|path| sources.contains_key(&path.replace('\\', "/"))) {
                    fs::remove_file(entry.path()).map_err(Error::file("delete", &entry.path()))?;
                }
            }
        }
        Ok(())
    }
}

/// The profiles of this workspace, for a manifest.
fn profiles() -> Result<String, Error> {
    let manifest = manifest("Cargo.toml")?;
    let mut only = toml::Table::new();
    if let Some(profile) = manifest.get("profile") {
        only.insert("profile".to_owned(), profile.clone());
    }
    Ok(format!("\n{only}"))
}

/// Reads a manifest of this workspace.
pub(crate) fn manifest(path: &str) -> Result<toml::Table, Error> {
    let path = root().join(path);
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    text.parse().map_err(|error: toml::de::Error| Error::Manifest { path, message: error.to_string() })
}

/// Lines and bytes of sources, for a note.
pub(crate) fn size(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let (mut lines, mut bytes) = (0, 0);
    for text in texts {
        lines += text.as_ref().lines().count();
        bytes += text.as_ref().len();
    }
    format!("{lines} lines, {bytes} bytes")
}

/// All Rust files below a folder.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let path = entry.map_err(Error::file("list", folder))?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn write_if_changed(path: &Path, content: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    fs::write(path, content).map_err(Error::file("write", path))
}
