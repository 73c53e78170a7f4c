//! `cargo xtask regen --stage ..`: fetches the schema of a live endpoint first.
//!
//! The crate `xurrent-introspect` fetches it, so that `xtask` builds without an HTTP client.

use crate::error::Error;
use crate::progress::spinner;
use crate::workspace;
use clap::Args;
use std::path::Path;
use std::process::{Command, ExitCode};

const PACKAGE: &str = "xurrent-introspect";

/// Source of the schema, account and credentials.
#[derive(Args)]
#[command(next_help_heading = "Fetch the schema first (replaces schema.json)")]
pub(crate) struct Fetch {
    #[command(flatten)]
    source: Source,
    /// Token endpoint, for client credentials with --endpoint.
    #[arg(long, value_name = "URL", requires = "endpoint", conflicts_with_all = ["stage", "domain"])]
    token_endpoint: Option<String>,
    /// Region of the stage.
    #[arg(long, value_parser = ["global", "au", "ch", "uk", "us"], requires = "stage", conflicts_with_all = ["endpoint", "domain"])]
    region: Option<String>,
    /// Account id [env: XURRENT_ACCOUNT]. A loopback endpoint needs no account and no token.
    #[arg(long, value_name = "ID", requires = "source")]
    account: Option<String>,
    /// Personal access token [env: XURRENT_TOKEN]
    #[arg(long, value_name = "TOKEN", requires = "source", conflicts_with_all = ["client_id", "client_secret"])]
    token: Option<String>,
    /// Client id of an OAuth application [env: XURRENT_CLIENT_ID]
    #[arg(long, value_name = "ID", requires = "source")]
    client_id: Option<String>,
    /// Its secret [env: XURRENT_CLIENT_SECRET]
    #[arg(long, value_name = "SECRET", requires = "source")]
    client_secret: Option<String>,
}

/// The schema replaces schema.json, so `--schema` and `--check` do not apply.
#[derive(Args)]
#[group(id = "source", multiple = false)]
struct Source {
    /// GraphQL endpoint, such as that of `cargo xtask sandbox`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["check", "schema"])]
    endpoint: Option<String>,
    /// Environment of Xurrent.
    #[arg(long, value_parser = ["production", "qa", "demo"], conflicts_with_all = ["check", "schema"])]
    stage: Option<String>,
    /// Domain with endpoints at `graphql.` and `oauth.`.
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = ["check", "schema"])]
    domain: Option<String>,
}

impl Fetch {
    /// Replaces the schema if there is a source. Returns the exit code of a failed fetch.
    pub(crate) fn run(&self, schema: &Path, overrides: &Path) -> Result<Option<ExitCode>, Error> {
        let source = [
            ("--endpoint", &self.source.endpoint),
            ("--stage", &self.source.stage),
            ("--domain", &self.source.domain),
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
        let more = [("--token-endpoint", &self.token_endpoint), ("--region", &self.region)];
        for (flag, value) in source.into_iter().chain(more) {
            // One argument, so that a value may begin with a dash.
            command.args(value.as_ref().map(|value| format!("{flag}={value}")));
        }
        for (flag, path) in [("--schema", schema), ("--overrides", overrides)] {
            // The command runs in the root of the workspace.
            let path = std::path::absolute(path).map_err(Error::file("find", path))?;
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
        if self.token.is_some() {
            command.env_remove("XURRENT_CLIENT_ID").env_remove("XURRENT_CLIENT_SECRET");
        } else if self.client_id.is_some() || self.client_secret.is_some() {
            command.env_remove("XURRENT_TOKEN");
        }
        let variables = [
            ("XURRENT_ACCOUNT", &self.account),
            ("XURRENT_TOKEN", &self.token),
            ("XURRENT_CLIENT_ID", &self.client_id),
            ("XURRENT_CLIENT_SECRET", &self.client_secret),
        ];
        for (name, value) in variables {
            command.envs(value.as_ref().map(|value| (name, value)));
        }
    }
}
