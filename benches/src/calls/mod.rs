//! Calls over HTTP on loopback: overhead of a request, streams, and shards.

mod peer;
mod range_server;
mod server;
mod shards;
mod stream;

use crate::error::{DIFFERENT, Error};
use crate::run::Run;
use crate::table::{Row, Unit};
use server::{Server, people_response};
pub(crate) use shards::{requests as shards_requests, time as shards_time};
use std::hint::black_box;
use std::time::{Duration, Instant};
pub(crate) use stream::{memory, time};
use tokio::runtime::{Builder, Runtime};

/// Requests of a sample.
const REQUESTS: u32 = 40;

/// One page through the SDK, against the same request with reqwest and derived structs.
pub(crate) fn overhead(run: &Run<'_>) -> Result<Row, Error> {
    let response = people_response();
    let server = Server::start(&response, 1, Duration::ZERO)?;
    let runtime: Runtime = Builder::new_current_thread().enable_all().build()?;
    let builder = xurrent::Client::builder().account("wdc").endpoints(&*server.url, &*server.url);
    let client = builder.personal_access_token("token").no_rate_limit().build()?;
    let fetch = async || {
        client.people().page_size(100).all().await.map_err(|error| Error::from(format!("the SDK: {error}")))
    };
    let ours = runtime.block_on(fetch())?;
    // The peer sends what the SDK sends.
    let peer = peer::Peer::new(&server)?;
    let theirs = runtime.block_on(peer.fetch())?;
    let same_records = serde_json::to_value(&ours)? == serde_json::to_value(&theirs)?;
    if !same_records || serde_json::to_vec(&peer.body)? != server.last_request() {
        return Err(DIFFERENT.into());
    }
    let pairs = run.measure(61, || sample(&runtime, fetch), || sample(&runtime, || peer.fetch()))?;
    Ok(run.row(pairs, Unit::Microseconds).target(1.05).note(format!(
        "a page of 100 people, {} bytes, from loopback without latency; {REQUESTS} requests a sample",
        response.len()
    )))
}

/// Microseconds of a request.
fn sample<T>(runtime: &Runtime, fetch: impl AsyncFn() -> Result<T, Error>) -> Result<f64, Error> {
    let started = Instant::now();
    runtime.block_on(async {
        for _ in 0..REQUESTS {
            black_box(fetch().await?);
        }
        Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(REQUESTS))
    })
}
