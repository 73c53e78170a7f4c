//! Generates a crate, as `cargo xtask generate` does.

use crate::error::Error;
use crate::schemas::Schema;
use crate::tools::{Folders, remove, write};
use peak_alloc::PeakAlloc;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use xurrent_generator::{Config, Generator, Package, Runtime, Summary};

/// Measures the memory of a generation.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A generated crate.
pub(crate) struct Generated {
    pub(crate) generator: Generator,
    pub(crate) summary: Summary,
    /// Lines of Rust.
    pub(crate) lines: usize,
    /// How many documents there are.
    pub(crate) documents: usize,
    /// How long it took, without reading and writing files.
    pub(crate) time: Duration,
    /// The most memory that it had at once, in MB.
    pub(crate) memory: f32,
}

/// Writes the crate of a schema to the scratch workspace, and its documents beside that.
pub(crate) fn generate(folders: &Folders, schema: &Schema, file: &Path) -> Result<Generated, Error> {
    let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
    let runtime = Runtime::Path(folders.root.join("sdk/runtime").to_string_lossy().into_owned());
    let package = Package::new(schema.package()).runtime(runtime);
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let started = Instant::now();
    let generator = Generator::new(&text, &Config::from_toml(&schema.config)?)?;
    let files = generator.package(&package)?;
    let time = started.elapsed();
    let memory = MEMORY.peak_usage_as_mb() - before;
    let folder = folders.crates().join(&schema.name);
    remove(&folder.join("src"))?;
    remove(&folder.join("examples"))?;
    for (path, content) in &files {
        write(&folder.join(path), content)?;
    }
    let documents = generator.documents();
    remove(&documents_folder(folders, schema))?;
    for (path, content) in &documents {
        write(&documents_folder(folders, schema).join(path), content)?;
    }
    let rust = files.iter().filter(|(path, _)| path.ends_with(".rs"));
    Ok(Generated {
        summary: generator.summary(),
        lines: rust.map(|(_, text)| text.lines().count()).sum(),
        documents: documents.len(),
        time,
        memory,
        generator,
    })
}

/// Where the documents of a schema are.
pub(crate) fn documents_folder(folders: &Folders, schema: &Schema) -> std::path::PathBuf {
    folders.work.join("documents").join(&schema.name)
}
