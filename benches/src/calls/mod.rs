//! Calls over HTTP, on loopback: what the runtime adds to a request, and how streams keep up.

mod peer;
mod server;
mod stream;

use crate::decode::{peer_page, people};
use crate::failure::Failure;
use crate::pair::Pairs;
use crate::run::Run;
use crate::table::{Row, Unit};
use server::{CURSOR, Server};
use std::hint::black_box;
use std::time::{Duration, Instant};
pub(crate) use stream::{Streamed, memory, time};
use tokio::runtime::{Builder, Runtime};

/// How many requests make a sample.
const REQUESTS: u32 = 40;

/// The answer with a page of people, which has a cursor of the server's.
fn answer() -> Result<String, Failure> {
    let page = people()?;
    let cursor = peer_page(&page)?.page_info.end_cursor.ok_or(Failure::Page)?;
    Ok(format!(r#"{{"data":{{"people":{}}}}}"#, page.replacen(&cursor, CURSOR, 1)))
}

/// One page through the SDK, against the same request with reqwest and the same page with derived
/// structs.
pub(crate) fn overhead(run: &Run) -> Result<Row, Failure> {
    const NAME: &str = "request-overhead";
    let answer = answer()?;
    let server = Server::start(&answer, 1, Duration::ZERO)?;
    let runtime: Runtime = Builder::new_current_thread().enable_all().build()?;
    let client = client(&server.url)?;
    let ask = async || client.people().page_size(100).all().await.map_err(Failure::from);
    let ours = runtime.block_on(ask())?;
    // The peer sends what the SDK sends.
    let peer = peer::Peer::new(&server)?;
    let theirs = runtime.block_on(peer.ask())?;
    if serde_json::to_value(&ours)? != serde_json::to_value(&theirs)? || peer.sent() != server.asked() {
        return Err(Failure::Differs { name: NAME });
    }
    let per_request = |started: Instant| started.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS);
    let pairs = Pairs::measure(
        run.pairs(61),
        |tick| run.progress.step(NAME, tick),
        || {
            let started = Instant::now();
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    black_box(ask().await?);
                }
                Ok(per_request(started))
            })
        },
        || {
            let started = Instant::now();
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    black_box(peer.ask().await?);
                }
                Ok(per_request(started))
            })
        },
    )?;
    Ok(Row::new(NAME, pairs, Unit::Microseconds).target(1.05).note(format!(
        "a page of 100 people, {} bytes, from loopback without latency; {REQUESTS} requests a sample",
        answer.len()
    )))
}

fn client(url: &str) -> Result<xurrent::Client, Failure> {
    let builder = xurrent::Client::builder().account("wdc").endpoints(url, url);
    Ok(builder.personal_access_token("token").no_rate_limit().build()?)
}
