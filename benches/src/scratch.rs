//! Scratch projects below the target folder, kept between runs so that dependencies stay built.

use crate::failure::Failure;
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

/// What is done with a package, and where Cargo puts what comes of it.
#[derive(Clone, Copy)]
struct Command {
    name: &'static str,
    profile: &'static [&'static str],
}

const BUILD: Command = Command { name: "build", profile: &["--release"] };
const CHECK: Command = Command { name: "check", profile: &[] };

/// What a build did.
struct Built {
    elapsed: Duration,
    compiled: usize,
}

impl Project {
    /// Brings a project up to date that is built for release. Files that would not change keep
    /// their time stamps.
    pub(crate) fn new(name: &str, sources: Sources) -> Result<Self, Failure> {
        Self::with(name, BUILD, sources)
    }

    /// The same for a project that is checked, as it is while it is written.
    pub(crate) fn to_check(name: &str, sources: Sources) -> Result<Self, Failure> {
        Self::with(name, CHECK, sources)
    }

    fn with(name: &str, command: Command, mut sources: Sources) -> Result<Self, Failure> {
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

    /// Builds or checks a package and everything below it, without measuring.
    pub(crate) fn prepare(&self, package: &str) -> Result<(), Failure> {
        self.build(package).map(drop)
    }

    /// Seconds to compile one package, with everything below it built.
    pub(crate) fn compile(&self, package: &str) -> Result<f64, Failure> {
        self.run("clean", package)?;
        self.build_one(package)
    }

    /// Seconds to compile one package after a change in one of its files.
    pub(crate) fn recompile(&self, package: &str, changed: &str) -> Result<f64, Failure> {
        let path = self.folder.join(changed);
        let content = fs::read(&path).map_err(Failure::file("read", &path))?;
        fs::write(&path, content).map_err(Failure::file("write", &path))?;
        self.build_one(package)
    }

    /// Seconds of a build that has nothing to do.
    pub(crate) fn build_nothing(&self, package: &str) -> Result<f64, Failure> {
        let built = self.build(package)?;
        self.expect(package, &built, 0)
    }

    /// The size of the metadata of a library.
    pub(crate) fn rmeta(&self, library: &str) -> Result<u64, Failure> {
        let folder = self.folder.join("target/release/deps");
        let prefix = format!("lib{library}-");
        let mut newest = None;
        for entry in fs::read_dir(&folder).map_err(Failure::file("list", &folder))? {
            let entry = entry.map_err(Failure::file("list", &folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.ends_with(".rmeta") {
                let path = entry.path();
                let metadata = entry.metadata().map_err(Failure::file("read", &path))?;
                let modified = metadata.modified().map_err(Failure::file("read", &path))?;
                newest = newest.max(Some((modified, metadata.len())));
            }
        }
        newest.map(|(_, size)| size).ok_or_else(|| {
            let missing = std::io::Error::new(std::io::ErrorKind::NotFound, format!("no {prefix}*.rmeta"));
            Failure::file("read", &folder)(missing)
        })
    }

    fn build_one(&self, package: &str) -> Result<f64, Failure> {
        let built = self.build(package)?;
        self.expect(package, &built, 1)
    }

    fn expect(&self, package: &str, built: &Built, compiled: usize) -> Result<f64, Failure> {
        if built.compiled != compiled {
            let command = format!("cargo {} --package {package}", self.command.name);
            return Err(Failure::OtherWork { command, expected: compiled, compiled: built.compiled });
        }
        Ok(built.elapsed.as_secs_f64())
    }

    fn build(&self, package: &str) -> Result<Built, Failure> {
        self.run(self.command.name, package)
    }

    fn run(&self, command: &str, package: &str) -> Result<Built, Failure> {
        let mut arguments = vec![command, "--package", package];
        arguments.extend(self.command.profile);
        self.cargo(&arguments)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Built, Failure> {
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
            .map_err(|source| Failure::Command { command: command(), source })?;
        let elapsed = started.elapsed();
        let messages = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let errors = messages.find("error").map_or(&*messages, |start| &messages[start..]);
            let output = errors.lines().take(40).collect::<Vec<_>>().join("\n");
            return Err(Failure::Exit { command: command(), output });
        }
        // Of a package that is only checked, cargo says so.
        let compiled = messages.lines().filter_map(|line| line.trim_start().split_once(' '));
        let compiled = compiled.filter(|(what, _)| matches!(*what, "Compiling" | "Checking")).count();
        Ok(Built { elapsed, compiled })
    }

    /// The lock file of this workspace, so that both sides stand on the same versions. Cargo drops
    /// from it what a project does not need and adds what only a peer needs, so it is copied
    /// again only when the original has changed.
    fn lock(&self) -> Result<(), Failure> {
        let original = root().join("Cargo.lock");
        let content = fs::read_to_string(&original).map_err(Failure::file("read", &original))?;
        let copied = self.folder.join("target").join("Cargo.lock.original");
        if fs::read_to_string(&copied).is_ok_and(|before| before == content) {
            return Ok(());
        }
        write_if_changed(&self.folder.join("Cargo.lock"), &content)?;
        write_if_changed(&copied, &content)
    }

    /// Deletes what an earlier run left in the source folders.
    fn remove_stale(&self, sources: &Sources) -> Result<(), Failure> {
        let folders: std::collections::BTreeSet<PathBuf> =
            sources.keys().filter_map(|path| Path::new(path).parent().map(Path::to_owned)).collect();
        for folder in folders.iter().filter(|folder| folder.iter().any(|part| part == "src")) {
            let absolute = self.folder.join(folder);
            for entry in fs::read_dir(&absolute).map_err(Failure::file("list", &absolute))? {
                let entry = entry.map_err(Failure::file("list", &absolute))?;
                if entry.path().is_dir() {
                    continue;
                }
                let known = folder.join(entry.file_name());
                if !known.to_str().is_some_and(|path| sources.contains_key(&path.replace('\\', "/"))) {
                    fs::remove_file(entry.path()).map_err(Failure::file("delete", &entry.path()))?;
                }
            }
        }
        Ok(())
    }
}

/// The profiles of this workspace, to be added to a manifest.
fn profiles() -> Result<String, Failure> {
    let manifest = manifest("Cargo.toml")?;
    let mut only = toml::Table::new();
    if let Some(profile) = manifest.get("profile") {
        only.insert("profile".to_owned(), profile.clone());
    }
    Ok(format!("\n{only}"))
}

/// Reads a manifest of this workspace.
pub(crate) fn manifest(path: &str) -> Result<toml::Table, Failure> {
    let path = root().join(path);
    let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
    text.parse().map_err(|error: toml::de::Error| Failure::Manifest { path, message: error.to_string() })
}

/// How much source a package has, for a note.
pub(crate) fn size(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let (mut lines, mut bytes) = (0, 0);
    for text in texts {
        lines += text.as_ref().lines().count();
        bytes += text.as_ref().len();
    }
    format!("{lines} lines, {bytes} bytes")
}

fn write_if_changed(path: &Path, content: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
    }
    fs::write(path, content).map_err(Failure::file("write", path))
}
