//! `xurrent-introspect`: fetches the schema of a live endpoint into schema.json.

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use xurrent_introspect::{Access, Error, Given, Place, Stored, fetch, read_overrides, store};
use xurrent_runtime::{Region, Stage};

/// Fetches the schema of a live Xurrent GraphQL endpoint into schema.json.
///
/// The file is replaced only when the generator can make an SDK of the answer. To generate it as
/// well, run `cargo xtask regen` with the same place. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "xurrent-introspect", version)]
struct Arguments {
    #[command(flatten)]
    place: PlaceArguments,
    /// Token endpoint, for client credentials with --endpoint
    #[arg(long, value_name = "URL", requires = "endpoint", conflicts_with_all = ["stage", "domain"])]
    token_endpoint: Option<String>,
    /// Region of the stage
    #[arg(long, value_enum, requires = "stage", conflicts_with_all = ["endpoint", "domain"])]
    region: Option<RegionName>,
    /// Account id; for a loopback endpoint that of the sandbox when left out
    #[arg(long, value_name = "ID", env = "XURRENT_ACCOUNT")]
    account: Option<String>,
    /// Personal access token. Other users of this machine can see arguments: prefer the variable
    #[arg(long, value_name = "TOKEN", env = "XURRENT_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
    /// Client id of an OAuth application
    #[arg(long, value_name = "ID", env = "XURRENT_CLIENT_ID", hide_env_values = true)]
    client_id: Option<String>,
    /// Its secret. Other users of this machine can see arguments: prefer the variable
    #[arg(long, value_name = "SECRET", env = "XURRENT_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<SecretString>,
    /// File to replace
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// Overrides that the generator has to accept the schema with
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
    /// How long to wait for the whole answer, 120 at most
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: u64,
}

#[derive(Args)]
#[group(id = "place", required = true, multiple = false)]
struct PlaceArguments {
    /// GraphQL endpoint to ask
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Environment of Xurrent to ask
    #[arg(long, value_enum)]
    stage: Option<StageName>,
    /// Domain to ask: its endpoints are at `graphql.` and `oauth.` of it
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StageName {
    Production,
    Qa,
    Demo,
}

#[derive(Clone, Copy, ValueEnum)]
enum RegionName {
    Global,
    Au,
    Ch,
    Uk,
    Us,
}

impl Arguments {
    /// Reads the command line. Credentials there win over those in the environment.
    fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        if (is_typed("client_id") || is_typed("client_secret")) && !is_typed("token") {
            arguments.token = None;
        }
        arguments
    }

    fn place(&self) -> Place {
        if let Some(graphql) = &self.place.endpoint {
            return Place::Endpoint { graphql: graphql.clone(), token: self.token_endpoint.clone() };
        }
        if let Some(domain) = &self.place.domain {
            return Place::Domain(domain.clone());
        }
        let stage = match self.place.stage {
            Some(StageName::Qa) => Stage::Qa,
            Some(StageName::Demo) => Stage::Demo,
            Some(StageName::Production) | None => Stage::Production,
        };
        let region = match self.region {
            Some(RegionName::Au) => Region::Au,
            Some(RegionName::Ch) => Region::Ch,
            Some(RegionName::Uk) => Region::Uk,
            Some(RegionName::Us) => Region::Us,
            Some(RegionName::Global) | None => Region::Global,
        };
        Place::Stage(stage, region)
    }

    fn given(&self) -> Given {
        Given {
            account: self.account.clone(),
            token: self.token.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }
}

/// The root of the workspace, wherever the program was started.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::read();
    let error = match run(&arguments).await {
        Ok(line) => {
            println!("{line}");
            return ExitCode::SUCCESS;
        }
        Err(error) => error,
    };
    eprintln!("error: {error}");
    eprintln!("next: {}", error.advice());
    eprintln!("{} and the generated source are as they were", arguments.schema.display());
    if matches!(error, Error::Usage(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
}

async fn run(arguments: &Arguments) -> Result<String, Error> {
    let access = Access::new(arguments.place(), arguments.given())?;
    let overrides = read_overrides(&arguments.overrides)?;
    let host = access.host();
    let progress = Progress::start(format!("Asking {host} for its schema"));
    let answer = fetch(&access, Duration::from_secs(arguments.timeout)).await?;
    progress.step("Trying the schema with the generator");
    let stored = store(&host, &answer, &overrides, &arguments.schema)?;
    drop(progress);
    Ok(summary(&host, &arguments.schema, &stored))
}

fn summary(host: &str, file: &Path, stored: &Stored) -> String {
    let name = file.file_name().unwrap_or_default().display();
    let changes = match stored.changes {
        Some(changes) => {
            format!("{} added, {} removed, {} changed", changes.added, changes.removed, changes.changed)
        }
        None => "no schema before".to_owned(),
    };
    let written = if stored.written { "written" } else { "left as it is" };
    format!("{name} {written}: {} types from {host}: {changes}", stored.types)
}

/// A line on a terminal that says what is going on; nothing in a pipe.
struct Progress(ProgressBar);

impl Progress {
    fn start(message: String) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    fn step(&self, message: &'static str) {
        self.0.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
