//! Side-by-side measurements of the SDK and its peers: `cargo xtask bench`.
//!
//! Start with `BENCHMARKS`, which lists them. A benchmark measures both sides in turns ([`pairs`]) and
//! returns a row of the report ([`table`]).

mod calls;
mod compile;
mod decode;
mod error;
mod files;
mod first_build;
mod growth;
mod macros;
mod pairs;
mod peer_graphql_client;
mod peer_serde;
mod postgres;
mod process;
mod receiver;
mod regen;
mod run;
mod scratch;
mod sdl;
mod select;
mod table;
mod upload;
mod user_binary;
mod webhook;
mod worker;

use clap::Parser;
use error::Error;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use run::Run;
use select::Check;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use table::{Row, Table};
use upload::Source;
use xurrent_webhook::Algorithm;

type Measure = fn(&Run<'_>) -> Result<Row, Error>;

struct Benchmark {
    name: &'static str,
    run: Measure,
    about: &'static str,
    /// Whether `--quick` includes it: it builds no scratch project and takes less than a minute.
    is_quick: bool,
}

const fn quick(name: &'static str, run: Measure, about: &'static str) -> Benchmark {
    Benchmark { name, run, about, is_quick: true }
}

const fn slow(name: &'static str, run: Measure, about: &'static str) -> Benchmark {
    Benchmark { name, run, about, is_quick: false }
}

const BENCHMARKS: &[Benchmark] = &[
    slow("compile-serde", compile::serde, "compile `xurrent`, release, against serde derives"),
    slow("compile-graphql-client", compile::graphql_client, "the same against the code of graphql_client"),
    slow("compile-user", compile::user, "compile a program of 10 queries and 10 mutations"),
    slow(
        "compile-select",
        |run| select::serde(run, Check::All),
        "check 200 selections, against serde derives",
    ),
    slow(
        "compile-select-cynic",
        |run| select::cynic(run, Check::All),
        "the same against the derives of cynic",
    ),
    slow(
        "check-edit",
        |run| select::serde(run, Check::Edit),
        "check 50 selections after one changed line, incrementally, against serde derives",
    ),
    slow("check-edit-cynic", |run| select::cynic(run, Check::Edit), "the same against the derives of cynic"),
    slow("check-sdk-macros", macros::compare, "check `xurrent` with and without its `Select` macros"),
    quick("decode-in-order", decode::in_order, "decode 100 people, against serde_json and derive"),
    quick("decode-shuffled", decode::shuffled, "the same with shuffled keys"),
    quick("decode-nested", decode::nested, "decode 100 requests: nested objects, timestamps, escapes"),
    quick("request-overhead", calls::overhead, "fetch 100 people, against reqwest and serde_json"),
    quick("stream", calls::time, "100,000 people behind 50 ms latency"),
    quick("export-shards", calls::shards_time, "100,000 people behind 500 ms, in shards, against a stream"),
    quick("export-shards-requests", calls::shards_requests, "the requests of both"),
    quick("stream-memory", calls::memory, "peak memory of that stream, against two pages"),
    quick(
        "webhook-delivery-rs256",
        |run| webhook::compare(run, Algorithm::Rs256),
        "verify, decode and answer a delivery, RS256, against axum with jsonwebtoken",
    ),
    quick("webhook-delivery-es256", |run| webhook::compare(run, Algorithm::Es256), "the same with ES256"),
    quick("regen", regen::compare, "generate and format, against graphql_client_codegen"),
    quick(
        "regen-growth",
        growth::fit,
        "growth of its time and memory with the schema, against linear growth",
    ),
    quick("receiver", receiver::compare, "receive into a durable inbox, against a server without one"),
    quick("worker", worker::compare, "handle a backlog of a durable inbox, against a bare queue"),
    slow("receiver-postgres", postgres::receive, "the same receiver with an inbox in PostgreSQL"),
    slow("worker-postgres", postgres::work, "the same worker and a bare queue in PostgreSQL"),
    slow("first-build-octocrab", first_build::octocrab, "first build of a first program, against octocrab"),
    slow("first-build-minimal", first_build::minimal, "the same without default features, with TLS"),
    slow(
        "first-build-graphql-client",
        first_build::graphql_client,
        "the same against graphql_client and reqwest",
    ),
    slow("first-build-memory", first_build::memory, "peak memory of that build, against octocrab"),
    slow("first-build-crates", first_build::crates, "crates of that program, against octocrab"),
    slow("rmeta", compile::rmeta, "metadata of `xurrent`, against serde derives"),
    slow("noop-build", compile::noop_build, "`cargo build` with nothing changed"),
    slow(
        "upload-memory-path",
        |run| upload::compare(run, Source::Path),
        "peak memory of uploading a 1 GiB file, against 16 MiB",
    ),
    slow(
        "upload-memory-reader",
        |run| upload::compare(run, Source::Reader),
        "the same for a reader of known size",
    ),
    slow(
        "upload-memory-unsized",
        |run| upload::compare(run, Source::Unsized),
        "the same for a reader of unknown size",
    ),
];

/// Measure the SDK side by side with its peers.
///
/// Measures both sides in turns. Each row shows the medians of both sides, and the smallest, the median
/// and the largest ratio of the pairs. Less is better. A missed target is marked, not an error. The table is
/// Markdown; `docs/performance.md` explains it.
///
/// Exit codes: 0 measured, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", version, after_help = names())]
struct Arguments {
    /// Benchmarks to run, by name or prefix: `decode` is all of `decode-*`. Default: all.
    #[arg(value_name = "NAME", value_parser = prefix)]
    names: Vec<String>,
    /// Also write the results as a JSON array of {name, ours, peer, ratio, min, max, pairs, unit}.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Pairs of each benchmark. Default: enough for a stable median, at least five.
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroUsize>,
    /// Skip benchmarks of more than a minute, which compile or upload; streams have a tenth of their
    /// pages. Takes up to five minutes.
    #[arg(long)]
    quick: bool,
    /// Runs one side of `regen`.
    #[arg(long, hide = true, exclusive = true, value_parser = |json: &str| serde_json::from_str::<regen::Side>(json))]
    regen_side: Option<regen::Side>,
    /// Generates one schema of `regen-growth`.
    #[arg(long, hide = true, exclusive = true, value_parser = |json: &str| serde_json::from_str::<growth::Side>(json))]
    growth_side: Option<growth::Side>,
    /// Runs one upload.
    #[arg(long, hide = true, exclusive = true, value_parser = |json: &str| serde_json::from_str::<upload::Side>(json))]
    upload_side: Option<upload::Side>,
}

fn prefix(prefix: &str) -> Result<String, String> {
    match BENCHMARKS.iter().any(|benchmark| benchmark.name.starts_with(prefix)) && !prefix.is_empty() {
        true => Ok(prefix.to_owned()),
        false => Err("no benchmark has this name".to_owned()),
    }
}

fn names() -> String {
    let width = BENCHMARKS.iter().map(|benchmark| benchmark.name.len()).max().unwrap_or(0);
    let lines =
        BENCHMARKS.iter().map(|benchmark| format!("  {:width$}  {}\n", benchmark.name, benchmark.about));
    format!("Names:\n{}", lines.collect::<String>())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match (&arguments.regen_side, &arguments.growth_side, &arguments.upload_side) {
        (Some(side), ..) => side.run(),
        (_, Some(side), _) => side.run(),
        (.., Some(side)) => side.run(),
        _ => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Error> {
    let is_wanted = |benchmark: &&Benchmark| {
        let mut prefixes = arguments.names.iter();
        (arguments.names.is_empty() || prefixes.any(|prefix| benchmark.name.starts_with(prefix)))
            && (benchmark.is_quick || !arguments.quick)
    };
    let benchmarks: Vec<&Benchmark> = BENCHMARKS.iter().filter(is_wanted).collect();
    // A line on a terminal, cleared at the end; nothing in a pipe.
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let progress = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_finish(ProgressFinish::AndClear);
    progress.enable_steady_tick(Duration::from_millis(100));
    let runs = arguments.runs.map(NonZeroUsize::get);
    let table = Table::new(benchmarks.iter().map(|benchmark| benchmark.name));
    let mut rows = Vec::new();
    for &Benchmark { name, run, .. } in benchmarks {
        let options = Run { name, runs, quick: arguments.quick, progress: &progress };
        let row = run(&options).map_err(|error| format!("{name}: {error}"))?;
        progress.suspend(|| {
            if rows.is_empty() {
                println!("{}", table.head());
            }
            println!("{}", table.line(&row));
        });
        rows.push(row);
    }
    drop(progress);
    if let Some(path) = &arguments.json {
        files::write(path, &(serde_json::to_string_pretty(&rows)? + "\n"))?;
    }
    for note in rows.iter().flat_map(Row::notes) {
        println!("\n{note}");
    }
    Ok(())
}
