//! A stream of many pages behind latency, with a slow consumer. It runs in a process of its own with a
//! counting allocator: `bin/stream.rs`.

use super::server::{Server, people_response};
use crate::error::Error;
use crate::files::root;
use crate::pairs::Pairs;
use crate::process::{cargo, output};
use crate::run::{Run, once};
use crate::table::{Row, Unit};
use serde::Deserialize;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

const PAGES: usize = 1_000;

const LATENCY: Duration = Duration::from_millis(50);

const PROGRAM: &str = "xurrent-bench-stream";

#[derive(Debug, Clone, Copy, Deserialize)]
struct Streamed {
    seconds: f64,
    records: usize,
    /// Peak bytes in use, beyond those before the run.
    peak: f64,
    /// Bytes of one page of records.
    page: f64,
}

/// Time of a stream, against the latency of its pages alone.
pub(crate) fn time(run: &Run<'_>) -> Result<Row, Error> {
    let (pages, streams) = (pages(run), streams(run)?);
    let ideal = LATENCY.as_secs_f64() * pages as f64;
    let pairs = Pairs::of(streams.iter().map(|stream| (stream.seconds, ideal)));
    Ok(run.row(pairs, Unit::Seconds).target(1.02).note(format!(
        "{} records in {pages} pages behind {LATENCY:?}, with 20 ms for the consumer of a page",
        pages * 100
    )))
}

/// Peak memory, against two pages: the consumed one and the prefetched one.
pub(crate) fn memory(run: &Run<'_>) -> Result<Row, Error> {
    let (pages, streams, body) = (pages(run), streams(run)?, people_response().len());
    let pairs = Pairs::of(streams.iter().map(|stream| (stream.peak, 2.0 * (stream.page + body as f64))));
    let page = streams.iter().map(|stream| stream.page).fold(0.0, f64::max);
    let note = format!(
        "{pages} pages; above idle, allocations counted; a page is {page:.0} bytes of records and {body} of a response"
    );
    Ok(run.row(pairs, Unit::Bytes).target(1.0).note(note))
}

fn pages(run: &Run<'_>) -> usize {
    if run.quick { PAGES / 10 } else { PAGES }
}

/// Runs the program, for both benchmarks.
fn streams(run: &Run<'_>) -> Result<&'static [Streamed], Error> {
    static STREAMS: OnceLock<Vec<[Streamed; 1]>> = OnceLock::new();
    let streams = once(&STREAMS, || {
        run.prepare("building the program with the counting allocator");
        let package = env!("CARGO_PKG_NAME");
        let build = ["build", "--quiet", "--release", "--package", package, "--bin", PROGRAM];
        output(cargo().args(build).current_dir(root()))?;
        let server = Server::start(&people_response(), pages(run), LATENCY)?;
        run.rounds(5, |_| stream(&server.url, pages(run)))
    });
    streams.map(|streams| streams.as_flattened())
}

fn stream(url: &str, pages: usize) -> Result<Streamed, Error> {
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let output = output(Command::new(program).args([url, &pages.to_string()]))?;
    let streamed: Streamed = serde_json::from_slice(&output.stdout)?;
    if streamed.records != pages * 100 {
        let message = format!("a stream of {} records ended after {}", pages * 100, streamed.records);
        return Err(message.into());
    }
    Ok(streamed)
}
