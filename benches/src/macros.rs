//! What the macros that describe the schema to `#[derive(Select)]` add to the SDK.

use crate::compile::rust_files;
use crate::failure::Failure;
use crate::pair::Pairs;
use crate::peer_serde::model::folder;
use crate::run::{Run, root};
use crate::scratch::{Project, Sources, manifest};
use crate::table::{Row, Unit};
use std::fs;
use toml::{Table, Value};

/// Seconds that the macros may add.
const TARGET: f64 = 0.3;

/// The line of a declaration that defines its macro.
const LINE: &str = "    macro $__select_";

/// `check-sdk-macros`.
pub(crate) fn compare(run: &Run) -> Result<Row, Failure> {
    let name = "check-sdk-macros";
    run.progress.prepare(name, "copying the SDK");
    let sources = sdk()?;
    let (without, macros, bytes) = without_macros(&sources)?;
    let ours = Project::to_check("sdk", sources)?;
    let peer = Project::to_check("sdk-without-macros", without)?;
    run.progress.prepare(name, "building what both stand on");
    ours.prepare("xurrent")?;
    peer.prepare("xurrent")?;
    let pairs = Pairs::measure(
        run.pairs(7),
        |tick| run.progress.step(name, tick),
        || ours.recompile("xurrent", "src/lib.rs"),
        || peer.recompile("xurrent", "src/lib.rs"),
    )?;
    let more = pairs.ours() - pairs.peer();
    let target = 1.0 + TARGET / pairs.peer();
    Ok(Row::new(name, pairs, Unit::Seconds).target(target).note(format!(
        "`cargo check` of the SDK with and without {macros} macros of {bytes} bytes: {more:+.3} s, of {TARGET} s allowed"
    )))
}

/// The crate `xurrent`, as a workspace of its own that inherits what it inherits here.
fn sdk() -> Result<Sources, Failure> {
    let folder = root().join("sdk");
    let mut sources = Sources::new();
    for path in rust_files(&folder.join("src"))? {
        let text = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
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

/// The same sources without the macros of types, how many there were, and how long their lines.
fn without_macros(sources: &Sources) -> Result<(Sources, usize, usize), Failure> {
    let (mut macros, mut bytes) = (0, 0);
    let mut without = Sources::new();
    for (path, text) in sources {
        let mut kept = String::new();
        for line in text.split_inclusive('\n') {
            if line.starts_with(LINE) {
                macros += 1;
                bytes += line.len();
            } else {
                kept.push_str(line);
            }
        }
        without.insert(path.clone(), kept);
    }
    if macros == 0 {
        let message = "the declarations do not define macros as they did".to_owned();
        return Err(Failure::Source { file: folder(), message });
    }
    Ok((without, macros, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_macros_are_left_out() -> Result<(), Failure> {
        let file = |text: &str| Sources::from([("src/a.rs".to_owned(), text.to_owned())]);
        let text = format!("rt::object! {{\n    A {{}}\n{LINE}A\n}}\nstruct B;\n");
        let (without, macros, bytes) = without_macros(&file(&text))?;
        assert_eq!(without["src/a.rs"], "rt::object! {\n    A {}\n}\nstruct B;\n");
        assert_eq!((macros, bytes), (1, text.len() - without["src/a.rs"].len()));
        assert!(without_macros(&without).is_err());
        Ok(())
    }

    #[test]
    fn the_copy_of_the_sdk_has_all_its_macros() -> Result<(), Failure> {
        let sources = sdk()?;
        let all: usize = sources.values().map(|text| text.matches("macro $__select_").count()).sum();
        let (_, macros, _) = without_macros(&sources)?;
        assert!(macros > 1);
        assert_eq!(macros, all);
        assert!(sources.contains_key("src/generated/mod.rs") && sources.contains_key("src/rich_text/mod.rs"));
        Ok(())
    }
}
