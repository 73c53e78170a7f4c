//! `cargo xtask diff`: what changed between two versions of the schema.

use crate::arguments::{AlsoLocation, SourceArguments};
use crate::error::Error;
use crate::fetch;
use crate::input::Files;
use crate::used_by;
use crate::workspace::root;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use xurrent_generator::command::{self, Named, Report, Version, between, config, revision_file, spinner};
use xurrent_generator::diff::Format;

/// The files of a revision.
const SCHEMA: &str = "schema.json";
const ALSO: &str = "schema.qa.json";
const OVERRIDES: &str = "schema.overrides.toml";

/// The end of the help.
const EXAMPLES: &str = "\
OLD and NEW are files, revisions of git, or a file in one as REVISION:PATH. A revision stands for its schema.json with
its schema.qa.json, if it has one, and its schema.overrides.toml; a file is read alone, with --overrides.

Exit codes: 0 no changes or safe ones, 1 failed, 2 wrong usage, 3 behavioural changes, 4 breaking ones.

Examples:
  cargo xtask diff                    what changed since the last commit
  cargo xtask diff v0.1.0 main        between two revisions
  cargo xtask diff --stage qa         between the last commit and QA, without changing schema.json
  cargo xtask diff old.json new.json --format markdown
  cargo xtask diff --used-by ../integration
                                      and the places in a crate that it touches";

/// Arguments of `diff`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// The old schema
    #[arg(default_value = "HEAD")]
    old: String,
    /// The new schema; by default schema.json as it is, with schema.qa.json if there is one
    new: Option<String>,
    /// Settings that introspection does not provide, for schemas in files and of a live endpoint
    #[arg(long, value_name = "FILE", default_value_os_t = root().join(OVERRIDES))]
    overrides: PathBuf,
    /// Also list the places that the changes touch in the crate in this folder, with its dependency on xurrent replaced
    ///
    /// The compiler finds them, on a copy in target/used-by: `sdk/examples` is a crate to try it with.
    #[arg(long, value_name = "DIR")]
    used_by: Option<PathBuf>,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    live: Live,
}

/// The new schema is that of a server, and that of a second environment is fetched too, or read from schema.qa.json.
#[derive(Args)]
#[command(
    next_help_heading = "Fetch the new schema (schema.json stays as it is)",
    mut_arg("token", |token| token.conflicts_with_all(["client_id", "client_secret"])),
    mut_group("source", |source| source.conflicts_with("new")),
)]
struct Live {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    also: AlsoLocation,
}

impl Diff {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        let old = self.version(&self.old)?;
        let new = match (&self.new, fetch::is_given(&self.live.source)) {
            (Some(new), _) => self.version(new)?,
            (None, false) => {
                Version { also: present_also()?, ..file(&root().join(SCHEMA), &self.overrides)? }
            }
            (None, true) => match fetched(&self.live.source, &self.live.also, &self.overrides)? {
                Ok(version) if version.also.is_none() => Version { also: present_also()?, ..version },
                Ok(version) => version,
                Err(code) => return Ok(code),
            },
        };
        let progress = spinner("Comparing the schemas");
        let diff = between(&old, &new)?;
        drop(progress);
        let mut format = Format::default();
        format.crate_name = Some("xurrent".to_owned());
        format.version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let uses = self.used_by.as_ref().map(|path| used_by::uses(&old, &new, &diff, path)).transpose()?;
        Ok(self.report.print_uses(&diff, uses.as_ref(), format)?)
    }

    /// A file, or else a revision.
    fn version(&self, name: &str) -> Result<Version, Error> {
        let file = Path::new(name);
        if file.is_file() {
            return self::file(file, &self.overrides);
        }
        let (revision, path) = name.split_once(':').unwrap_or((name, SCHEMA));
        let schema = revision_file(&root(), revision, path).map_err(|error| match error {
            command::Error::Revision { revision, path, reason } if !name.contains(':') => {
                let reason = format!("{reason}; there is no file of this name either");
                command::Error::Revision { revision, path, reason }
            }
            error => error,
        })?;
        let config = match revision_file(&root(), revision, OVERRIDES) {
            Ok(text) => {
                let named = |source| {
                    let file = PathBuf::from(format!("{revision}:{OVERRIDES}"));
                    command::Error::Generate { file, source }
                };
                xurrent_generator::Config::from_toml(&text).map_err(named)?
            }
            Err(_) => config(Some(&self.overrides))?,
        };
        let named = |path: &str, text| Named { name: format!("{revision}:{path}"), text };
        let also = Some(ALSO).filter(|_| !name.contains(':'));
        let also = also.and_then(|path| Some(named(path, revision_file(&root(), revision, path).ok()?)));
        Ok(Version { schema: named(path, schema), also, config })
    }
}

/// The schema in a file, alone.
pub(crate) fn file(file: &Path, overrides: &Path) -> Result<Version, Error> {
    Ok(Version { schema: Named::read(file)?, also: None, config: config(Some(overrides))? })
}

/// The schema of a server, with that of a second one if there is a source of it; or the exit code of a failed fetch.
pub(crate) fn fetched(
    source: &SourceArguments,
    second: &AlsoLocation,
    overrides: &Path,
) -> Result<Result<Version, ExitCode>, Error> {
    let folder = tempfile::tempdir().map_err(command::Error::file("create", &std::env::temp_dir()))?;
    let (schema, also) = (folder.path().join(SCHEMA), folder.path().join(ALSO));
    let files = Files { schema: &schema, also: &also, overrides };
    if let Some(code) = fetch::to_files(source, second, &files)? {
        return Ok(Err(code));
    }
    let also = second.is_given().then(|| Named::read(&also)).transpose()?;
    Ok(Ok(Version { also, ..file(&schema, overrides)? }))
}

/// The schema of a second environment as it is, if there is one.
fn present_also() -> Result<Option<Named>, command::Error> {
    Some(root().join(ALSO)).filter(|file| file.exists()).as_deref().map(Named::read).transpose()
}
