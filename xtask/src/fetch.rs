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

/// Source of the schema, which replaces schema.json, and credentials.
#[derive(Args)]
#[command(next_help_heading = "Fetch the schema first (replaces schema.json)")]
pub(crate) struct Fetch {
    /// GraphQL endpoint, such as that of `cargo xtask sandbox`.
    #[arg(long, value_name = "URL", group = "source", conflicts_with_all = ["check", "schema"])]
    endpoint: Option<String>,
    /// Environment of Xurrent.
    #[arg(long, value_parser = ["production", "qa", "demo"], group = "source", conflicts_with_all = ["check", "schema"])]
    stage: Option<String>,
    /// Domain with endpoints at `graphql.` and `oauth.`.
    #[arg(long, value_name = "DOMAIN", group = "source", conflicts_with_all = ["check", "schema"])]
    domain: Option<String>,
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

impl Fetch {
    /// Replaces the schema if there is a source. Returns the exit code of a failed fetch.
    pub(crate) fn run(&self, schema: &Path, overrides: &Path) -> Result<Option<ExitCode>, Error> {
        let Self { endpoint, stage, domain, .. } = self;
        if [endpoint, stage, domain].iter().all(|value| value.is_none()) {
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
        for (flag, value) in [
            ("--endpoint", endpoint),
            ("--stage", stage),
            ("--domain", domain),
            ("--token-endpoint", &self.token_endpoint),
            ("--region", &self.region),
        ] {
            // One argument, so that a value may begin with a dash.
            command.args(value.as_ref().map(|value| format!("{flag}={value}")));
        }
        for (flag, path) in [("--schema", schema), ("--overrides", overrides)] {
            // The command runs in the root of the workspace.
            let path = std::path::absolute(path).map_err(Error::file("find", path))?;
            command.arg(flag).arg(path);
        }
        self.credentials(&mut command);
        let code = workspace::status(command)?;
        Ok((code != 0).then(|| ExitCode::from(code)))
    }

    /// Passes credentials in the environment, because other users can see arguments. Credentials of
    /// the command line take precedence over variables.
    fn credentials(&self, command: &mut Command) {
        if self.token.is_some() {
            command.env_remove("XURRENT_CLIENT_ID").env_remove("XURRENT_CLIENT_SECRET");
        } else if self.client_id.is_some() || self.client_secret.is_some() {
            command.env_remove("XURRENT_TOKEN");
        }
        for (name, value) in [
            ("XURRENT_ACCOUNT", &self.account),
            ("XURRENT_TOKEN", &self.token),
            ("XURRENT_CLIENT_ID", &self.client_id),
            ("XURRENT_CLIENT_SECRET", &self.client_secret),
        ] {
            command.envs(value.as_ref().map(|value| (name, value)));
        }
    }
}
