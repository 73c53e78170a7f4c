//! A stream of many pages behind latency, with a slow consumer. It runs in a process of its own with a
//! counting allocator: `bin/stream.rs`.

use super::server::{Server, people_response};
use crate::error::Error;
use crate::files::root;
use crate::pairs::Pairs;
use crate::process::{cargo, output};
use crate::run::Run;
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
    let (streamed, pages, _) = streamed(run)?;
    let ideal = LATENCY.as_secs_f64() * pages as f64;
    Ok(run.row(Pairs::exact(streamed.seconds, ideal), Unit::Seconds).target(1.02).note(format!(
        "{} records in {pages} pages behind {LATENCY:?}, with 20 ms for the consumer of a page",
        streamed.records
    )))
}

/// Peak memory, against two pages: the consumed one and the prefetched one.
pub(crate) fn memory(run: &Run<'_>) -> Result<Row, Error> {
    let (streamed, pages, body) = streamed(run)?;
    let page = streamed.page + body as f64;
    let note = format!(
        "{pages} pages; above idle, allocations counted; a page is {:.0} bytes of records and {body} of a response",
        streamed.page
    );
    Ok(run.row(Pairs::exact(streamed.peak, 2.0 * page), Unit::Bytes).target(1.0).note(note))
}

/// Runs the program, once for both benchmarks. `--runs` is the number of pages.
fn streamed(run: &Run<'_>) -> Result<(Streamed, usize, usize), Error> {
    static STREAMED: OnceLock<Streamed> = OnceLock::new();
    let pages = run.runs.unwrap_or(if run.quick { PAGES / 10 } else { PAGES }).max(2);
    let response = people_response();
    if let Some(streamed) = STREAMED.get() {
        return Ok((*streamed, pages, response.len()));
    }
    run.prepare("building the program with the counting allocator");
    let package = env!("CARGO_PKG_NAME");
    let build = ["build", "--quiet", "--release", "--package", package, "--bin", PROGRAM];
    output(cargo().args(build).current_dir(root()))?;
    let server = Server::start(&response, pages, LATENCY)?;
    run.prepare("streaming");
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let output = output(Command::new(program).args([&server.url, &pages.to_string()]))?;
    let streamed: Streamed = serde_json::from_slice(&output.stdout)?;
    if streamed.records != pages * 100 {
        let message = format!("a stream of {} records ended after {}", pages * 100, streamed.records);
        return Err(message.into());
    }
    Ok((*STREAMED.get_or_init(|| streamed), pages, response.len()))
}
