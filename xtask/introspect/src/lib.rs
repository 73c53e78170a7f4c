//! Fetches the schema of a live Xurrent GraphQL endpoint and writes it to `schema.json`.
//!
//! Start with [`run`]. `fetch` sends the introspection query, `store` replaces the file once the generator
//! accepts the response. A failed fetch changes no file.
//!
//! `cargo xtask regen --stage production` runs this crate as a separate program, so that `xtask`
//! builds without an HTTP client.

mod access;
mod arguments;
mod error;
mod fetch;
mod store;

pub use access::{DEMO_ACCOUNT, DEMO_TOKEN};

use access::Access;
use arguments::{AlsoLocation, SourceArguments};
use clap::{CommandFactory, FromArgMatches, Parser};
use error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use xurrent_generator::command::spinner;
use xurrent_generator::{Config, error_chain};

/// Fetches the schema of a live Xurrent GraphQL endpoint into schema.json.
///
/// Replaces the file only if the generator accepts the schema, unless --unchecked is given. To regenerate the SDK as well, run
/// `cargo xtask regen` with the same source. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "xurrent-introspect", version)]
struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    also_source: AlsoLocation,
    /// File to replace
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.json"))]
    schema: PathBuf,
    /// File with the schema of a second environment: replaced if it is fetched, and otherwise what the first one is
    /// checked together with
    #[arg(long, value_name = "FILE")]
    also: Option<PathBuf>,
    /// Config for the generator
    #[arg(long, value_name = "FILE", default_value_os_t = root().join("schema.overrides.toml"))]
    overrides: PathBuf,
    /// Folder for a file of the same name, if the schema differs, in place of replacing the file
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Write the schema also if the generator refuses it
    #[arg(long)]
    unchecked: bool,
    /// Timeout for the complete response, at most 120
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: u64,
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Runs the program with the arguments of the command line.
pub async fn run() -> ExitCode {
    let command = Arguments::command()
        .mut_group("source", |group| group.required(true))
        .mut_group("also_source", |group| group.requires("also"));
    let arguments = Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    let schema = arguments.schema.clone();
    let error = match replace(arguments).await {
        Ok(line) => {
            println!("{line}");
            return ExitCode::SUCCESS;
        }
        Err(error) => error,
    };
    eprintln!("error: {}", error_chain(&error));
    eprintln!("next: {}", error.advice());
    eprintln!("{} and the generated source are unchanged", schema.display());
    if matches!(error, Error::Usage(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// Replaces the schema or those of two environments, or writes them into a folder, and returns a summary.
async fn replace(arguments: Arguments) -> Result<String, Error> {
    let Arguments { source, also_source, schema, also, overrides, into, unchecked, timeout } = arguments;
    let is_fetched = also_source.is_given();
    if is_fetched && also.as_deref().and_then(Path::file_name) == schema.file_name() {
        let name = schema.file_name().unwrap_or_default().display();
        return Err(Error::Usage(format!(
            "both schemas are in files of the name {name}: give --also another name"
        )));
    }
    let source = source.or_environment();
    let second = is_fetched.then(|| also_source.of_environment(&source)).transpose()?;
    let mut accesses = vec![Access::new(source)?];
    if let Some(second) = second {
        accesses.push(Access::new(second)?.second());
    }
    let text = fs::read_to_string(&overrides).map_err(Error::file("read", &overrides))?;
    let overrides = Config::from_toml(&text).map_err(|source| Error::Config { file: overrides, source })?;
    let progress = spinner("Fetching the schema");
    let mut fetched = Vec::new();
    for (access, file) in accesses.iter().zip([Some(&schema), also.as_ref()].into_iter().flatten()) {
        progress.set_message(format!("Fetching the schema of {}", access.host));
        let introspection = fetch::fetch(access, Duration::from_secs(timeout)).await?;
        fetched.push(store::Fetched::new(&access.host, &introspection, file)?);
    }
    progress.set_message("Checking the schema with the generator");
    let overrides = (!unchecked).then_some(&overrides);
    store::store(&fetched, also.as_deref().filter(|_| !is_fetched), overrides, into.as_deref())
}
