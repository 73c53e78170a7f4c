//! `cargo xtask regen --stage ..`: fetches the schema of a live endpoint first.
//!
//! The crate `xurrent-introspect` fetches it, so that `xtask` builds without an HTTP client.

use crate::arguments::SourceArguments;
use crate::error::Error;
use crate::workspace;
use clap::Args;
use std::path::Path;
use std::process::{Command, ExitCode};
use xurrent_generator::command::{self, spinner};

const PACKAGE: &str = "xurrent-introspect";

/// The schema replaces schema.json, so `--schema` and `--check` do not apply.
#[derive(Args)]
#[command(
    next_help_heading = "Fetch the schema first (replaces schema.json)",
    mut_arg("token", |token| token.conflicts_with_all(["client_id", "client_secret"])),
    mut_group("source", |source| source.conflicts_with_all(["check", "schema"])),
)]
pub(crate) struct Fetch {
    #[command(flatten)]
    source: SourceArguments,
}

impl Fetch {
    /// Replaces the schema if there is a source. Returns the exit code of a failed fetch.
    pub(crate) fn run(&self, schema: &Path, overrides: &Path) -> Result<Option<ExitCode>, Error> {
        let SourceArguments { location, token_endpoint, region, .. } = &self.source;
        let source = [
            ("--endpoint", &location.endpoint),
            ("--stage", &location.stage),
            ("--domain", &location.domain),
        ];
        if source.iter().all(|(_, value)| value.is_none()) {
            return Ok(None);
        }
        let progress = spinner("Building the schema fetcher (takes a while the first time)");
        let built = workspace::status(workspace::cargo("build", PACKAGE))?;
        drop(progress);
        if built != 0 {
            return Ok(Some(ExitCode::FAILURE));
        }
        let mut command = workspace::cargo("run", PACKAGE);
        command.arg("--");
        let more = [("--token-endpoint", token_endpoint), ("--region", region)];
        for (flag, value) in source.into_iter().chain(more) {
            // One argument, so that a value may begin with a dash.
            command.args(value.as_ref().map(|value| format!("{flag}={value}")));
        }
        for (flag, path) in [("--schema", schema), ("--overrides", overrides)] {
            // The command runs in the root of the workspace.
            let path = std::path::absolute(path).map_err(command::Error::file("find", path))?;
            command.arg(flag).arg(path);
        }
        self.credentials(&mut command);
        match workspace::status(command)? {
            0 => Ok(None),
            code => Ok(Some(ExitCode::from(code))),
        }
    }

    /// Passes credentials in the environment, because other users can see arguments. Credentials of
    /// the command line take precedence over variables.
    fn credentials(&self, command: &mut Command) {
        let SourceArguments { account, token, client_id, client_secret, .. } = &self.source;
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
}
