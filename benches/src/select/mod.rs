//! `cargo check` of a crate of selections, with the SDK's derive and with those of its peers. All sides
//! have the same structs with the same fields.

mod model;
mod ours;
mod peers;

use crate::error::Error;
use crate::pairs::Pairs;
use crate::run::Run;
use crate::scratch::{Project, prepare};
use crate::table::{Row, Unit};
use crate::{peer_serde, sdl};
use model::{FIELDS, PACKAGE, SELECTIONS, Selection, Value};

pub(crate) fn serde(run: &Run<'_>) -> Result<Row, Error> {
    let selections = model::selections(&model::schema()?);
    let peer = Project::to_check("select-serde", peers::serde(&selections))?;
    let pairs = compare(run, &selections, &peer, "src/lib.rs")?;
    Ok(run.row(pairs, Unit::Seconds).target(0.30).note(extent(&selections)).note(
        "the peer only derives `Deserialize` and checks nothing; its custom scalars and enums are `String`",
    ))
}

pub(crate) fn cynic(run: &Run<'_>) -> Result<Row, Error> {
    let schema_model = model::schema()?;
    let selections = model::selections(&schema_model);
    let sdl = sdl::print(schema_model.clone());
    let peer = Project::to_check("select-cynic", peers::cynic(&selections, &schema_model, sdl))?;
    let pairs = compare(run, &selections, &peer, "user/src/lib.rs")?;
    Ok(run.row(pairs, Unit::Seconds)
        .target(0.25)
        .note(extent(&selections))
        .note("the peer's schema module is a crate built before, with `rkyv`; its custom scalars and enums are newtypes of `String`"))
}

/// Measures seconds of `cargo check` after a change in the user's crate.
fn compare(run: &Run<'_>, selections: &[Selection], peer: &Project, changed: &str) -> Result<Pairs, Error> {
    let ours = Project::to_check("select", ours::package(selections, &peer_serde::model::read()?)?)?;
    prepare(run, [(&ours, PACKAGE), (peer, PACKAGE)])?;
    run.measure(7, || ours.recompile(PACKAGE, "src/lib.rs"), || peer.recompile(PACKAGE, changed))
}

fn extent(selections: &[Selection]) -> String {
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
