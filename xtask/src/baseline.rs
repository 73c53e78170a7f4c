//! What the generated source was made from: the schema and the settings before the change that `regen` tells of.

use crate::input::Files;
use crate::texts::Texts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xurrent_generator::Config;
use xurrent_generator::command;

/// An earlier schema with its settings.
pub(crate) struct Baseline {
    pub(crate) texts: Texts,
    /// Where they are from: `commit 0ccf9410`.
    pub(crate) origin: String,
}

impl Baseline {
    /// The versions in a file or a git revision. Settings of a file are the present ones, and it is a schema of its own.
    pub(crate) fn given(old: &str, files: &Files<'_>, config: &str) -> Result<Self, command::Error> {
        if !Path::new(old).exists()
            && let Some(this) = Self::at(old, format!("revision {old}"), files, config)
        {
            return Ok(this);
        }
        let schema = fs::read_to_string(old).map_err(command::Error::file("read", Path::new(old)))?;
        let texts = Texts { schema, also: None, config: config.to_owned() };
        Ok(Self { texts, origin: old.to_owned() })
    }

    /// The versions in the last commit that changed one of `results`. `None` if git does not have them.
    pub(crate) fn committed(results: &[&Path], files: &Files<'_>, config: &str) -> Option<Self> {
        let (folder, _) = place(files.schema)?;
        let results = results.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>().ok()?;
        let mut log = git(&folder);
        let hash = stdout(log.args(["log", "-1", "--format=%H", "--"]).args(results))?;
        let hash = hash.trim();
        let origin = format!("commit {}", hash.get(..8)?);
        Self::at(hash, origin, files, config)
    }

    /// Whether these versions are those of the last commit.
    pub(crate) fn is_committed(files: &Files<'_>, texts: &Texts) -> bool {
        let head = Self::at("HEAD", String::new(), files, &texts.config);
        head.is_some_and(|head| head.texts.is_same(texts))
    }

    /// The versions of the schemas in a revision, and that of the settings, or `config` if it has none.
    fn at(revision: &str, origin: String, files: &Files<'_>, config: &str) -> Option<Self> {
        let show = |file: &Path| {
            let (folder, name) = place(file)?;
            stdout(git(&folder).args(["show", "--end-of-options"]).arg(format!("{revision}:./{name}")))
        };
        let schema = show(files.schema)?;
        // Settings that an older version of the generator took are not always those that this one takes.
        let settings = show(files.overrides).filter(|text| Config::from_toml(text).is_ok());
        let config = settings.unwrap_or_else(|| config.to_owned());
        Some(Self { texts: Texts { schema, also: show(files.also), config }, origin })
    }
}

/// The folder of a file, and its name there. Links are followed, since git shows their targets as text.
fn place(file: &Path) -> Option<(PathBuf, String)> {
    let file = fs::canonicalize(file).or_else(|_| std::path::absolute(file)).ok()?;
    Some((file.parent()?.to_owned(), file.file_name()?.to_str()?.to_owned()))
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command
}

/// What a command prints, if it succeeds and prints something.
fn stdout(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().filter(|text| !text.trim().is_empty())
}
