//! Turns an alert of a monitoring system into a request, or into a note on the request that is open for it.
//!
//! ```text
//! echo '{"id": "web-1/cpu", "title": "CPU at 100 %", "impact": "high", "text": "since 10:02"}' |
//!     cargo run --example alert_to_request
//! ```
//!
//! The request has the `source` of the monitoring system and the alert's id as `sourceID`. A later alert with
//! this id adds a note to it until it is completed.
//!
//! # What this cannot guarantee
//! GraphQL has no "create unless it exists". Two processes that handle an alert of one id at the same moment
//! both find no request, and both create one; the search may also lag behind. This program looks again after
//! it created a request and warns, but the two requests stay. To rule it out, handle the alerts of one id in
//! one process at a time, for example through a queue that is partitioned by id, or `flock alerts.lock
//! alert_to_request`.
//!
//! When the connection breaks while a request is created, it may have been created. Send the alert again: if
//! it was, the alert becomes a note.
//!
//! Exit codes: 0 done, 1 failed (send the alert again), 2 wrong usage or not an alert (do not).

use anyhow::ensure;
use clap::Parser;
use std::{io::stdin, process::ExitCode};
use xurrent::{Client, Filter, Id, NoteCreateInput, OpenEnum, RequestCategory, RequestCreateInput};
use xurrent::{
    RequestFilter, RequestImpact, RequestOrder, RequestOrderField, RequestStatus, RequestView, Select,
};

/// Turns an alert on standard input into a request, or into a note on the request that is open for it.
#[derive(Parser)]
struct Arguments {
    /// The `source` of requests from this monitoring system
    #[arg(long, default_value = "monitoring")]
    source: String,
}

#[derive(serde::Deserialize)]
struct Alert {
    id: String,
    title: String,
    impact: RequestImpact,
    text: String,
}

#[derive(Select)]
#[select(on = Request)]
struct Ticket {
    id: Id,
    request_id: Option<String>,
}

/// Reads an alert, and refuses values that the server may misunderstand.
fn read() -> anyhow::Result<Alert> {
    let alert: Alert = serde_json::from_reader(stdin())?;
    let texts = [&alert.id, &alert.title, &alert.text];
    ensure!(texts.iter().all(|text| !text.trim().is_empty()), "`id`, `title` or `text` is empty");
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
    let client = Client::from_env()?;
    let same = RequestFilter::new().source([&source]).source_id([&alert.id]);
    let open = same.status(Filter::none_of([RequestStatus::Completed]));
    let oldest = RequestOrder::asc(RequestOrderField::CreatedAt);
    let open = client.requests().view(RequestView::All).filter(open).order([oldest]).select::<Ticket>();
    if let Some(ticket) = open.clone().first().await? {
        client.note_create(NoteCreateInput::new(&ticket.id, alert.text)).await?;
        println!("added a note to request {}", ticket.request_id.unwrap_or_default());
        return Ok(ExitCode::SUCCESS);
    }
    let input = RequestCreateInput::new().source(source).source_id(alert.id).subject(alert.title);
    let input = input.category(RequestCategory::Incident).impact(alert.impact).note(alert.text);
    let ticket = client.request_create(input).record::<Ticket>().await?;
    println!("created request {}", ticket.request_id.unwrap_or_default());
    // The request exists, so a failure of this query is no failure of the alert.
    let open = open.all().await.unwrap_or_default();
    if open.len() > 1 {
        let all: Vec<_> = open.into_iter().filter_map(|it| it.request_id).collect();
        eprintln!("warning: another process created a request too: complete all but one of {all:?}");
    }
    Ok(ExitCode::SUCCESS)
}
