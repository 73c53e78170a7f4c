//! Names of a new schema that collide in Rust.

use super::change::{Change, ChangeKind, Deployed, Severity};
use crate::{Config, Error, Generator, Schema};
use std::collections::BTreeSet;

/// More collisions than in any schema that a person can resolve.
const MOST: usize = 1000;

/// The generator of a new schema, and the collisions in it. Other names stand for those that collide.
pub(super) fn generator(
    old: &Generator,
    schema: &Schema,
    config: &Config,
) -> Result<(Generator, Vec<Change>), Error> {
    let known: BTreeSet<String> = old.names().into_values().collect();
    let mut config = config.clone();
    let mut changes = Vec::new();
    loop {
        match Generator::from_schema(schema, &config) {
            Ok(generator) => return Ok((generator, changes)),
            Err(Error::Collision { first, second, name }) if changes.len() < MOST => {
                let newer = if known.contains(&second) { &first } else { &second };
                let other = format!("{name}{}", changes.len() + 2);
                if config.renames.insert(newer.clone(), other.clone()).is_some() {
                    return Err(Error::Collision { first, second, name });
                }
                changes.push(change(&first, &second, &name, newer, &other));
            }
            Err(error) => return Err(error),
        }
    }
}

fn change(first: &str, second: &str, name: &str, newer: &str, other: &str) -> Change {
    Change {
        record: newer.split('.').next().unwrap_or(newer).to_owned(),
        kind: ChangeKind::NameCollision,
        path: newer.to_owned(),
        rust: vec![name.to_owned()],
        severity: Severity::Breaking,
        deployed: Deployed::Works,
        summary: format!("`{first}` and `{second}` both become `{name}` in Rust"),
        reason: "the generator refuses the schema, so that no name comes to mean another one".to_owned(),
        instead: Some(format!("`{newer:?} = {other:?}` under [renames] in the configuration")),
    }
}
