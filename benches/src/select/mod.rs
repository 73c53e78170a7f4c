//! `cargo check` of a crate of selections, with the SDK's derive and with those of its peers. All sides
//! have the same structs with the same fields.

mod model;
mod ours;
mod package;
mod peers;

use crate::error::Error;
use crate::pairs::Pairs;
use crate::run::Run;
use crate::scratch::{Project, Sources};
use crate::table::{Row, Unit};
use crate::{peer_serde, sdl};
use model::{FIELDS, SELECTIONS, Value};
use package::PACKAGE;

/// `compile-select`.
pub(crate) fn serde(run: &Run) -> Result<Row, Error> {
    let selections = model::selections(&model::schema()?);
    let peer = Project::to_check("select-serde", peers::serde(&selections))?;
    let pairs = compare("compile-select", run, &selections, &peer, "src/lib.rs")?;
    Ok(Row::new("compile-select", pairs, Unit::Seconds).target(1.0).note(extent(&selections)).note(
        "the peer only derives `Deserialize` and checks nothing; its custom scalars and enums are `String`",
    ))
}

/// `compile-select-cynic`.
pub(crate) fn cynic(run: &Run) -> Result<Row, Error> {
    let schema = model::schema()?;
    let selections = model::selections(&schema);
    let peers = peers::cynic(&selections, &schema, sdl::print(schema.clone()));
    let peer = Project::to_check("select-cynic", peers)?;
    let pairs = compare("compile-select-cynic", run, &selections, &peer, "user/src/lib.rs")?;
    Ok(Row::new("compile-select-cynic", pairs, Unit::Seconds)
        .target(0.25)
        .note(extent(&selections))
        .note("the peer's schema module is a crate built before, with `rkyv`; its custom scalars and enums are newtypes of `String`"))
}

/// Measures seconds of `cargo check` after a change in the user's crate.
fn compare(
    name: &'static str,
    run: &Run,
    selections: &[model::Selection],
    peer: &Project,
    changed: &str,
) -> Result<Pairs, Error> {
    run.progress.prepare(name, "building the dependencies of both sides");
    let sources: Sources = ours::package(selections, &peer_serde::model::read()?)?;
    let ours = Project::to_check("select", sources)?;
    ours.prepare(PACKAGE)?;
    peer.prepare(PACKAGE)?;
    run.measure(name, 7, || ours.recompile(PACKAGE, "src/lib.rs"), || peer.recompile(PACKAGE, changed))
}

fn extent(selections: &[model::Selection]) -> String {
    let count = |wanted: fn(&Value) -> bool| {
        selections.iter().flat_map(|it| &it.fields).filter(|field| wanted(&field.value)).count()
    };
    let objects = count(|value| matches!(value, Value::Object(_)));
    let connections = count(|value| matches!(value, Value::Connection { .. }));
    format!(
        "`cargo check` of {SELECTIONS} structs of {FIELDS} fields each, {objects} of them nested objects and \
         {connections} nested connections"
    )
}
