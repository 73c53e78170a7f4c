//! `[environments.take]`: what is taken from one environment is removed from the other one.

use super::super::{Argument, Schema, Type};
use crate::{Config, Error};
use std::collections::BTreeSet;

/// The two schemas, each without what is taken from the other one.
pub(super) fn without_others(schemas: [&Schema; 2], config: &Config) -> Result<[Schema; 2], Error> {
    let names = &config.environments.names;
    let mut sides = schemas.map(Clone::clone);
    for side in [0, 1] {
        let other = &names[1 - side];
        let mut gone = BTreeSet::new();
        for (path, taken) in &config.environments.take {
            if !names.contains(taken) {
                return Err(Error::Config(format!(
                    "takes `{path}` from {taken:?}: expected {:?} or {:?}",
                    names[0], names[1]
                )));
            }
            if taken == other {
                gone.insert(path.as_str());
            }
        }
        let mut removal = Removal { gone, found: BTreeSet::new(), types: BTreeSet::new() };
        let schema = &mut sides[side];
        if let Some(root) = removal.gone.iter().find(|path| schema.is_root(path)) {
            return Err(Error::Config(format!(
                "takes `{root}` from {other}, a root type: take the fields that contradict each other, as `{root}.field`"
            )));
        }
        removal.run(schema);
        if let Some(path) = removal.gone.difference(&removal.found).next() {
            return Err(Error::Config(format!(
                "takes `{path}` from {other}, but {} does not have it: remove the line",
                names[side]
            )));
        }
    }
    Ok(sides)
}

/// What is removed from a schema.
struct Removal<'a> {
    /// Paths.
    gone: BTreeSet<&'a str>,
    /// The paths that the schema had.
    found: BTreeSet<&'a str>,
    /// Types that are gone, or cannot be used any more.
    types: BTreeSet<String>,
}

impl Removal<'_> {
    fn run(&mut self, schema: &mut Schema) {
        if self.gone.is_empty() {
            return;
        }
        let before = |removal: &Self| removal.types.len();
        let mut types = None;
        // An input without a required field cannot be used, nor what requires that input.
        while types != Some(before(self)) {
            types = Some(before(self));
            schema.types.retain_mut(|ty| self.keeps(ty));
        }
    }

    /// Whether something at this path is gone.
    fn has(&mut self, path: &str) -> bool {
        let found = self.gone.get(path).copied();
        self.found.extend(found);
        found.is_some()
    }

    /// Whether a type stays, without what is gone of it.
    fn keeps(&mut self, ty: &mut Type) -> bool {
        let owner = ty.name.clone();
        let mut is_usable = !self.has(&owner) && !self.types.contains(&owner);
        if let Some(fields) = &mut ty.input_fields {
            is_usable &= self.keeps_arguments(&owner, fields);
        }
        if let Some(fields) = &mut ty.fields {
            fields.retain_mut(|field| {
                let path = format!("{owner}.{}", field.name);
                let is_gone = self.has(&path) || self.types.contains(field.ty.name());
                !is_gone && self.keeps_arguments(&path, &mut field.arguments)
            });
        }
        if let Some(values) = &mut ty.enum_values {
            values.retain(|value| !self.has(&format!("{owner}.{}", value.name)));
        }
        for types in [&mut ty.interfaces, &mut ty.possible_types].into_iter().flatten() {
            types.retain(|member| !self.types.contains(member.name()));
        }
        if !is_usable {
            self.types.insert(owner);
        }
        is_usable
    }

    /// Removes arguments or fields of an input. Whether all that are required stay.
    fn keeps_arguments(&mut self, owner: &str, arguments: &mut Vec<Argument>) -> bool {
        let mut all_required = true;
        arguments.retain(|argument| {
            let path = format!("{owner}.{}", argument.name);
            let is_gone = self.has(&path) || self.types.contains(argument.ty.name());
            all_required &= !(is_gone && argument.is_required());
            !is_gone
        });
        all_required
    }
}
