//! The SDK measured against its peers, side by side: `cargo xtask bench`.

mod calls;
mod compile;
mod decode;
mod failure;
mod macros;
mod pair;
mod peer_graphql_client;
mod peer_serde;
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

use clap::Parser;
use failure::Failure;
use run::{Progress, Run};
use std::cell::OnceCell;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use table::{Record, Row, Table};

/// Something that can be measured.
#[derive(Clone, Copy)]
struct Benchmark {
    name: &'static str,
    about: &'static str,
    run: fn(&Run) -> Result<Row, Failure>,
    /// Whether it is in `--quick`: it builds no scratch project and takes less than a minute.
    quick: bool,
}

const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "compile-serde",
        about: "compile the crate `xurrent`, release, against plain structs with serde derives",
        run: compile::serde,
        quick: false,
    },
    Benchmark {
        name: "compile-graphql-client",
        about: "the same against what graphql_client generates for the same operations",
        run: compile::graphql_client,
        quick: false,
    },
    Benchmark {
        name: "compile-user",
        about: "compile a program with 10 queries and 10 mutations over either crate",
        run: compile::user,
        quick: false,
    },
    Benchmark {
        name: "compile-select",
        about: "check a crate with 200 selections, against the same structs with serde derives",
        run: select::serde,
        quick: false,
    },
    Benchmark {
        name: "compile-select-cynic",
        about: "the same against the derives of cynic",
        run: select::cynic,
        quick: false,
    },
    Benchmark {
        name: "check-sdk-macros",
        about: "check the crate `xurrent`, against itself without the macros of `#[derive(Select)]`",
        run: macros::compare,
        quick: false,
    },
    Benchmark {
        name: "decode-in-order",
        about: "decode 100 people, keys as selected, against serde_json and derive",
        run: decode::in_order,
        quick: true,
    },
    Benchmark {
        name: "decode-shuffled",
        about: "decode the same people with their keys in any order",
        run: decode::shuffled,
        quick: true,
    },
    Benchmark {
        name: "decode-nested",
        about: "decode 100 requests: nested objects, timestamps, escapes",
        run: decode::nested,
        quick: true,
    },
    Benchmark {
        name: "request-overhead",
        about: "fetch 100 people over HTTP on loopback, against reqwest, serde_json and derive",
        run: calls::overhead,
        quick: true,
    },
    Benchmark {
        name: "stream",
        about: "100,000 people behind 50 ms latency, against the latency alone; --runs is pages here",
        run: calls::time,
        quick: true,
    },
    Benchmark {
        name: "stream-memory",
        about: "the peak of memory of that run, against two pages",
        run: calls::memory,
        quick: true,
    },
    Benchmark {
        name: "webhook-rs256",
        about: "verify and decode a delivery, RS256, against the bare check of its signature",
        run: webhook::rs256,
        quick: true,
    },
    Benchmark { name: "webhook-es256", about: "the same with ES256", run: webhook::es256, quick: true },
    Benchmark {
        name: "regen",
        about: "generate and format everything, against graphql_client_codegen and prettyplease",
        run: regen::compare,
        quick: true,
    },
    Benchmark {
        name: "receiver",
        about: "receive webhooks into a durable inbox and handle them, against the same server without one",
        run: receiver::compare,
        quick: true,
    },
    Benchmark {
        name: "rmeta",
        about: "size of the metadata of `xurrent`, against plain structs with serde derives",
        run: compile::rmeta,
        quick: false,
    },
    Benchmark {
        name: "noop-build",
        about: "`cargo build` with nothing changed, in both projects",
        run: compile::noop_build,
        quick: false,
    },
    Benchmark {
        name: "upload-memory-path",
        about: "peak memory of uploading a file of 1 GiB, against the 16 MiB that are allowed",
        run: upload::path,
        quick: false,
    },
    Benchmark {
        name: "upload-memory-reader",
        about: "the same for a reader of a known size",
        run: upload::reader,
        quick: false,
    },
    Benchmark {
        name: "upload-memory-unsized",
        about: "the same for a reader of which the size is not known",
        run: upload::unsized_reader,
        quick: false,
    },
];

/// Measure the SDK against its peers, side by side.
///
/// Both sides are measured in turns, in one run. A row is printed as soon as it is measured: the medians
/// of both sides, and the smallest, the median and the largest of the ratios pair by pair. Less is
/// better everywhere. A missed target is marked and is not a failure.
///
/// Exit codes: 0 measured, 1 could not be measured, 2 wrong usage.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", version, after_help = names())]
struct Arguments {
    /// What to measure, whole or as a prefix: `decode` is all of `decode-*`. Everything by default.
    #[arg(value_name = "NAME", value_parser = select)]
    names: Vec<Selected>,
    /// Also write the results as a JSON array of {name, ours, peer, ratio, min, max, pairs, unit}.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure N pairs each. By default as many as a stable median needs, and never fewer than five.
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroUsize>,
    /// Leave out what takes more than a minute: everything that compiles or uploads. Streams have a
    /// tenth of their pages. Ends within five minutes.
    #[arg(long)]
    quick: bool,
    /// One side of `regen`, in a process of its own.
    #[arg(long, value_name = "SIDE", hide = true, exclusive = true)]
    regen_side: Option<regen::Side>,
    #[command(flatten)]
    upload: upload::Side,
}

/// The benchmarks that one argument names.
#[derive(Clone)]
struct Selected(Vec<&'static str>);

fn select(prefix: &str) -> Result<Selected, String> {
    let names: Vec<_> =
        BENCHMARKS.iter().map(|benchmark| benchmark.name).filter(|name| name.starts_with(prefix)).collect();
    if names.is_empty() || prefix.is_empty() {
        Err("no benchmark has this name".to_owned())
    } else {
        Ok(Selected(names))
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
    let done = match arguments.regen_side {
        Some(side) => side.run(),
        None if arguments.upload.is_given() => arguments.upload.run(),
        None => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let wanted: Vec<&str> = arguments.names.iter().flat_map(|selected| selected.0.iter().copied()).collect();
    let runs = arguments.runs.map(NonZeroUsize::get);
    let is_wanted = |benchmark: &&Benchmark| {
        (wanted.is_empty() || wanted.contains(&benchmark.name)) && (benchmark.quick || !arguments.quick)
    };
    let benchmarks: Vec<&Benchmark> = BENCHMARKS.iter().filter(is_wanted).collect();
    let run = Run { runs, quick: arguments.quick, progress: Progress::start(), streamed: OnceCell::new() };
    let table = Table::new(benchmarks.iter().map(|benchmark| benchmark.name));
    let mut rows = Vec::new();
    for benchmark in benchmarks {
        let row = (benchmark.run)(&run)?;
        run.progress.suspend(|| {
            if rows.is_empty() {
                println!("{}", table.head());
            }
            println!("{}", table.line(&row));
        });
        rows.push(row);
    }
    drop(run);
    if let Some(path) = &arguments.json {
        let records: Vec<Record> = rows.iter().map(Row::record).collect();
        let json = serde_json::to_string_pretty(&records)?;
        fs::write(path, json + "\n").map_err(Failure::file("write", path))?;
    }
    for note in rows.iter().flat_map(Row::notes) {
        println!("\n{note}");
    }
    Ok(())
}
