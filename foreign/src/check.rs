//! Compiles generated crates with warnings denied.

use crate::error::Error;
use crate::schemas::Schema;
use crate::tools::{Folders, failed, run, write};
use std::fs;
use std::time::{Duration, Instant};
use xurrent_generator::{Config, Generator, Package, Runtime};

/// A crate whose dependencies are those of all generated crates.
const SMALLEST: &str = "smallest";

/// Writes the scratch workspace, and compiles the dependencies that its crates share.
pub(crate) fn prepare(folders: &Folders, schemas: &[Schema]) -> Result<(), Error> {
    let folder = folders.crates();
    let names = schemas.iter().map(|schema| schema.name.as_str()).chain([SMALLEST]);
    let members: Vec<_> = names.collect();
    for name in &members {
        // Cargo reads the manifests of all members.
        let package = Package::new(format!("foreign-{name}"))
            .runtime(Runtime::Path(folders.root.join("sdk/runtime").to_string_lossy().into_owned()));
        let generator = Generator::new("type Query { ok: Boolean }", &Config::default())?;
        for (path, content) in &generator.package(&package)? {
            write(&folder.join(name).join(path), content)?;
        }
    }
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n\
         [profile.dev.package.\"*\"]\ndebug = false\n"
    );
    write(&folder.join("Cargo.toml"), manifest)?;
    let (lock, copy) = (folders.root.join("Cargo.lock"), folder.join("Cargo.lock"));
    fs::copy(&lock, copy).map_err(Error::file("copy", &lock))?;
    let smallest = format!("foreign-{SMALLEST}");
    run(folders.cargo(&folder).args(["check", "--quiet", "--all-targets", "--package", &smallest]))?;
    Ok(())
}

/// Compiles the crate of a schema, with its example, and returns how long that took.
///
/// # Errors
/// When it does not compile, or with a warning.
pub(crate) fn check(folders: &Folders, schema: &Schema) -> Result<Duration, Error> {
    let started = Instant::now();
    let mut command = folders.cargo(&folders.crates());
    command.args(["check", "--quiet", "--all-targets", "--package", &schema.package()]);
    let output = run(&mut command)?;
    let time = started.elapsed();
    // A quiet cargo prints nothing but errors and warnings.
    match output.stderr.is_empty() {
        true => Ok(time),
        false => Err(failed(&command, &output)),
    }
}
