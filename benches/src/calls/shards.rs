//! An export in shards behind latency, against a stream of the same records. The rate limiter is on.

use super::range_server::RangeServer;
use crate::error::{DIFFERENT, Error};
use crate::pairs::Pairs;
use crate::run::{Run, once};
use crate::table::{Row, Unit};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use xurrent::shards::Sharded;
use xurrent::{Client, Id, Select};

const PEOPLE: usize = 100_000;
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
    let pairs = Pairs::of(rounds(run)?.iter().map(|[ours, peer]| (ours.0, peer.0)));
    let row = run.row(pairs, Unit::Seconds).target(0.15).note(format!(
        "{} people, {SHARDS} shards, {PAGES_PER_REQUEST} pages a request, behind {LATENCY:?}, \
         whatever a request asks for; boundaries of the shards included",
        records(run)
    ));
    Ok(if run.quick {
        row.note("with `--quick`, a tenth of the people and one pair by default")
    } else {
        row
    })
}

/// Requests of the export, against those of the stream.
pub(crate) fn requests(run: &Run<'_>) -> Result<Row, Error> {
    let pairs = Pairs::of(rounds(run)?.iter().map(|[ours, peer]| (ours.1, peer.1)));
    Ok(run.row(pairs, Unit::Requests).target(0.30))
}

fn records(run: &Run<'_>) -> usize {
    if run.quick { PEOPLE / 10 } else { PEOPLE }
}

/// Measures the export, then the stream, for both benchmarks.
fn rounds(run: &Run<'_>) -> Result<&'static [[Cost; 2]], Error> {
    static ROUNDS: OnceLock<Vec<[Cost; 2]>> = OnceLock::new();
    let rounds = once(&ROUNDS, || {
        let server = RangeServer::start(records(run), LATENCY)?;
        let mut expected: Vec<String> = (0..records(run)).map(|number| format!("p{number}")).collect();
        expected.sort_unstable();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        run.rounds(if run.quick { 1 } else { 5 }, |side| {
            // The limiter of each has all its permits.
            let builder = Client::builder().account("wdc").endpoints(&*server.url, &*server.url);
            let client = builder.personal_access_token("token").build()?;
            let (started, before) = (Instant::now(), server.requests());
            let ids = runtime.block_on(async {
                match side {
                    0 => in_shards(&client).await,
                    _ => in_a_stream(&client).await,
                }
            });
            let mut ids = ids.map_err(|error| format!("the SDK: {error}"))?;
            let cost = Cost(started.elapsed().as_secs_f64(), (server.requests() - before) as f64);
            ids.sort_unstable_by(|left, right| left.as_str().cmp(right.as_str()));
            match ids.iter().map(Id::as_str).eq(expected.iter().map(String::as_str)) {
                true => Ok(cost),
                false => Err(DIFFERENT.into()),
            }
        })
    });
    rounds.map(Vec::as_slice)
}

async fn in_shards(client: &Client) -> xurrent::Result<Vec<Id>> {
    let shards = client.people().select::<Name>().shards(SHARDS).pages_per_request(PAGES_PER_REQUEST);
    let (mut ids, mut pages) = (Vec::new(), shards.pages());
    while let Some(page) = pages.try_next().await? {
        ids.extend(page.nodes.into_iter().map(|person| person.id));
    }
    Ok(ids)
}

async fn in_a_stream(client: &Client) -> xurrent::Result<Vec<Id>> {
    let (mut ids, mut stream) = (Vec::new(), client.people().select::<Name>().stream());
    while let Some(person) = stream.try_next().await? {
        ids.push(person.id);
    }
    Ok(ids)
}
