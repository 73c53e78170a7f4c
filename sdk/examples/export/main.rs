//! Exports all people and all requests of an account to JSON Lines, one record a line.
//!
//! Without an account, in two terminals:
//!
//! ```text
//! cargo xtask sandbox
//! cargo run --example export -- --directory export
//! ```
//!
//! It can be stopped at any moment, by a power cut too: run it again and it goes on, with no record
//! left out and none twice. It reads both in parallel shards, so that records come in no order. On a terminal it
//! shows how far it is.

mod kept;

use clap::Parser;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use kept::Kept;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use xurrent::connection::{Counted, Filtered};
use xurrent::shards::{ShardPages, Sharded};
use xurrent::{Client, PersonView, RequestView, SecretString};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Exports all people and all requests of an account to people.jsonl and requests.jsonl.
///
/// Run it again when it was stopped: it goes on where it was. Without an account it asks a local
/// sandbox. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "export")]
struct Arguments {
    /// Where the files are written to
    #[arg(long, value_name = "DIRECTORY", default_value = "export")]
    directory: PathBuf,
    /// Begin anew, and drop what was exported before
    #[arg(long)]
    anew: bool,
    /// Records per request, 1 to 100
    #[arg(long, value_name = "RECORDS", default_value_t = 100)]
    page_size: usize,
    /// Shards of each kind that are read in parallel
    #[arg(long, value_name = "SHARDS", default_value_t = 8)]
    shards: usize,
    /// How many records, and the rest of a page, are fetched again at most after a stop
    #[arg(long, value_name = "RECORDS", default_value_t = 500)]
    checkpoint: u64,
    /// Account id
    #[arg(long, value_name = "ID", env = "XURRENT_ACCOUNT", default_value = "wdc")]
    account: String,
    /// GraphQL endpoint
    #[arg(
        long,
        value_name = "URL",
        env = "XURRENT_GRAPHQL_URL",
        default_value = "http://127.0.0.1:4010/graphql"
    )]
    graphql_url: String,
    /// Token endpoint
    #[arg(
        long,
        value_name = "URL",
        env = "XURRENT_TOKEN_URL",
        default_value = "http://127.0.0.1:4010/token"
    )]
    token_url: String,
    /// Personal access token. Other users of this machine can see arguments: prefer the variable
    #[arg(
        long,
        value_name = "TOKEN",
        env = "XURRENT_TOKEN",
        hide_env_values = true,
        hide_default_value = true,
        default_value = "sandbox-personal-access-token"
    )]
    token: SecretString,
}

#[tokio::main]
async fn main() -> ExitCode {
    match export(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            eprintln!("What was exported is kept. Run the same command again to go on.");
            ExitCode::FAILURE
        }
    }
}

async fn export(arguments: Arguments) -> Result<()> {
    let client = Client::builder()
        .account(arguments.account)
        .endpoints(arguments.graphql_url, arguments.token_url)
        .personal_access_token(arguments.token)
        .build()?;
    std::fs::create_dir_all(&arguments.directory)?;
    let open = |name| Kept::open(&arguments.directory, name, arguments.anew, arguments.checkpoint);
    let progress = MultiProgress::new();

    let people = async {
        let (kept, query) = (open("people")?, client.people().view(PersonView::All));
        let bar = bar(&progress, "people", query.clone().count().await?);
        let shards = query.page_size(arguments.page_size).shards(arguments.shards);
        write(shards.resume(kept.position()).pages(), kept, bar).await
    };
    let requests = async {
        let (kept, query) = (open("requests")?, client.requests().view(RequestView::All));
        let bar = bar(&progress, "requests", query.clone().count().await?);
        let shards = query.page_size(arguments.page_size).shards(arguments.shards);
        write(shards.resume(kept.position()).pages(), kept, bar).await
    };
    // Both at once: they share the limits of the API.
    let (people, requests) = tokio::try_join!(people, requests)?;
    println!("{} people and {} requests in {}", people, requests, arguments.directory.display());
    Ok(())
}

/// Writes what is left of the shards, and returns how many records there are in all.
async fn write<F: Filtered + Counted, T: Serialize>(
    mut pages: ShardPages<F, T>,
    mut kept: Kept,
    bar: ProgressBar,
) -> Result<u64> {
    if !kept.is_complete() {
        bar.set_position(kept.taken());
        while let Some(page) = pages.try_next().await? {
            kept.write(&page.nodes, || pages.position())?;
            bar.set_position(kept.taken());
        }
        kept.save(pages.position())?;
    }
    bar.finish_and_clear();
    Ok(kept.taken())
}

/// A bar on a terminal, nothing elsewhere.
fn bar(progress: &MultiProgress, name: &'static str, records: i64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:9} {wide_bar} {pos}/{len} {per_sec} {eta}");
    let bar = ProgressBar::new(u64::try_from(records).unwrap_or_default()).with_prefix(name);
    progress.add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}
