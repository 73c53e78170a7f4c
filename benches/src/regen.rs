//! Generation, from the schema's JSON to formatted Rust.

use crate::error::Error;
use crate::peer_graphql_client;
use crate::process::{output, this_program};
use crate::run::{Run, root, scratch};
use crate::scratch::size;
use crate::table::{Row, Unit};
use clap::ValueEnum;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xurrent_generator::{Files, Generator, Overrides};

/// One side of the comparison, in a process of its own, because the peer caches parsed schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    Ours,
    GraphqlClient,
}

impl Side {
    /// Generates and discards the result.
    pub(crate) fn run(self) -> Result<(), Error> {
        let files = match self {
            Self::Ours => generator()?.rust(),
            Self::GraphqlClient => peer_graphql_client::generate(&schema(), &read_documents()?)?,
        };
        black_box(files);
        Ok(())
    }

    fn measure(self) -> Result<f64, Error> {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let started = Instant::now();
        output(this_program()?.args(["--regen-side", &name]))?;
        Ok(started.elapsed().as_secs_f64())
    }
}

/// `regen`.
pub(crate) fn compare(run: &Run) -> Result<Row, Error> {
    let name = "regen";
    run.progress.prepare(name, "writing the documents");
    let generator = generator()?;
    let documents = peer_graphql_client::acceptable(&generator.documents());
    write_documents(&documents)?;
    let ours = size(generator.rust().values());
    let peer = size(peer_graphql_client::generate(&schema(), &documents)?.values());
    let pairs = run.measure(name, 7, || Side::Ours.measure(), || Side::GraphqlClient.measure())?;
    let operations = documents.len();
    Ok(Row::new(name, pairs, Unit::Seconds)
        .target(0.25)
        .note(format!("{operations} operations; ours writes {ours}; peer {peer}"))
        .note("each side in a process of its own, from reading schema.json to formatted text"))
}

/// A generator for the schema of this workspace.
pub(crate) fn generator() -> Result<Generator, Error> {
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(Error::file("read", &path));
    let overrides = Overrides::from_toml(&read(root().join("schema.overrides.toml"))?)?;
    Ok(Generator::new(&read(schema())?, &overrides)?)
}

/// The schema of this workspace.
pub(crate) fn schema() -> PathBuf {
    root().join("schema.json")
}

fn documents_file() -> PathBuf {
    scratch().join("documents.json")
}

/// Writes the documents for the peer's process.
fn write_documents(documents: &Files) -> Result<(), Error> {
    let path = documents_file();
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    fs::write(&path, serde_json::to_string(documents)?).map_err(Error::file("write", &path))
}

fn read_documents() -> Result<Files, Error> {
    let path = documents_file();
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    Ok(serde_json::from_str(&text)?)
}
