//! Moves all open requests of a team to another one, 20 in a request.
//!
//! ```text
//! cargo run --example bulk_update -- --from "Night Shift" --to "Service Desk" --dry-run
//! cargo run --example bulk_update -- --from "Night Shift" --to "Service Desk"
//! ```
//!
//! It can be stopped at any moment, with Ctrl-C or by a crash. To resume, run the same command again: requests
//! that were moved no longer match.
//!
//! Exit codes: 0 all moved, 1 not all moved (the errors say why), 2 wrong usage.

use anyhow::{Context, ensure};
use clap::Parser;
use xurrent::{Client, Filter, Id, Request, RequestFilter, RequestStatus, RequestUpdateInput, RequestView};

/// Moves all open requests of a team to another team.
#[derive(Parser)]
struct Arguments {
    /// The name of the team that has the requests
    #[arg(long)]
    from: String,
    /// The name of the team that gets them
    #[arg(long)]
    to: String,
    /// List the requests and change nothing
    #[arg(long)]
    dry_run: bool,
}

async fn team(client: &Client, name: &str) -> anyhow::Result<Id> {
    let team = client.teams().filter(xurrent::TeamFilter::new().name([name])).first().await?;
    Ok(team.with_context(|| format!("no team is named {name:?}; names are compared exactly"))?.id)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { from, to, dry_run } = Arguments::parse();
    let client = Client::from_env()?;
    let (from, to) = (team(&client, &from).await?, team(&client, &to).await?);
    let filter = RequestFilter::new().team([from]).status(Filter::none_of([RequestStatus::Completed]));
    // All of them before the first change: a changed record leaves the query, which would shift its pages.
    let requests = client.requests().view(RequestView::All).filter(filter).all().await?;
    let number = |it: &Request| it.request_id.clone().unwrap_or_default();
    if dry_run {
        requests.iter().for_each(|it| println!("{}", number(it)));
        return Ok(());
    }
    let change = |it: &Request| client.request_update(RequestUpdateInput::new(&it.id).team_id(&to));
    let mut results = client.batch_all(requests.iter().map(change));
    let bar = indicatif::ProgressBar::new(requests.len() as u64);
    let mut failed = 0;
    while let Some((index, result)) = results.next().await {
        bar.inc(1);
        let Err(error) = result else { continue };
        bar.suspend(|| eprintln!("{}: {error}", number(&requests[index])));
        ensure!(error.is_payload(), "stopped: run it again to continue");
        failed += 1;
    }
    bar.finish_and_clear();
    println!("{} of {} requests moved", results.position() - failed, requests.len());
    ensure!(failed == 0, "{failed} requests were refused: see above");
    Ok(())
}
