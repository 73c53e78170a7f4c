//! `xurrent-introspect`: fetches the schema of a live endpoint into schema.json.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use xurrent_introspect::{
    Access, CredentialArguments, Error, SchemaSource, Stored, fetch, read_overrides, store,
};
use xurrent_platform::{Region, Stage};

/// Fetches the schema of a live Xurrent GraphQL endpoint into schema.json.
///
/// Replaces the file only if the generator accepts the schema. To regenerate the SDK as well, run
/// `cargo xtask regen` with the same source. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "xurrent-introspect", version)]
struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    /// Token endpoint, for client credentials with --endpoint
    #[arg(long, value_name = "URL", requires = "endpoint", conflicts_with_all = ["stage", "domain"])]
    token_endpoint: Option<String>,
    /// Region of the stage
    #[arg(long, value_parser = region_parser(), requires = "stage", conflicts_with_all = ["endpoint", "domain"])]
    region: Option<Region>,
    /// Account id [default for a loopback endpoint: that of the sandbox]
    #[arg(long, value_name = "ID", env = "XURRENT_ACCOUNT")]
    account: Option<String>,
    /// Personal access token. Arguments are visible to other users: prefer the variable
    #[arg(long, value_name = "TOKEN", env = "XURRENT_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
    /// Client id of an OAuth application
    #[arg(long, value_name = "ID", env = "XURRENT_CLIENT_ID", hide_env_values = true)]
    client_id: Option<String>,
    /// Client secret. Arguments are visible to other users: prefer the variable
    #[arg(long, value_name = "SECRET", env = "XURRENT_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<SecretString>,
    /// File to replace
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// Overrides for the generator
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
    /// Timeout for the complete response, at most 120
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: u64,
}

#[derive(Args)]
#[group(id = "source", required = true, multiple = false)]
struct SourceArguments {
    /// GraphQL endpoint
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Environment of Xurrent
    #[arg(long, value_parser = stage_parser())]
    stage: Option<Stage>,
    /// Domain with endpoints at `graphql.` and `oauth.`
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
}

fn stage_parser() -> impl TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(["production", "qa", "demo"]).map(|name| match name.as_str() {
        "qa" => Stage::Qa,
        "demo" => Stage::Demo,
        _ => Stage::Production,
    })
}

fn region_parser() -> impl TypedValueParser<Value = Region> {
    PossibleValuesParser::new(["global", "au", "ch", "uk", "us"]).map(|name| match name.as_str() {
        "au" => Region::Au,
        "ch" => Region::Ch,
        "uk" => Region::Uk,
        "us" => Region::Us,
        _ => Region::Global,
    })
}

impl Arguments {
    /// Reads the command line. Credentials on it take precedence over the environment.
    fn read() -> Self {
        let matches = Self::command().get_matches();
        let mut arguments = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let is_on_command_line = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        if (is_on_command_line("client_id") || is_on_command_line("client_secret"))
            && !is_on_command_line("token")
        {
            arguments.token = None;
        }
        arguments
    }

    fn source(&self) -> SchemaSource {
        if let Some(graphql) = &self.source.endpoint {
            return SchemaSource::Endpoint { graphql: graphql.clone(), token: self.token_endpoint.clone() };
        }
        if let Some(domain) = &self.source.domain {
            return SchemaSource::Domain(domain.clone());
        }
        let stage = self.source.stage.unwrap_or(Stage::Production);
        SchemaSource::Stage(stage, self.region.unwrap_or(Region::Global))
    }

    fn credentials(&self) -> CredentialArguments {
        CredentialArguments {
            account: self.account.clone(),
            token: self.token.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }
}

/// The root of the workspace.
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
    eprintln!("{} and the generated source are unchanged", arguments.schema.display());
    if matches!(error, Error::Usage(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
}

async fn run(arguments: &Arguments) -> Result<String, Error> {
    let access = Access::new(arguments.source(), arguments.credentials())?;
    let overrides = read_overrides(&arguments.overrides)?;
    let host = access.host();
    let progress = spinner(format!("Fetching the schema of {host}"));
    let introspection = fetch(&access, Duration::from_secs(arguments.timeout)).await?;
    progress.set_message("Checking the schema with the generator");
    let stored = store(&host, introspection.as_text(), &overrides, &arguments.schema)?;
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
    let written = if stored.written { "written" } else { "unchanged" };
    format!("{name} {written}: {} types from {host}: {changes}", stored.types)
}

/// A progress line on a terminal, cleared at its end; nothing in a pipe.
fn spinner(message: String) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let spinner = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(message)
        .with_finish(ProgressFinish::AndClear);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
