//! Lists open requests with their members, teams and requesters, as a table or as JSON.
//!
//! ```text
//! cargo run --example open_requests -- --team "Service Desk" --impact high --impact top
//! cargo run --example open_requests -- --format json | jq '.[].subject'
//! ```
//!
//! Exit codes: 0 done, also if there are none, 1 failed, 2 wrong usage.

use anyhow::Context;
use clap::{Parser, builder::PossibleValuesParser};
use std::{fmt::Write as _, io::Write as _};
use xurrent::{Client, Filter, OpenEnum, RequestFilter, RequestImpact, RequestOrder, RequestOrderField};
use xurrent::{RequestStatus, RequestView, Select, TeamFilter};

/// Lists open requests, those with the next target first.
#[derive(Parser)]
struct Arguments {
    /// Only requests of the team with this name
    #[arg(long)]
    team: Option<String>,
    /// Only requests of this impact; can be repeated
    #[arg(long, value_parser = PossibleValuesParser::new(RequestImpact::VALUES))]
    impact: Vec<String>,
    /// How to print them
    #[arg(long, value_parser = ["table", "json"], default_value = "table")]
    format: String,
}

#[derive(Select, serde::Serialize)]
#[select(on = Request)]
struct Ticket {
    request_id: Option<String>,
    impact: Option<RequestImpact>,
    status: Option<RequestStatus>,
    member: Option<Member>,
    subject: Option<String>,
}

#[derive(Select, serde::Serialize)]
#[select(on = Person)]
struct Member {
    name: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { team, impact, format } = Arguments::parse();
    let client = Client::from_env()?;
    let mut filter = RequestFilter::new().status(Filter::none_of([RequestStatus::Completed]));
    // An empty list of values is an error, not "all": set a filter only for what was given.
    if !impact.is_empty() {
        filter = filter.impact(impact.iter().map(|it| it.as_str().into()).collect::<Vec<RequestImpact>>());
    }
    if let Some(name) = team {
        let team = client.teams().filter(TeamFilter::new().name([&name])).first().await?;
        let team = team.with_context(|| format!("no team is named {name:?}; names are compared exactly"))?;
        filter = filter.team([team.id]);
    }
    let order = [RequestOrder::asc(RequestOrderField::NextTargetAt)];
    let query = client.requests().view(RequestView::All).filter(filter).order(order).select::<Ticket>();
    let tickets = query.all().await?;

    let mut out = String::new();
    if format == "json" {
        writeln!(out, "{}", serde_json::to_string_pretty(&tickets)?)?;
    } else {
        writeln!(out, "{:9} {:6} {:20} {:20} SUBJECT", "REQUEST", "IMPACT", "STATUS", "MEMBER")?;
        for Ticket { request_id, impact, status, member, subject } in &tickets {
            let (id, subject) = (request_id.as_deref().unwrap_or("-"), subject.as_deref().unwrap_or("-"));
            let impact = impact.as_ref().map_or("-", OpenEnum::as_str);
            let status = status.as_ref().map_or("-", OpenEnum::as_str);
            let member = member.as_ref().and_then(|it| it.name.as_deref()).unwrap_or("-");
            writeln!(out, "{id:9} {impact:6} {status:20} {member:20.20} {subject}")?;
        }
    }
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}
