//! The command `diff`: what changed between two schemas, and whom it breaks.

use super::source::Fetch;
use super::{Error, Named, Version, config, spinner};
use crate::Generator;
use crate::diff::{Deployed, Diff, Format, Severity};
use crate::used_by::Uses;
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// The end of the help.
const EXAMPLES: &str = "\
Exit codes: 0 no changes or safe ones, 1 failed, 2 wrong usage, 3 behavioural changes, 4 breaking ones.

Examples:
  diff old.graphql new.graphql
  diff v1.2.0:schema.json schema.json --config films.toml --format markdown
  diff v1.2.0:production.graphql production.graphql --old-also v1.2.0:qa.graphql --also qa.graphql
  diff schema.json https://api.example.com/graphql --header-env 'Authorization=Bearer TOKEN'";

/// Arguments of `diff`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Compare {
    /// The old schema: a file with an introspection result as JSON or with SDL; such a file in a revision of git, as
    /// REVISION:PATH; or the URL of a GraphQL endpoint.
    old: String,
    /// The new schema.
    new: String,
    /// Schema of a second environment of the API, such as QA, beside the new schema: both are compared as one, as
    /// they are generated.
    #[arg(long, value_name = "SCHEMA")]
    also: Option<String>,
    /// The same beside the old schema.
    #[arg(long, value_name = "SCHEMA")]
    old_also: Option<String>,
    /// Conventions and settings of the API, as TOML. Without it, they are read off the schema.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The same for the old schema, if it is another one.
    #[arg(long, value_name = "FILE")]
    old_config: Option<PathBuf>,
    /// Name of the generated crate, for the paths in the report.
    #[arg(long = "crate", value_name = "NAME")]
    name: Option<String>,
    /// Version of the crate for the old schema, for the step that follows.
    #[arg(long, value_name = "VERSION")]
    crate_version: Option<String>,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    fetch: Fetch,
}

/// How the differences are reported.
#[derive(Args)]
pub struct Report {
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Style,
    /// The least severity for which the exit code is 3 or 4.
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Style {
    /// For terminals, with colours on one.
    #[default]
    Text,
    /// For changelogs and comments.
    Markdown,
    /// For programs.
    Json,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum FailOn {
    Breaking,
    #[default]
    Behavioural,
    /// Exit with 0 whatever the changes.
    Never,
}

impl Compare {
    /// Whether a schema is at a URL.
    #[must_use]
    pub fn fetches(&self) -> bool {
        let also = self.also.iter().chain(&self.old_also);
        [&self.old, &self.new].into_iter().chain(also).any(|schema| is_url(schema))
    }

    /// Compares, and prints the report.
    ///
    /// # Errors
    /// When a schema or a configuration cannot be read or is not valid.
    pub fn run(self) -> Result<ExitCode, Error> {
        let progress = spinner("Reading the schemas");
        let new_config = config(self.config.as_deref())?;
        let old_config = match &self.old_config {
            Some(file) => config(Some(file))?,
            None => new_config.clone(),
        };
        let named = |name: &String| Ok::<_, Error>(Named { name: name.clone(), text: self.schema(name)? });
        let version = |schema: &String, also: Option<&String>, config| {
            Ok::<_, Error>(Version { schema: named(schema)?, also: also.map(named).transpose()?, config })
        };
        let old = version(&self.old, self.old_also.as_ref(), old_config)?;
        let new = version(&self.new, self.also.as_ref(), new_config)?;
        progress.set_message("Comparing the schemas");
        let before = old.generator().map_err(|error| match (&error, &self.old_config) {
            (Error::Generate { source: crate::Error::Config(_), .. }, None) => {
                Error::OldConfig(Box::new(error))
            }
            _ => error,
        })?;
        let diff = since(&before, &new)?;
        drop(progress);
        let mut format = Format::default();
        (format.crate_name, format.version) = (self.name, self.crate_version);
        self.report.print(&diff, format)
    }

    fn schema(&self, name: &str) -> Result<String, Error> {
        if is_url(name) {
            return self.fetch.run(name);
        }
        let file = Path::new(name);
        match name.split_once(':') {
            Some((revision, path)) if !file.exists() && revision.len() > 1 => {
                revision_file(Path::new("."), revision, path)
            }
            _ => fs::read_to_string(file).map_err(Error::file("read", file)),
        }
    }
}

fn is_url(name: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| name.starts_with(scheme))
}

/// Compares two schemas. Names of the new one that collide in Rust are changes.
///
/// # Errors
/// When a schema or a configuration is not valid.
pub fn between(old: &Version, new: &Version) -> Result<Diff, Error> {
    since(&old.generator()?, new)
}

fn since(old: &Generator, new: &Version) -> Result<Diff, Error> {
    Diff::with_schema(old, &new.schema()?, &new.config).map_err(|source| new.error(source))
}

/// The content of a file in a revision of the repository that `folder` is in. The path begins at its root, or with
/// `./` at the folder.
///
/// # Errors
/// When git cannot be run, or has no such revision or file.
pub fn revision_file(folder: &Path, revision: &str, path: &str) -> Result<String, Error> {
    let failed =
        |reason: String| Error::Revision { revision: revision.to_owned(), path: path.to_owned(), reason };
    if revision.starts_with('-') {
        return Err(failed("a revision does not begin with a dash".to_owned()));
    }
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["cat-file", "blob"]).arg(format!("{revision}:{path}")).env("LC_ALL", "C");
    let output = git.output().map_err(|error| failed(format!("cannot run git: {error}")))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or("git failed");
        return Err(failed(line.trim_start_matches("fatal: ").to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("it is not UTF-8".to_owned()))
}

impl Report {
    /// Prints a report to standard output. The exit code follows from the severity.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub fn print(&self, diff: &Diff, format: Format) -> Result<ExitCode, Error> {
        self.print_uses(diff, None, format)
    }

