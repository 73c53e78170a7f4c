//! `cargo check` of a crate of selections, with the SDK's derive and with those of its peers. All sides
//! have the same structs with the same fields.

mod model;
mod ours;
mod peers;

use crate::error::Error;
use crate::files::Sources;
use crate::run::Run;
use crate::scratch::{Project, prepare};
use crate::table::{Row, Unit};
use crate::{peer_serde, sdl};
use model::{FIELDS, PACKAGE, Selection, Value};
use std::sync::atomic::{AtomicU32, Ordering};

/// What is checked.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// 200 structs, of which the compiler has kept nothing.
    All,
    /// 50 structs, after the change of a line beside them.
    Edit,
}

/// The other side, with the file that has its structs, and the target of a check of all of them.
struct Peer {
    side: &'static str,
    sources: Sources,
    structs: &'static str,
    target: f64,
}

pub(crate) fn serde(run: &Run<'_>, check: Check) -> Result<Row, Error> {
    let selections = model::selections(&model::schema()?, check.selections());
    let sources = peers::serde(&selections);
    let peer = Peer { side: "-serde", sources, structs: "src/lib.rs", target: 0.30 };
    Ok(compare(run, check, &selections, peer)?.note(
        "the peer only derives `Deserialize` and checks nothing; its custom scalars and enums are `String`",
    ))
}

pub(crate) fn cynic(run: &Run<'_>, check: Check) -> Result<Row, Error> {
    let schema_model = model::schema()?;
    let selections = model::selections(&schema_model, check.selections());
    let sdl = sdl::print(schema_model.clone());
    let sources = peers::cynic(&selections, &schema_model, sdl);
    let peer = Peer { side: "-cynic", sources, structs: "user/src/lib.rs", target: 0.25 };
    Ok(compare(run, check, &selections, peer)?.note("the peer's schema module is a crate built before, with `rkyv`; its custom scalars and enums are newtypes of `String`"))
}

/// Measures seconds of `cargo check` after a change in the user's crate.
fn compare(run: &Run<'_>, check: Check, selections: &[Selection], peer: Peer) -> Result<Row, Error> {
    let Peer { side, sources, structs, target } = peer;
    let peer = check.project(side, sources, structs)?;
    let ours = ours::package(selections, &peer_serde::model::read()?)?;
    let ours = check.project("", ours, "src/lib.rs")?;
    prepare(run, [(&ours, PACKAGE), (&peer, PACKAGE)])?;
    let pairs = run.measure(7, || check.seconds(&ours, "src/lib.rs"), || check.seconds(&peer, structs))?;
    let row = run.row(pairs, Unit::Seconds).note(extent(selections));
    Ok(if let Check::All = check { row.target(target) } else { row })
}

/// The last line of a crate that is edited.
fn revision(number: u32) -> String {
    format!("pub fn revision() -> u32 {{ {number} }}")
}

impl Check {
    fn selections(self) -> usize {
        match self {
            Self::All => 200,
            Self::Edit => 50,
        }
    }

    /// Writes a project whose structs are in the file `structs`.
    fn project(self, side: &str, mut sources: Sources, structs: &str) -> Result<Project, Error> {
        match self {
            Self::All => Project::to_check(&format!("select{side}"), sources),
            Self::Edit => {
                let add = |source: &mut String| *source += &format!("\n{}\n", revision(0));
                sources.entry(structs.to_owned()).and_modify(add);
                Project::to_edit(&format!("edit{side}"), sources)
            }
        }
    }

    fn seconds(self, project: &Project, changed: &str) -> Result<f64, Error> {
        static REVISION: AtomicU32 = AtomicU32::new(1);
        match self {
            Self::All => project.recompile(PACKAGE, changed),
            Self::Edit => project.edit(PACKAGE, changed, &revision(REVISION.fetch_add(1, Ordering::Relaxed))),
        }
    }
}

fn extent(selections: &[Selection]) -> String {
    let count = |wanted: fn(&Value) -> bool| {
        selections.iter().flat_map(|it| &it.fields).filter(|field| wanted(&field.value)).count()
    };
    let objects = count(|value| matches!(value, Value::Object(_)));
    let connections = count(|value| matches!(value, Value::Connection { .. }));
    format!(
        "`cargo check` of {} structs of {FIELDS} fields each, {objects} of them nested objects and \
         {connections} nested connections",
        selections.len()
    )
}
