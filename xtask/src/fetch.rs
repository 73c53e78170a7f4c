//! `cargo xtask regen --stage ..`: fetches the schema of a live endpoint first.
//!
//! The crate `xurrent-introspect` fetches it, so that `xtask` builds without an HTTP client.

use crate::arguments::{AlsoLocation, SourceArguments};
use crate::error::Error;
use crate::input::{Files, Input};
use crate::workspace;
use clap::Args;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use xurrent_generator::command::{self, spinner};

const PACKAGE: &str = "xurrent-introspect";

/// The schemas replace files, so `--check` does not apply.
#[derive(Args)]
#[command(
    next_help_heading = "Fetch the schema first (replaces --schema, and --also with a second environment)",
    mut_arg("token", |token| token.conflicts_with_all(["client_id", "client_secret"])),
    mut_group("source", |source| source.conflicts_with("check")),
)]
pub(crate) struct Fetch {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    also: AlsoLocation,
}

/// The result of a fetch.
pub(crate) enum Fetched {
    /// There is no source.
    Nothing,
    /// The schema, in canonical form, and that of a second environment if it was fetched. The generator accepts them.
    Schemas { schema: String, also: Option<String> },
    /// The exit code of the program that printed why.
    Failed(ExitCode),
}

impl Fetch {
    /// Fetches the schema if there is a source, and that of a second environment if there is a source of it. Writes no
    /// file.
    pub(crate) fn run(&self, input: &Input) -> Result<Fetched, Error> {
        if !self.has_source() {
            return Ok(Fetched::Nothing);
        }
        let folder = tempfile::tempdir().map_err(command::Error::file("create", &std::env::temp_dir()))?;
        let also = input.also_file();
        let files = Files { schema: &input.schema, also: &also, overrides: &input.overrides };
        let is_also_used = self.has_second() || input.also().is_some();
        let mut program = command(&self.source, &self.also, &files, is_also_used)?;
        program.arg("--into").arg(folder.path());
        if let Some(code) = run(program)? {
            return Ok(Fetched::Failed(code));
        }
        let read = |file: &Path| {
            // Not there if the schema is the same.
            let fetched = folder.path().join(file.file_name().unwrap_or_default());
            let file = if fetched.exists() { &fetched } else { file };
            fs::read_to_string(file).map_err(command::Error::file("read", file))
        };
        let also = self.has_second().then(|| read(&also)).transpose()?;
        Ok(Fetched::Schemas { schema: read(&input.schema)?, also })
    }

    /// Whether there is a server to fetch from.
    pub(crate) fn has_source(&self) -> bool {
        is_given(&self.source)
    }

    /// Whether there is a server of a second environment to fetch from.
    pub(crate) fn has_second(&self) -> bool {
        self.also.is_given()
    }
}

/// Whether there is a source.
pub(crate) fn is_given(source: &SourceArguments) -> bool {
    let location = &source.location;
    [&location.endpoint, &location.stage, &location.domain].iter().any(|value| value.is_some())
}

/// Writes the schema of a source, and that of a second environment if there is a source of it, to files of their own,
/// also those that the generator refuses. Returns the exit code of a failed fetch.
pub(crate) fn to_files(
    source: &SourceArguments,
    also: &AlsoLocation,
    files: &Files<'_>,
) -> Result<Option<ExitCode>, Error> {
    let mut program = command(source, also, files, also.is_given())?;
    program.arg("--unchecked").stdout(Stdio::null());
    run(program)
}

fn run(program: Command) -> Result<Option<ExitCode>, Error> {
    let progress = spinner("Building the schema fetcher (takes a while the first time)");
    let built = workspace::status(workspace::cargo("build", PACKAGE))?;
    drop(progress);
    if built != 0 {
        return Ok(Some(ExitCode::FAILURE));
    }
    match workspace::status(program)? {
        0 => Ok(None),
        code => Ok(Some(ExitCode::from(code))),
    }
}

/// The program that fetches.
fn command(
    source: &SourceArguments,
    also: &AlsoLocation,
    files: &Files<'_>,
    is_also_used: bool,
) -> Result<Command, Error> {
    let SourceArguments { location, token_endpoint, region, .. } = source;
    let mut program = workspace::cargo("run", PACKAGE);
    program.arg("--");
    let flags = [
        ("--endpoint", &location.endpoint),
        ("--stage", &location.stage),
        ("--domain", &location.domain),
        ("--token-endpoint", token_endpoint),
        ("--region", region),
    ];
    for (flag, value) in flags.into_iter().chain(also.sources()) {
        // One argument, so that a value may begin with a dash.
        program.args(value.as_ref().map(|value| format!("{flag}={value}")));
    }
    let also = is_also_used.then_some(("--also", files.also));
    for (flag, path) in [("--schema", files.schema), ("--overrides", files.overrides)].into_iter().chain(also)
    {
        // The command runs in the root of the workspace.
        let path = std::path::absolute(path).map_err(command::Error::file("find", path))?;
        program.arg(flag).arg(path);
    }
    credentials(source, &mut program);
    Ok(program)
}

/// Passes credentials in the environment, because other users can see arguments. Credentials of
/// the command line take precedence over variables.
fn credentials(source: &SourceArguments, command: &mut Command) {
    let SourceArguments { account, token, client_id, client_secret, .. } = source;
    if token.is_some() {
        command.env_remove("XURRENT_CLIENT_ID").env_remove("XURRENT_CLIENT_SECRET");
    } else if client_id.is_some() || client_secret.is_some() {
        command.env_remove("XURRENT_TOKEN");
    }
    let variables = [
        ("XURRENT_ACCOUNT", account),
        ("XURRENT_TOKEN", token),
        ("XURRENT_CLIENT_ID", client_id),
        ("XURRENT_CLIENT_SECRET", client_secret),
    ];
    for (name, value) in variables {
        command.envs(value.as_ref().map(|value| (name, value)));
    }
}