    /// Prints a report with the uses in a crate to standard output. The exit code follows from the severity.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub fn print_uses(
        &self,
        diff: &Diff,
        uses: Option<&Uses>,
        mut format: Format,
    ) -> Result<ExitCode, Error> {
        format.color = has_color();
        let uses_as =
            |print: fn(&Uses, &Diff) -> String| uses.map(|uses| print(uses, diff)).unwrap_or_default();
        let text = match self.format {
            Style::Text => diff.text(&format) + &uses_as(Uses::text),
            Style::Markdown => diff.markdown(&format) + &uses_as(Uses::markdown),
            Style::Json => json(diff, uses.map(|uses| uses.json(diff))),
        };
        print(&text)?;
        Ok(self.exit_code(diff.severity()))
    }

    /// Prints what programs that are already built meet: the uses if there are any to look at, and else the changes. A
    /// use that fails has the exit code of a breaking change, one that means something else that of a behavioural one.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub fn print_deployed(
        &self,
        diff: &Diff,
        uses: Option<&Uses>,
        mut format: Format,
    ) -> Result<ExitCode, Error> {
        format.color = has_color();
        let text = match (self.format, uses) {
            (Style::Text, Some(uses)) => uses.deployed_text(diff),
            (Style::Markdown, Some(uses)) => uses.deployed_markdown(diff),
            (Style::Text, None) => diff.text(&format),
            (Style::Markdown, None) => diff.markdown(&format),
            (Style::Json, _) => json(diff, uses.map(|uses| uses.deployed_json(diff))),
        };
        print(&text)?;
        let worst = uses.map_or_else(|| diff.deployed(), |uses| uses.deployed(diff));
        Ok(self.exit_code(worst.map(|worst| match worst {
            Deployed::Works => Severity::Safe,
            Deployed::Changes => Severity::Behavioural,
            Deployed::Fails => Severity::Breaking,
        })))
    }

    fn exit_code(&self, worst: Option<Severity>) -> ExitCode {
        match (worst, self.fail_on) {
            (_, FailOn::Never) | (None | Some(Severity::Safe), _) => ExitCode::SUCCESS,
            (Some(Severity::Behavioural), FailOn::Breaking) => ExitCode::SUCCESS,
            (Some(Severity::Behavioural), FailOn::Behavioural) => ExitCode::from(3),
            (Some(Severity::Breaking), _) => ExitCode::from(4),
        }
    }
}

/// The changes, with the uses in a crate.
fn json(diff: &Diff, uses: Option<serde_json::Value>) -> String {
    let mut json = diff.json();
    if let (Some(uses), Some(json)) = (uses, json.as_object_mut()) {
        json.insert("used_by".to_owned(), uses);
    }
    format!("{json:#}\n")
}

fn has_color() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::file("write", Path::new("standard output"))),
    }
}
