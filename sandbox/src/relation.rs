//! Relations and their inverses.
//!
//! `Person.organization` and `Organization.people` are the two ends of one relation. The sandbox pairs
//! them where the schema allows only one choice, and keeps them consistent in the seed and after each
//! mutation.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::{FieldKind, Model};
use crate::store::{Record, Store, items, type_of};

/// The connection on `target` that is the other end of `owner`'s `field`, if there is exactly one
/// candidate: `field` must be the only field of `owner` that refers to `target`, and the connection the
/// only one on `target` with nodes of type `owner`.
pub(crate) fn other_end<'a>(model: &'a Model, owner: &str, field: &str, target: &str) -> Option<&'a str> {
    let kind = &model.field(owner, field)?.kind;
    let is_list = matches!(kind, FieldKind::Connection(_));
    let candidates = model
        .fields(owner)
        .filter(|(_, other)| match &other.kind {
            FieldKind::Connection(node) => node == target,
            // A to-one field beside a connection is another relation (`Team.manager`, `.members`).
            FieldKind::One(to) => !is_list && model.fits(to, target),
            _ => false,
        })
        .count();
    if candidates != 1 {
        return None;
    }
    let mut ends = model
        .fields(target)
        .filter(|(_, end)| matches!(&end.kind, FieldKind::Connection(node) if node == owner))
        .map(|(name, _)| name);
    let end = ends.next()?;
    ends.next().is_none().then_some(end)
}

/// Adds `owner` to the other end of its `field`, which now refers to `target`.
pub(crate) fn link(model: &Model, store: &mut Store, owner: &str, field: &str, target: &str) {
    if let Some(owners) = owners(model, store, owner, field, target)
        && !owners.iter().any(|item| item == owner)
    {
        owners.push(Value::from(owner));
    }
}

/// One end of a relation: the key of a record, its field, and the key that the field refers to.
pub(crate) type Link<'a> = (String, &'a str, String);

/// Does the same as [`link`] for any number of relations at once, in time linear in their number.
pub(crate) fn link_all(model: &Model, store: &mut Store, links: Vec<Link<'_>>) {
    let mut ends = HashMap::new();
    let mut added: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for (owner, field, target) in links {
        let types = (type_of(&owner).to_owned(), field, type_of(&target).to_owned());
        let end = ends
            .entry(types)
            .or_insert_with_key(|(owner, field, target)| other_end(model, owner, field, target));
        if let Some(end) = *end {
            added.entry((target, end)).or_default().push(owner);
        }
    }
    for ((target, end), owners) in added {
        let Some(list) = list_mut(store, &target, end) else { continue };
        let mut known: HashSet<String> =
            list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
        list.extend(owners.into_iter().filter(|owner| known.insert(owner.clone())).map(Value::from));
    }
}

/// Removes `owner` from the other end of its `field`, which no longer refers to `target`.
pub(crate) fn unlink(model: &Model, store: &mut Store, owner: &str, field: &str, target: &str) {
    if let Some(owners) = owners(model, store, owner, field, target) {
        owners.retain(|item| item != owner);
    }
}

/// The list at the other end of `field`.
fn owners<'a>(
    model: &Model,
    store: &'a mut Store,
    owner: &str,
    field: &str,
    target: &str,
) -> Option<&'a mut Vec<Value>> {
    let end = other_end(model, type_of(owner), field, type_of(target))?;
    list_mut(store, target, end)
}

/// The list of a record's field, which becomes one if it is none.
fn list_mut<'a>(store: &'a mut Store, key: &str, field: &str) -> Option<&'a mut Vec<Value>> {
    let list = store.fields_mut(key)?.entry(field).or_insert(Value::Null);
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    list.as_array_mut()
}

/// Removes all references to a removed record.
pub(crate) fn remove_references(model: &Model, store: &mut Store, removed: &str) {
    let removed_type = type_of(removed);
    for type_name in model.record_types() {
        let referring: Vec<&str> = model
            .fields(type_name)
            .filter(|(_, field)| match &field.kind {
                FieldKind::One(to) | FieldKind::Connection(to) | FieldKind::Objects(to) => {
                    model.fits(to, removed_type)
                }
                _ => false,
            })
            .map(|(name, _)| name)
            .collect();
        let is_removed = |value: &Value| value.as_str() == Some(removed);
        let refers = |record: &&Record| {
            let mut values = referring.iter().filter_map(|field| record.fields.get(*field));
            values.any(|value| items(value).iter().any(is_removed))
        };
        let changed: Vec<String> =
            store.records(type_name).filter(refers).map(|record| record.key.clone()).collect();
        for key in changed {
            let Some(fields) = store.fields_mut(&key) else { continue };
            for field in &referring {
                match fields.get_mut(*field) {
                    Some(Value::Array(items)) => items.retain(|item| !is_removed(item)),
                    Some(value) if is_removed(value) => *value = Value::Null,
                    _ => {}
                }
            }
        }
    }
}
