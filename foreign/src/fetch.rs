//! Fetches schemas from packages of registries, with the registries' own clients.

use crate::error::Error;
use crate::schemas::{Registry, Schema};
use crate::tools::{Folders, run, write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The file of a schema in the cache. It is fetched if it is not there.
pub(crate) fn fetch(folders: &Folders, schema: &Schema) -> Result<PathBuf, Error> {
    let package = folders.work.join("packages").join(schema.package.replace('/', "+"));
    let file = package.join(schema.file.trim_end_matches(".gz"));
    if file.exists() {
        return Ok(file);
    }
    let packed = match schema.from {
        Registry::Npm => npm(&package, schema)?,
        Registry::Cargo => cargo(folders, schema)?,
    };
    let text = match packed.extension().is_some_and(|extension| extension == "gz") {
        true => run(Command::new("gzip").args(["-dc"]).arg(&packed))?.stdout,
        false => fs::read(&packed).map_err(Error::file("read", &packed))?,
    };
    write(&file, text)?;
    Ok(file)
}

/// Unpacks a package of the npm registry below a folder, without its dependencies, and returns the file.
fn npm(package: &Path, schema: &Schema) -> Result<PathBuf, Error> {
    let folder = package.join("packed");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let packed = run(Command::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", &schema.package])
        .current_dir(&folder))?;
    let archive = String::from_utf8_lossy(&packed.stdout).trim().to_owned();
    run(Command::new("tar").args(["-xzf", &archive]).current_dir(&folder))?;
    found(folder.join("package").join(&schema.file), schema)
}

/// Has cargo fetch a crate into its own cache, and returns the file.
fn cargo(folders: &Folders, schema: &Schema) -> Result<PathBuf, Error> {
    // The description of a crate comes from the crate itself, so cargo unpacks it.
    run(folders.cargo(&folders.root).args(["info", "--quiet", &schema.package]))?;
    let home = env::home_dir().unwrap_or_default().join(".cargo");
    let sources = env::var_os("CARGO_HOME").map_or(home, PathBuf::from).join("registry/src");
    let crates = fs::read_dir(&sources).map_err(Error::file("list", &sources))?.flatten();
    let name = schema.package.replace('@', "-");
    let unpacked = crates.map(|registry| registry.path().join(&name)).find(|folder| folder.exists());
    found(unpacked.unwrap_or_default().join(&schema.file), schema)
}

fn found(file: PathBuf, schema: &Schema) -> Result<PathBuf, Error> {
    match file.is_file() {
        true => Ok(file),
        false => Err(Error::NoFile { package: schema.package.clone(), file: schema.file.clone() }),
    }
}
