//! An export in shards behind latency, against a stream of the same records. The rate limiter is on.

use super::range_server::RangeServer;
use crate::error::{DIFFERENT, Error};
use crate::pairs::Pairs;
use crate::run::Run;
use crate::table::{Row, Unit};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use xurrent::shards::Sharded;
use xurrent::{Client, Id, Select};

const PAGES: usize = 1_000;
const PAGE: usize = 100;
const LATENCY: Duration = Duration::from_millis(500);
const SHARDS: usize = 16;
const PAGES_PER_REQUEST: usize = 8;

#[derive(Select)]
#[select(on = Person)]
struct Name {
    id: Id,
    #[allow(dead_code)]
    name: Option<String>,
}

/// Seconds and requests.
#[derive(Clone, Copy)]
struct Cost(f64, f64);

/// Time of the export, against that of the stream.
pub(crate) fn time(run: &Run<'_>) -> Result<Row, Error> {
    let (ours, peer) = measured(run)?;
    Ok(run.row(Pairs::exact(ours.0, peer.0), Unit::Seconds).target(0.15).note(format!(
        "{} people, {SHARDS} shards, {PAGES_PER_REQUEST} pages a request, behind {LATENCY:?}, \
         whatever a request asks for; boundaries of the shards included",
        pages(run) * PAGE
    )))
}

/// Requests of the export, against those of the stream.
pub(crate) fn requests(run: &Run<'_>) -> Result<Row, Error> {
    let (ours, peer) = measured(run)?;
    Ok(run.row(Pairs::exact(ours.1, peer.1), Unit::Requests).target(0.30))
}

fn pages(run: &Run<'_>) -> usize {
    run.runs.unwrap_or(if run.quick { PAGES / 10 } else { PAGES }).max(2)
}

/// Measures both once for both benchmarks. `--runs` is the number of pages.
fn measured(run: &Run<'_>) -> Result<(Cost, Cost), Error> {
    static MEASURED: OnceLock<(Cost, Cost)> = OnceLock::new();
    if let Some(measured) = MEASURED.get() {
        return Ok(*measured);
    }
    let records = pages(run) * PAGE;
    let server = RangeServer::start(records, LATENCY)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let builder = Client::builder().account("wdc").endpoints(&*server.url, &*server.url);
    let client = builder.personal_access_token("token").build()?;
    let measure = |records: Result<Vec<Id>, xurrent::Error>, started: Instant, before: usize| {
        let seconds = started.elapsed().as_secs_f64();
        let mut ids = records.map_err(|error| Error::from(format!("the SDK: {error}")))?;
        ids.sort_by(|left, right| left.as_str().cmp(right.as_str()));
        let requests = server.requests() - before;
        Ok::<_, Error>((ids, Cost(seconds, requests as f64)))
    };
    run.prepare("export in shards");
    let (started, before) = (Instant::now(), server.requests());
    let ids = runtime.block_on(async {
        let shards = client.people().select::<Name>().shards(SHARDS).pages_per_request(PAGES_PER_REQUEST);
        let (mut ids, mut pages) = (Vec::new(), shards.pages());
        while let Some(page) = pages.try_next().await? {
            ids.extend(page.nodes.into_iter().map(|person| person.id));
        }
        Ok(ids)
    });
    let (ours, cost) = measure(ids, started, before)?;
    run.prepare("stream");
    let (started, before) = (Instant::now(), server.requests());
    let ids = runtime.block_on(async {
        let (mut ids, mut stream) = (Vec::new(), client.people().select::<Name>().stream());
        while let Some(person) = stream.try_next().await? {
            ids.push(person.id);
        }
        Ok(ids)
    });
    let (theirs, peer) = measure(ids, started, before)?;
    if ours != theirs || ours.len() != records {
        return Err(DIFFERENT.into());
    }
    Ok(*MEASURED.get_or_init(|| (cost, peer)))
}
