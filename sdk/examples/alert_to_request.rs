//! Turns an alert of a monitoring system into a request, or adds it to the request that is open for it.
//!
//! ```text
//! echo '{"id": "4711", "ci": "L-0001", "title": "CPU at 100 %", "impact": "high", "text": "since 10:02"}' |
//!     cargo run --example alert_to_request
//! ```
//!
//! `ci` is the label of a configuration item. Alerts about it are notes of one request, until that is completed
//! or 24 hours old. The alert's id is the `sourceID` of the request that it creates.
//!
//! # After a failure
//! Send the alert again, from any process: the server matches it with the open request, and adds no note
//! twice. A second request is created only when the first has been completed in the meantime. Whether the
//! server also matches two alerts that arrive at the same moment, its documentation does not say; the sandbox
//! does. See [`xurrent::events`].
//!
//! Exit codes: 0 done, 1 failed (send the alert again), 2 wrong usage or not an alert (do not).

use anyhow::ensure;
use clap::Parser;
use std::{io::stdin, process::ExitCode};
use xurrent::events::NewEvent;
use xurrent::{Client, OpenEnum, RequestCategory, RequestImpact};

/// Turns an alert on standard input into a request, or adds it to the request that is open for it.
#[derive(Parser)]
struct Arguments {
    /// The `source` of requests from this monitoring system
    #[arg(long, default_value = "monitoring")]
    source: String,
}

#[derive(serde::Deserialize)]
struct Alert {
    id: String,
    ci: String,
    title: String,
    impact: RequestImpact,
    text: String,
}

/// Reads an alert, and refuses values that the server may misunderstand.
fn read() -> anyhow::Result<Alert> {
    let alert: Alert = serde_json::from_reader(stdin())?;
    let texts = [&alert.id, &alert.ci, &alert.title, &alert.text];
    ensure!(texts.iter().all(|text| !text.trim().is_empty()), "`id`, `ci`, `title` or `text` is empty");
    let impacts = RequestImpact::VALUES;
    ensure!(impacts.contains(&alert.impact.as_str()), "unknown impact: expected one of {impacts:?}");
    Ok(alert)
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Arguments { source } = Arguments::parse();
    let Ok(alert) = read().inspect_err(|error| eprintln!("Error: not an alert: {error}")) else {
        return Ok(ExitCode::from(2));
    };
    let event = NewEvent::new(alert.title).source(source).source_id(alert.id).ci(alert.ci);
    let event = event.category(RequestCategory::Incident).impact(alert.impact).note(alert.text);
    let request = Client::from_env()?.event_create(event).await?;
    let what = if request.is_created() { "created" } else { "added to" };
    println!("{what} request {}", request.id);
    Ok(ExitCode::SUCCESS)
}
