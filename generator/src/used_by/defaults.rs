//! Marks of calls by the fields that they fetch without a selection of the user's own: a program that names none of
//! them fails with them all the same.

use super::marks::set;
use super::tag::{Condition, Tag};
use crate::diff::{Change, ChangeKind, Deployed};
use crate::ir::{Ir, Object, OutputField, Selection};
use std::collections::{BTreeMap, BTreeSet};

/// The changes of what a type fetches by default, with the types in it.
type OfType = BTreeMap<String, BTreeSet<usize>>;

/// Marks calls with the changes that a built program does not just work with.
pub(super) fn mark(ir: &mut Ir, changes: &[Change]) {
    let objects = ir.objects();
    let mut found: OfType =
        objects.values().map(|object| (object.graphql.clone(), own(object, changes))).collect();
    // Until the types within types bring nothing more.
    loop {
        let before = found.clone();
        for object in objects.values() {
            let inner = fetched(object).filter_map(|field| of(&field.selection, &before));
            let inner: BTreeSet<usize> = inner.flatten().copied().collect();
            found.entry(object.graphql.clone()).or_default().extend(inner);
        }
        if found == before {
            break;
        }
    }
    for call in ir.files.values_mut().flat_map(|file| &mut file.calls) {
        let of_call = of(&call.selection, &found).into_iter().flatten();
        let tags = of_call.map(|change| Tag::always(*change).when(Condition::Default));
        set(&mut call.doc.deprecation, tags.collect());
    }
}

fn of<'f>(selection: &Selection, found: &'f OfType) -> Option<&'f BTreeSet<usize>> {
    match selection {
        Selection::Object(name) => found.get(name),
        _ => None,
    }
}

/// The fields that an object fetches by default.
fn fetched(object: &Object) -> impl Iterator<Item = &OutputField> {
    object.fields.iter().filter(|field| field.section == "fields")
}

/// The changes of these fields, and of arguments that are not given there.
fn own(object: &Object, changes: &[Change]) -> BTreeSet<usize> {
    let is_fetched = |change: &Change| {
        let (path, argument) = change.path.split_once('(').unwrap_or((&change.path, ""));
        let is_omitted = matches!(
            change.kind,
            ChangeKind::ArgumentAdded | ChangeKind::ArgumentTypeChanged | ChangeKind::DefaultChanged
        );
        let mut fields = fetched(object);
        let name = path.strip_prefix(&object.graphql).and_then(|rest| rest.strip_prefix('.'));
        name.is_some_and(|name| fields.any(|field| field.graphql == name))
            && (argument.is_empty() || is_omitted)
    };
    let changes = changes.iter().enumerate();
    let failing = changes.filter(|(_, change)| change.deployed != Deployed::Works && is_fetched(change));
    failing.map(|(index, _)| index).collect()
}
