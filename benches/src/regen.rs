//! Generation, from the schema's JSON to formatted Rust.

use crate::error::Error;
use crate::files::{read, root, schema, scratch, size, write};
use crate::peer_graphql_client;
use crate::process::this_program;
use crate::run::Run;
use crate::table::{Row, Unit};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;
use xurrent_generator::{Config, Generator};

/// One side of the comparison, in a process of its own, because the peer caches parsed schemas.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Side {
    Ours,
    GraphqlClient,
}

impl Side {
    /// Generates and discards the result.
    pub(crate) fn run(self) -> Result<(), Error> {
        let files = match self {
            Self::Ours => generator()?.rust(),
            Self::GraphqlClient => {
                let documents = serde_json::from_str(&read(&documents_file())?)?;
                peer_graphql_client::generate(&schema(), &documents)?
            }
        };
        black_box(files);
        Ok(())
    }

    fn measure(self) -> Result<f64, Error> {
        let started = Instant::now();
        this_program("--regen-side", &self)?;
        Ok(started.elapsed().as_secs_f64())
    }
}

pub(crate) fn compare(run: &Run<'_>) -> Result<Row, Error> {
    run.prepare("writing the documents");
    let generator = generator()?;
    let documents = peer_graphql_client::acceptable(&generator.documents());
    // For the peer's process.
    write(&documents_file(), &serde_json::to_string(&documents)?)?;
    let ours = size(&generator.rust());
    let peer = size(&peer_graphql_client::generate(&schema(), &documents)?);
    let pairs = run.measure(7, || Side::Ours.measure(), || Side::GraphqlClient.measure())?;
    let operations = documents.len();
    Ok(run
        .row(pairs, Unit::Seconds)
        .target(0.25)
        .note(format!("{operations} operations; ours writes {ours}; peer {peer}"))
        .note("each side in a process of its own, from reading schema.json to formatted text"))
}

pub(crate) fn generator() -> Result<Generator, Error> {
    let overrides = Config::from_toml(&read(&root().join("schema.overrides.toml"))?)?;
    Ok(Generator::new(&read(&schema())?, &overrides)?)
}

fn documents_file() -> PathBuf {
    scratch().join("documents.json")
}
