//! Compile time of the macros that describe the schema to `#[derive(Select)]`.

use crate::error::Error;
use crate::files::{Sources, root, rust_files};
use crate::run::Run;
use crate::scratch::{Project, manifest, prepare};
use crate::table::{Row, Unit};
use toml::{Table, Value};

/// Seconds that the macros may add.
const TARGET: f64 = 0.3;

/// The line that makes a declaration define such a macro.
const MACRO: &str = "    macro $__select_";

pub(crate) fn compare(run: &Run<'_>) -> Result<Row, Error> {
    run.prepare("copying the SDK");
    let sources = sdk()?;
    let (without, macros) = without_macros(&sources)?;
    let ours = Project::to_check("sdk", sources)?;
    let peer = Project::to_check("sdk-without-macros", without)?;
    prepare(run, [(&ours, "xurrent"), (&peer, "xurrent")])?;
    let check = |side: &Project| side.recompile("xurrent", "src/lib.rs");
    let pairs = run.measure(7, || check(&ours), || check(&peer))?;
    let more = pairs.ours - pairs.peer;
    let target = 1.0 + TARGET / pairs.peer;
    Ok(run.row(pairs, Unit::Seconds).target(target).note(format!(
        "`cargo check` of the SDK with and without {macros} macros: {more:+.3} s, of {TARGET} s allowed"
    )))
}

/// The crate `xurrent` as a workspace of its own, with the inherited settings of this one.
fn sdk() -> Result<Sources, Error> {
    let folder = root().join("sdk");
    let mut sources = rust_files(&folder.join("src"), &folder)?;
    // The guides that are included stay where they are.
    let folders = root().to_string_lossy().replace('\\', "/");
    for text in sources.values_mut() {
        *text = text.replace("include_str!(\"..", &format!("include_str!(\"{folders}/sdk"));
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

/// The sources without the macros, and the number of macros.
fn without_macros(sources: &Sources) -> Result<(Sources, usize), Error> {
    let mut macros = 0;
    let mut without = sources.clone();
    for text in without.values_mut() {
        let lines = text.split_inclusive('\n').count();
        *text = text.split_inclusive('\n').filter(|line| !line.starts_with(MACRO)).collect();
        macros += lines - text.split_inclusive('\n').count();
    }
    if macros == 0 {
        return Err("the declarations in sdk/src/generated define no macros for selections".into());
    }
    Ok((without, macros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_macros_are_left_out() -> Result<(), Error> {
        let file = |text: &str| Sources::from([("src/a.rs".to_owned(), text.to_owned())]);
        let text = format!("rt::object! {{\n    A\n{MACRO}A\n}}\nrt::object! {{\n{MACRO}B\n}}\n");
        let (without, macros) = without_macros(&file(&text))?;
        assert_eq!(without["src/a.rs"], "rt::object! {\n    A\n}\nrt::object! {\n}\n");
        assert_eq!(macros, 2);
        assert!(without_macros(&without).is_err());
        Ok(())
    }

    #[test]
    fn the_copy_of_the_sdk_has_all_macros() -> Result<(), Error> {
        let sources = sdk()?;
        let all: usize = sources.values().map(|text| text.matches("macro $__select").count()).sum();
        let (_, macros) = without_macros(&sources)?;
        assert!(macros > 1);
        assert_eq!(macros, all);
        assert!(sources.contains_key("src/generated/mod.rs") && sources.contains_key("src/lib.rs"));
        assert!(sources.values().all(|text| !text.contains("include_str!(\"..")));
        Ok(())
    }
}
