//! A stream of many pages behind latency, with a consumer that takes its time. It runs in a process
//! of its own, with an allocator that counts: `bin/stream.rs`.

use super::server::Server;
use crate::failure::Failure;
use crate::pair::Pairs;
use crate::run::Run;
use crate::table::{Row, Unit};
use serde::Deserialize;
use std::process::Command;
use std::time::Duration;

const PAGES: usize = 1_000;

/// What the server takes for an answer.
const LATENCY: Duration = Duration::from_millis(50);

const PROGRAM: &str = "xurrent-bench-stream";

/// What the program tells of its run.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Streamed {
    seconds: f64,
    records: usize,
    /// Bytes that were in use at most, beyond those before the run.
    peak: f64,
    /// Bytes of one page of records.
    page: f64,
}

/// How long it takes, against nothing but the latency of every page.
pub(crate) fn time(run: &Run) -> Result<Row, Failure> {
    let (streamed, pages, _) = streamed(run, "stream")?;
    let ideal = LATENCY.as_secs_f64() * pages as f64;
    Ok(Row::new("stream", Pairs::exact(streamed.seconds, ideal), Unit::Seconds).target(1.02).note(format!(
        "{} records in {pages} pages behind {LATENCY:?}, with 20 ms for the consumer of a page",
        streamed.records
    )))
}

/// The peak of memory, against two pages: one that is consumed and one that is fetched.
pub(crate) fn memory(run: &Run) -> Result<Row, Failure> {
    let (streamed, pages, body) = streamed(run, "stream-memory")?;
    let page = streamed.page + body as f64;
    let note = format!(
        "{pages} pages; above idle, allocations counted; a page is {:.0} bytes of records and {body} of an answer",
        streamed.page
    );
    Ok(Row::new("stream-memory", Pairs::exact(streamed.peak, 2.0 * page), Unit::Bytes).target(1.0).note(note))
}

/// Runs it, once for all figures. `--runs` is the number of pages here.
fn streamed(run: &Run, name: &'static str) -> Result<(Streamed, usize, usize), Failure> {
    let (answer, pages) = (super::answer()?, run.pairs(if run.quick { PAGES / 10 } else { PAGES }).max(2));
    if let Some(streamed) = run.streamed.get() {
        return Ok((*streamed, pages, answer.len()));
    }
    run.progress.prepare(name, "builds a program that counts its allocations");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let package = env!("CARGO_PKG_NAME");
    let build = ["build", "--quiet", "--release", "--package", package, "--bin", PROGRAM];
    output(Command::new(cargo).args(build).current_dir(crate::run::root()))?;
    let server = Server::start(&answer, pages, LATENCY)?;
    run.progress.prepare(name, "streams");
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let output = output(Command::new(program).args([&server.url, &pages.to_string()]))?;
    let streamed: Streamed = serde_json::from_slice(&output)?;
    if streamed.records != pages * 100 {
        return Err(Failure::Records { expected: pages * 100, records: streamed.records });
    }
    Ok((*run.streamed.get_or_init(|| streamed), pages, answer.len()))
}

/// What a program writes, if it does not fail.
fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(|source| Failure::Command { command: shown.clone(), source })?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::Exit { command: shown, output });
    }
    Ok(output.stdout)
}
