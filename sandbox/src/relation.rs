//! Relations seen from both ends.
//!
//! `Person.organization` and `Organization.people` tell the same fact. The sandbox pairs a field
//! with its other end where the schema leaves only one choice, and keeps the two in step, in the
//! seed and after each mutation.

use serde_json::Value;

use crate::model::{Kind, Model};
use crate::store::Store;

/// The connection on `target` that is the other end of `owner`'s `field`, if there is exactly one
/// candidate: `field` must be the only way from `owner` to `target`, and the connection the only
/// one on `target` that holds records of type `owner`.
pub(crate) fn other_end<'a>(model: &'a Model, owner: &str, field: &str, target: &'a str) -> Option<&'a str> {
    let kind = &model.field(owner, field)?.kind;
    let is_list = matches!(kind, Kind::Connection(_));
    let ways = model
        .fields(owner)
        .filter(|(_, other)| match &other.kind {
            Kind::Connection(node) => node == target,
            // A to-one field beside a connection tells another fact (`Team.manager`, `.members`).
            Kind::One(to) => !is_list && model.fits(to, target),
            _ => false,
        })
        .count();
    if ways != 1 {
        return None;
    }
    let mut ends = model
        .fields(target)
        .filter(|(_, end)| matches!(&end.kind, Kind::Connection(node) if node == owner))
        .map(|(name, _)| name);
    let end = ends.next()?;
    ends.next().is_none().then_some(end)
}

/// Makes `target` know of `owner` after `owner`'s `field` was pointed at it.
pub(crate) fn link(model: &Model, store: &mut Store, owner: &str, field: &str, target: &str) {
    change(model, store, owner, field, target, |items, key| {
        if !items.iter().any(|item| item.as_str() == Some(key)) {
            items.push(Value::from(key));
        }
    });
}

/// Makes `target` forget `owner` after `owner`'s `field` was pointed elsewhere.
pub(crate) fn unlink(model: &Model, store: &mut Store, owner: &str, field: &str, target: &str) {
    change(model, store, owner, field, target, |items, key| {
        items.retain(|item| item.as_str() != Some(key));
    });
}

fn change(
    model: &Model,
    store: &mut Store,
    owner: &str,
    field: &str,
    target: &str,
    edit: impl FnOnce(&mut Vec<Value>, &str),
) {
    let target_type = type_of(target);
    let Some(end) = other_end(model, type_of(owner), field, target_type) else {
        return;
    };
    let end = end.to_owned();
    if let Some(fields) = store.fields_mut(target) {
        let list = fields.entry(end).or_insert_with(|| Value::Array(Vec::new()));
        if !list.is_array() {
            *list = Value::Array(Vec::new());
        }
        if let Value::Array(items) = list {
            edit(items, owner);
        }
    }
}

/// Takes a removed record out of every field that pointed to it.
pub(crate) fn forget(model: &Model, store: &mut Store, removed: &str) {
    let removed_type = type_of(removed);
    for type_name in model.record_types() {
        let pointing: Vec<&str> = model
            .fields(type_name)
            .filter(|(_, field)| match &field.kind {
                Kind::One(to) | Kind::Connection(to) | Kind::Objects(to) => model.fits(to, removed_type),
                _ => false,
            })
            .map(|(name, _)| name)
            .collect();
        let touched: Vec<String> = store
            .records(type_name)
            .filter(|record| {
                pointing.iter().any(|field| match record.fields.get(*field) {
                    Some(Value::String(key)) => key == removed,
                    Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(removed)),
                    _ => false,
                })
            })
            .map(|record| record.key.clone())
            .collect();
        for key in touched {
            let Some(fields) = store.fields_mut(&key) else {
                continue;
            };
            for field in &pointing {
                match fields.get_mut(*field) {
                    Some(Value::Array(items)) => {
                        items.retain(|item| item.as_str() != Some(removed));
                    }
                    Some(value) if value.as_str() == Some(removed) => *value = Value::Null,
                    _ => {}
                }
            }
        }
    }
}

/// The type part of a key.
pub(crate) fn type_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(type_name, _)| type_name)
}
