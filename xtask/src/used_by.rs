//! `--used-by` of `cargo xtask diff` and `preflight`: where a crate meets what changed.

use crate::error::Error;
use crate::workspace::root;
use std::path::{Path, PathBuf};
use xurrent_generator::command::{Sdk, Version, spinner};
use xurrent_generator::diff::Diff;
use xurrent_generator::used_by::Uses;

/// The uses of changes in the crate at `path`.
pub(crate) fn uses(old: &Version, new: &Version, diff: &Diff, path: &Path) -> Result<Uses, Error> {
    let (old, new) = (old.generator()?, new.generator()?);
    let progress = spinner("Checking the crate with both schemas (takes minutes the first time)");
    let (marked, new) = (old.rust_marked(&new, diff), new.rust());
    let uses = sdk().uses((&marked, Some(&new)), diff, path)?;
    drop(progress);
    Ok(uses)
}

/// The uses of changes in programs of the crate at `path` that are already built.
pub(crate) fn deployed(old: &Version, new: &Version, diff: &Diff, path: &Path) -> Result<Uses, Error> {
    let (old, new) = (old.generator()?, new.generator()?);
    let progress = spinner("Checking the crate with the old schema (takes minutes the first time)");
    let uses = sdk().uses((&old.rust_marked_for_deployed(&new, diff), None), diff, path)?;
    drop(progress);
    Ok(uses)
}

fn sdk() -> Sdk {
    Sdk {
        folder: root().join("sdk"),
        modules: PathBuf::from("src/generated"),
        cache: target().join("used-by"),
    }
}

/// The folder of builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
