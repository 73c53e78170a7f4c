//! `cargo xtask regen --stage ..`: the schema of a live endpoint first. Asking is the work of a
//! crate of its own, so that whoever generates from the file does not compile an HTTP client.

use crate::delegate;
use crate::report::{Failure, Progress};
use clap::Args;
use std::path::Path;
use std::process::{Command, ExitCode};

const PACKAGE: &str = "xurrent-introspect";

/// Whom to ask for the schema, and as who.
#[derive(Args)]
#[command(next_help_heading = "Fetch the schema first (replaces schema.json)")]
pub(crate) struct Fetch {
    #[command(flatten)]
    place: Place,
    /// Token endpoint, for client credentials with --endpoint.
    #[arg(long, value_name = "URL", requires = "endpoint", conflicts_with_all = ["stage", "domain"])]
    token_endpoint: Option<String>,
    /// Region of the stage.
    #[arg(long, value_parser = ["global", "au", "ch", "uk", "us"], requires = "stage", conflicts_with_all = ["endpoint", "domain"])]
    region: Option<String>,
    /// Account id [env: XURRENT_ACCOUNT]. A sandbox on this machine needs no account and no token.
    #[arg(long, value_name = "ID", requires = "place")]
    account: Option<String>,
    /// Personal access token [env: XURRENT_TOKEN]
    #[arg(long, value_name = "TOKEN", requires = "place", conflicts_with_all = ["client_id", "client_secret"])]
    token: Option<String>,
    /// Client id of an OAuth application [env: XURRENT_CLIENT_ID]
    #[arg(long, value_name = "ID", requires = "place")]
    client_id: Option<String>,
    /// Its secret [env: XURRENT_CLIENT_SECRET]
    #[arg(long, value_name = "SECRET", requires = "place")]
    client_secret: Option<String>,
}

/// What is generated then is the schema of this server, so there is no file to choose or to check.
#[derive(Args)]
#[group(id = "place", multiple = false)]
struct Place {
    /// GraphQL endpoint to ask, such as that of `cargo xtask sandbox`.
    #[arg(long, value_name = "URL", conflicts_with_all = ["check", "schema"])]
    endpoint: Option<String>,
    /// Environment of Xurrent to ask.
    #[arg(long, value_parser = ["production", "qa", "demo"], conflicts_with_all = ["check", "schema"])]
    stage: Option<String>,
    /// Domain to ask: its endpoints are at `graphql.` and `oauth.` of it.
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = ["check", "schema"])]
    domain: Option<String>,
}

impl Fetch {
    /// Replaces the schema when a place was given. `Some` is the exit code of a fetch that failed.
    pub(crate) fn run(&self, schema: &Path, overrides: &Path) -> Result<Option<ExitCode>, Failure> {
        let place = [
            ("--endpoint", &self.place.endpoint),
            ("--stage", &self.place.stage),
            ("--domain", &self.place.domain),
        ];
        if place.iter().all(|(_, value)| value.is_none()) {
            return Ok(None);
        }
        let progress = Progress::start("Building what asks the server (takes a while the first time)");
        let built = delegate::status(delegate::cargo("build", PACKAGE))?;
        drop(progress);
        if built != 0 {
            return Ok(Some(ExitCode::FAILURE));
        }
        let mut command = delegate::cargo("run", PACKAGE);
        command.arg("--");
        let more = [("--token-endpoint", &self.token_endpoint), ("--region", &self.region)];
        for (flag, value) in place.into_iter().chain(more) {
            // One argument, so that a value that begins with a dash stays a value.
            command.args(value.as_ref().map(|value| format!("{flag}={value}")));
        }
        for (flag, path) in [("--schema", schema), ("--overrides", overrides)] {
            // The command runs in the root of the workspace, the paths are from where we are.
            let path = std::path::absolute(path).map_err(Failure::file("find", path))?;
            command.arg(flag).arg(path);
        }
        self.credentials(&mut command);
        match delegate::status(command)? {
            0 => Ok(None),
            code => Ok(Some(ExitCode::from(code))),
        }
    }

    /// By environment, since everybody on a machine can see arguments. What was typed wins over
    /// the variables that are already there.
    fn credentials(&self, command: &mut Command) {
        if self.token.is_some() {
            command.env_remove("XURRENT_CLIENT_ID").env_remove("XURRENT_CLIENT_SECRET");
        } else if self.client_id.is_some() || self.client_secret.is_some() {
            command.env_remove("XURRENT_TOKEN");
        }
        let given = [
            ("XURRENT_ACCOUNT", &self.account),
            ("XURRENT_TOKEN", &self.token),
            ("XURRENT_CLIENT_ID", &self.client_id),
            ("XURRENT_CLIENT_SECRET", &self.client_secret),
        ];
        for (name, value) in given {
            command.envs(value.as_ref().map(|value| (name, value)));
        }
    }
}
