//! A user's crate full of selections, checked as it is while it is written: with the SDK's derive
//! and with those of its peers. All sides have the same structs with the same fields.

mod model;
mod ours;
mod peers;

use crate::failure::Failure;
use crate::pair::Pairs;
use crate::peer_serde;
use crate::run::Run;
use crate::scratch::{Project, Sources};
use crate::sdl;
use crate::table::{Row, Unit};
use heck::ToSnakeCase;
use model::{FIELDS, SELECTIONS, Value};
use xurrent_generator::schema::WrappedType;

/// The package, in all projects.
const PACKAGE: &str = "user";

/// Its manifest, up to its dependencies.
const MANIFEST: &str = r#"[package]
name = "user"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
"#;

/// `compile-select`.
pub(crate) fn serde(run: &Run) -> Result<Row, Failure> {
    let selections = model::selections(&model::schema()?);
    let peer = Project::to_check("select-serde", peers::serde(&selections))?;
    let pairs = compare("compile-select", run, &selections, &peer, "src/lib.rs")?;
    Ok(Row::new("compile-select", pairs, Unit::Seconds).target(1.0).note(extent(&selections)).note(
        "the peer only derives `Deserialize` and checks nothing; its custom scalars and enums are `String`",
    ))
}

/// `compile-select-cynic`.
pub(crate) fn cynic(run: &Run) -> Result<Row, Failure> {
    let schema = model::schema()?;
    let selections = model::selections(&schema);
    let sdl = sdl::print(&model::schema_json()?)?;
    let peer = Project::to_check("select-cynic", peers::cynic(&selections, &schema, sdl))?;
    let pairs = compare("compile-select-cynic", run, &selections, &peer, "user/src/lib.rs")?;
    Ok(Row::new("compile-select-cynic", pairs, Unit::Seconds)
        .target(0.25)
        .note(extent(&selections))
        .note("the peer's schema module is a crate that is built before, with `rkyv`; custom scalars and enums are newtypes of `String` there"))
}

/// Seconds of `cargo check` after a change in the user's crate.
fn compare(
    name: &'static str,
    run: &Run,
    selections: &[model::Selection],
    peer: &Project,
    changed: &str,
) -> Result<Pairs, Failure> {
    run.progress.prepare(name, "building what both stand on");
    let sources: Sources = ours::package(selections, &peer_serde::model::read()?)?;
    let ours = Project::to_check("select", sources)?;
    ours.prepare(PACKAGE)?;
    peer.prepare(PACKAGE)?;
    Pairs::measure(
        run.pairs(7),
        |tick| run.progress.step(name, tick),
        || ours.recompile(PACKAGE, "src/lib.rs"),
        || peer.recompile(PACKAGE, changed),
    )
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

/// `requested_for` of `requestedFor`.
fn rust_name(graphql: &str) -> String {
    graphql.to_snake_case()
}

/// `Option` and `Vec` around a type, as the schema has it.
fn wrapped(ty: &WrappedType, inner: &str) -> String {
    let whole = match ty.item() {
        Some(item) => format!("Vec<{}>", wrapped(item, inner)),
        None => inner.to_owned(),
    };
    if ty.is_nullable() { format!("Option<{whole}>") } else { whole }
}
