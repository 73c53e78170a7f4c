//! Compile time of the macros that describe the schema to `#[derive(Select)]`.

use crate::error::Error;
use crate::peer_serde::model::folder;
use crate::run::{Run, root};
use crate::scratch::{Project, Sources, manifest, rust_files};
use crate::table::{Row, Unit};
use std::fs;
use toml::{Table, Value};

/// Seconds that the macros may add.
const TARGET: f64 = 0.3;

/// Begin and end of such a macro in the generated source.
const BEGIN: &str = "#[doc(hidden)]\n#[macro_export]\nmacro_rules! __select";
const END: &str = "\n}\n";

/// `check-sdk-macros`.
pub(crate) fn compare(run: &Run) -> Result<Row, Error> {
    let name = "check-sdk-macros";
    run.progress.prepare(name, "copying the SDK");
    let sources = sdk()?;
    let (without, macros, bytes) = without_macros(&sources)?;
    let ours = Project::to_check("sdk", sources)?;
    let peer = Project::to_check("sdk-without-macros", without)?;
    run.progress.prepare(name, "building the dependencies of both sides");
    ours.prepare("xurrent")?;
    peer.prepare("xurrent")?;
    let pairs = run.measure(
        name,
        7,
        || ours.recompile("xurrent", "src/lib.rs"),
        || peer.recompile("xurrent", "src/lib.rs"),
    )?;
    let more = pairs.ours() - pairs.peer();
    let target = 1.0 + TARGET / pairs.peer();
    Ok(Row::new(name, pairs, Unit::Seconds).target(target).note(format!(
        "`cargo check` of the SDK with and without {macros} macros of {bytes} bytes: {more:+.3} s, of {TARGET} s allowed"
    )))
}

/// The crate `xurrent` as a workspace of its own, with the inherited settings of this one.
fn sdk() -> Result<Sources, Error> {
    let folder = root().join("sdk");
    let mut sources = Sources::new();
    for path in rust_files(&folder.join("src"))? {
        let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        sources.insert(name, text);
    }
    let mut package = manifest("sdk/Cargo.toml")?;
    package.remove("dev-dependencies");
    let mut workspace = manifest("Cargo.toml")?;
    if let Some(Value::Table(mut workspace)) = workspace.remove("workspace") {
        workspace.remove("members");
        workspace.remove("default-members");
        if let Some(Value::Table(dependencies)) = workspace.get_mut("dependencies") {
            make_absolute(dependencies);
        }
        package.insert("workspace".to_owned(), Value::Table(workspace));
    }
    sources.insert("Cargo.toml".to_owned(), package.to_string());
    Ok(sources)
}

fn make_absolute(dependencies: &mut Table) {
    for (_, dependency) in dependencies.iter_mut() {
        if let Some(Value::String(path)) = dependency.get_mut("path") {
            *path = root().join(&*path).to_string_lossy().into_owned();
        }
    }
}

/// The sources without the macros, and the number and bytes of the macros.
fn without_macros(sources: &Sources) -> Result<(Sources, usize, usize), Error> {
    let (mut macros, mut bytes) = (0, 0);
    let mut without = Sources::new();
    for (path, text) in sources {
        let mut kept = String::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once(BEGIN) {
            let (body, after) = behind.split_once(END).unwrap_or((behind, ""));
            kept.push_str(before);
            macros += 1;
            bytes += BEGIN.len() + body.len() + END.len();
            rest = after;
        }
        kept.push_str(rest);
        without.insert(path.clone(), kept);
    }
    let left = without.values().any(|text| text.contains("macro_rules! __select"));
    if macros == 0 || left {
        let message = "the macros of the selections have changed their form".to_owned();
        return Err(Error::Source { file: folder(), message });
    }
    Ok((without, macros, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_macros_are_left_out() -> Result<(), Error> {
        let file = |text: &str| Sources::from([("src/a.rs".to_owned(), text.to_owned())]);
        let text = format!("struct A;\n{BEGIN}_A {{\n    () => {{}};\n}}\nstruct B;\n{BEGIN}_B {{\n}}\n");
        let (without, macros, bytes) = without_macros(&file(&text))?;
        assert_eq!(without["src/a.rs"], "struct A;\nstruct B;\n");
        assert_eq!((macros, bytes), (2, text.len() - without["src/a.rs"].len()));
        assert!(without_macros(&without).is_err());
        assert!(without_macros(&file("macro_rules! __select {\n}\n")).is_err());
        Ok(())
    }

    #[test]
    fn the_copy_of_the_sdk_has_all_macros() -> Result<(), Error> {
        let sources = sdk()?;
        let all: usize = sources.values().map(|text| text.matches("macro_rules! __select").count()).sum();
        let (_, macros, _) = without_macros(&sources)?;
        assert!(macros > 1);
        assert_eq!(macros, all);
        assert!(sources.contains_key("src/generated/mod.rs") && sources.contains_key("src/rich_text/mod.rs"));
        Ok(())
    }
}
