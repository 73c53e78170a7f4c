//! The whole way from the schema's JSON to formatted Rust.

use crate::failure::Failure;
use crate::pair::Pairs;
use crate::peer_graphql_client;
use crate::run::{Run, root};
use crate::scratch::size;
use crate::table::{Row, Unit};
use clap::ValueEnum;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use xurrent_generator::{Files, Generator, Overrides};

/// One side of the comparison. Each runs in a process of its own, because the peer keeps parsed
/// schemas for as long as the process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    Ours,
    GraphqlClient,
}

impl Side {
    /// Generates, and throws the result away.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let files = match self {
            Self::Ours => generator()?.rust(),
            Self::GraphqlClient => peer_graphql_client::generate(&schema(), &read_documents()?)?,
        };
        black_box(files);
        Ok(())
    }

    fn measure(self) -> Result<f64, Failure> {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let command = format!("regen-side {name}");
        let failed = |source| Failure::Command { command: command.clone(), source };
        let program = std::env::current_exe().map_err(failed)?;
        let started = Instant::now();
        let output = Command::new(program)
            .args(["--regen-side", &name])
            .stdin(Stdio::null())
            .output()
            .map_err(failed)?;
        let elapsed = started.elapsed().as_secs_f64();
        if output.status.success() {
            return Ok(elapsed);
        }
        Err(Failure::Exit { output: String::from_utf8_lossy(&output.stderr).into_owned(), command })
    }
}

/// `regen`.
pub(crate) fn compare(run: &Run) -> Result<Row, Failure> {
    let name = "regen";
    run.progress.prepare(name, "writing the documents");
    let generator = generator()?;
    let documents = peer_graphql_client::acceptable(&generator.documents());
    write_documents(&documents)?;
    let ours = size(generator.rust().values());
    let peer = size(peer_graphql_client::generate(&schema(), &documents)?.values());
    let pairs = Pairs::measure(
        run.pairs(7),
        |tick| run.progress.step(name, tick),
        || Side::Ours.measure(),
        || Side::GraphqlClient.measure(),
    )?;
    let operations = documents.len();
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.25)
        .note(format!("{operations} operations; ours writes {ours}; peer {peer}"))
        .note("each side in a process of its own, from reading schema.json to formatted text"))
}

/// The generator, for the schema of this workspace.
pub(crate) fn generator() -> Result<Generator, Failure> {
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(Failure::file("read", &path));
    let overrides = Overrides::from_toml(&read(root().join("schema.overrides.toml"))?)?;
    Ok(Generator::new(&read(schema())?, &overrides)?)
}

/// The schema of this workspace.
pub(crate) fn schema() -> PathBuf {
    root().join("schema.json")
}

fn documents_file() -> PathBuf {
    crate::run::scratch().join("documents.json")
}

/// The peer's process is given the documents; it does not have to make them.
fn write_documents(documents: &Files) -> Result<(), Failure> {
    let path = documents_file();
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
    fs::write(&path, serde_json::to_string(documents)?).map_err(Failure::file("write", &path))
}

fn read_documents() -> Result<Files, Failure> {
    let path = documents_file();
    let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
    Ok(serde_json::from_str(&text)?)
}
