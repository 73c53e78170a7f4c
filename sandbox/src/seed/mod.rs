//! The initial records of a sandbox.
//!
//! Every record type has a few records. Every field has a value on the first record and, if the schema
//! allows it, none on some other record. Nothing is random or depends on the clock, so two sandboxes with
//! the same schema have the same data. [`demo`] makes the most used types lifelike.

mod demo;
mod leaf;

use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::model::{Field, FieldKind, Model};
use crate::relation;
use crate::schema_evolution;
use crate::storage::content_hash;
use crate::store::{Fields, OWN_ACCOUNT, Store, fields, items, type_of};
use crate::webhook::WEBHOOK;

/// What a store has in the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeedSettings {
    /// Whether there are demo records, or only the account and the owner of the token.
    pub(crate) has_demo: bool,
    /// The least number of records by type; more than the demo records are generated.
    pub(crate) generated: BTreeMap<String, u64>,
}

impl Default for SeedSettings {
    fn default() -> Self {
        Self { has_demo: true, generated: BTreeMap::new() }
    }
}

/// Seeds the store of a schema. `account` is the id of the own account.
pub(crate) fn store(model: &Model, account: &str, settings: &SeedSettings) -> Store {
    let seeder = Seeder::new(model, account, settings);
    let mut store = Store::default();
    for (type_name, count) in &seeder.demo {
        for number in 1..=*count {
            store.insert(type_name, seeder.record(type_name, number));
        }
    }
    if settings.has_demo {
        assign_notes(model, &mut store);
    }
    for (type_name, count) in &seeder.all {
        // Notes of generated records may have taken numbers.
        while store.count(type_name) < usize::try_from(*count).unwrap_or(usize::MAX) {
            let number = store.count(type_name) as u64 + 1;
            let mut values = seeder.record(type_name, number);
            if has_notes(model, type_name) {
                let notes = (0..note_count(type_name, number))
                    .map(|_| store.insert_with("Note", |number| seeder.record("Note", number)));
                values.insert("notes".to_owned(), notes.collect());
            }
            store.insert(type_name, values);
        }
    }
    pair_relations(model, &mut store);
    store
}

/// Values for the leaf fields of a record that cannot be null.
pub(crate) fn required(model: &Model, type_name: &str, number: u64) -> Fields {
    let leaves = model.fields(type_name).filter(|(name, field)| field.non_null && *name != "id");
    let leaves = leaves.filter_map(|(name, field)| match &field.kind {
        FieldKind::Leaf(of) => {
            let value = leaf::value(model, of, type_name, name, number, spread(type_name, name));
            Some((name.to_owned(), value))
        }
        _ => None,
    });
    leaves.collect()
}

struct Seeder<'a> {
    model: &'a Model,
    account: &'a str,
    /// The numbers of demo records. They refer to each other only, so that they are the same beside
    /// generated ones.
    demo: BTreeMap<&'a str, u64>,
    /// The numbers of all records.
    all: BTreeMap<&'a str, u64>,
}

impl<'a> Seeder<'a> {
    fn new(model: &'a Model, account: &'a str, settings: &'a SeedSettings) -> Self {
        if !settings.has_demo {
            let demo =
                model.record_types().map(|name| (name, u64::from(matches!(name, "Account" | "Person"))));
            return Self::generating(model, account, demo.collect(), settings);
        }
        // Includes an archived and a trashed record.
        let default = |type_name| if model.has_field(type_name, "lifeCycleState") { 5 } else { 3 };
        let count = |type_name| (type_name, demo::count(type_name).unwrap_or_else(|| default(type_name)));
        let mut counts: BTreeMap<&str, u64> = model.record_types().map(count).collect();
        let with_notes = counts.iter().filter(|(type_name, _)| has_notes(model, type_name));
        let notes = with_notes.flat_map(|(type_name, count)| (1..=*count).map(|n| note_count(type_name, n)));
        let notes: u64 = notes.sum();
        if let Some(count) = counts.get_mut("Note") {
            *count = notes.max(3);
        }
        Self::generating(model, account, counts, settings)
    }

    fn generating(
        model: &'a Model,
        account: &'a str,
        demo: BTreeMap<&'a str, u64>,
        settings: &'a SeedSettings,
    ) -> Self {
        let mut all = demo.clone();
        for (type_name, count) in &settings.generated {
            all.entry(type_name).and_modify(|known| *known = (*known).max(*count));
        }
        Self { model, account, demo, all }
    }

    /// The numbers of records that a record may refer to.
    fn counts(&self, type_name: &str, number: u64) -> &BTreeMap<&'a str, u64> {
        let is_demo = self.demo.get(type_name).is_some_and(|count| number <= *count);
        if is_demo { &self.demo } else { &self.all }
    }

    fn record(&self, type_name: &str, number: u64) -> Fields {
        let mut values = self.fields(type_name, number, 0);
        let counts = self.counts(type_name, number);
        let people = counts.get("Person").copied().unwrap_or_default();
        let lifelike = demo::values(type_name, number, self.account, people).map(fields).unwrap_or_default();
        values.extend(lifelike.into_iter().filter(|(name, _)| self.model.has_field(type_name, name)));
        let exists = |key: &str| {
            let number = key.split_once('/').and_then(|(_, number)| number.parse::<u64>().ok());
            number.is_some_and(|number| counts.get(type_of(key)).is_some_and(|count| number <= *count))
        };
        // Lifelike values name records that are missing without the demo records.
        for (name, value) in &mut values {
            match self.model.field(type_name, name).map(|field| &field.kind) {
                Some(FieldKind::One(_)) if !value.as_str().is_some_and(exists) => *value = Value::Null,
                Some(FieldKind::Connection(_)) => {
                    if let Some(items) = value.as_array_mut() {
                        items.retain(|item| item.as_str().is_none_or(exists));
                    }
                }
                _ => {}
            }
        }
        values
    }

    fn fields(&self, type_name: &str, number: u64, depth: u8) -> Fields {
        // The id of a record is its key; inline objects have ids of their own.
        let fields = self.model.fields(type_name).filter(|(name, _)| *name != "id" || depth > 0);
        fields
            .filter(|(name, field)| is_present(type_name, name, field, number))
            .filter_map(|(name, field)| {
                Some((name.to_owned(), self.value(type_name, name, field, number, depth)?))
            })
            .collect()
    }

    fn value(&self, type_name: &str, name: &str, field: &Field, number: u64, depth: u8) -> Option<Value> {
        let spread = spread(type_name, name);
        match &field.kind {
            FieldKind::Leaf(of) => Some(leaf::value(self.model, of, type_name, name, number, spread)),
            FieldKind::LeafList(of) => {
                let one = |n| leaf::value(self.model, of, type_name, name, n, spread);
                Some(json!([one(number), one(number + 1)]))
            }
            // Some records belong to another account.
            FieldKind::One(_)
                if name == "account"
                    && self.demo.get("Account") > Some(&1)
                    && (number == 3 || number.is_multiple_of(20)) =>
            {
                Some(json!("Account/2"))
            }
            FieldKind::One(_) if name == "account" => Some(json!(OWN_ACCOUNT)),
            FieldKind::One(to) => self.key(type_name, to, number, spread).map(Value::from),
            // The limit guards against recursive types.
            FieldKind::Inline(of) if depth < 3 => Some(self.inline(of, number, depth)),
            FieldKind::Objects(of) if of == "CustomField" => Some(custom_fields(number)),
            FieldKind::Objects(of) if depth < 3 => {
                Some(Value::from(vec![self.inline(of, number, depth), self.inline(of, number + 1, depth)]))
            }
            FieldKind::Inline(_) | FieldKind::Objects(_) => None,
            // Assigned at the end, because a note has one owner.
            FieldKind::Connection(node) if node == "Note" => None,
            FieldKind::Connection(node) => Some(self.nodes(type_name, node, number, spread, depth)),
        }
    }

    fn inline(&self, type_name: &str, number: u64, depth: u8) -> Value {
        Value::Object(self.fields(type_name, number, depth + 1))
    }

    fn nodes(&self, owner: &str, node: &str, number: u64, spread: u64, depth: u8) -> Value {
        let length = if number == 1 { 2 } else { (spread + number) % 3 };
        (0..length)
            .filter_map(|step| {
                if self.model.possible_types(node).is_empty() {
                    return (depth < 3).then(|| self.inline(node, number + step, depth));
                }
                self.key(owner, node, number, spread + step).map(Value::from)
            })
            .collect()
    }

    /// The key of a record of type `to`. A record refers to an earlier one of its own type, so that parents and
    /// managers have no cycles.
    fn key(&self, owner: &str, to: &str, number: u64, spread: u64) -> Option<String> {
        let mut types = self.model.possible_types(to);
        types.retain(|name| *name != schema_evolution::RECORD || to == schema_evolution::RECORD);
        let index = usize::try_from(spread + number).ok()? % types.len().max(1);
        let target = *types.get(index)?;
        let counts = self.counts(owner, number);
        let chosen = (spread + number).checked_rem(*counts.get(target)?)? + 1;
        if target == owner && chosen >= number {
            return (number > 1).then(|| format!("{target}/{}", number - 1));
        }
        Some(format!("{target}/{chosen}"))
    }
}

fn is_present(type_name: &str, name: &str, field: &Field, number: u64) -> bool {
    let is_always_present = match name {
        // Records are distinguishable, and views, filters and names work.
        "account" | "createdAt" | "disabled" | "jwtAlg" | "lifeCycleState" | "name" | "primaryEmail"
        | "status" | "subject" | "updatedAt" => true,
        // Required by the create input.
        "event" | "uri" => type_name == WEBHOOK,
        _ => false,
    };
    if field.non_null || number == 1 || is_always_present {
        return true;
    }
    let spread = spread(type_name, name);
    match number {
        2 => spread % 2 == 1,
        3 => spread.is_multiple_of(2),
        _ => !(spread + number).is_multiple_of(4),
    }
}

/// A constant pseudo-random number of a field (FNV-1a).
fn spread(type_name: &str, name: &str) -> u64 {
    (content_hash(format!("{type_name}.{name}").as_bytes()) >> 16) % 9_973
}

fn custom_fields(number: u64) -> Value {
    json!([
        { "id": "cost_center", "value": format!("CC-{}", number % 7) },
        { "id": "approved", "value": number.is_multiple_of(2) },
        { "id": "budget", "value": leaf::amount(number) },
        { "id": "colors", "value": ["red", "green \"sea\""] },
        { "id": "remark", "value": null },
    ])
}

fn has_notes(model: &Model, type_name: &str) -> bool {
    let kind = model.field(type_name, "notes").map(|field| &field.kind);
    type_name != schema_evolution::RECORD && matches!(kind, Some(FieldKind::Connection(of)) if of == "Note")
}

/// The number of notes of a record. The first request has more than one page.
fn note_count(type_name: &str, number: u64) -> u64 {
    match (type_name, number) {
        ("Request", 1) => 130,
        ("Request", number) => number % 4,
        (_, 1) => 2,
        _ => 0,
    }
}

fn assign_notes(model: &Model, store: &mut Store) {
    let mut next = 1;
    for type_name in model.record_types().filter(|type_name| has_notes(model, type_name)) {
        for number in 1..=store.count(type_name) as u64 {
            let notes = next..next + note_count(type_name, number);
            next = notes.end;
            if let Some(fields) = store.fields_mut(&format!("{type_name}/{number}")) {
                fields.insert("notes".to_owned(), notes.map(|note| format!("Note/{note}")).collect());
            }
        }
    }
}

/// Makes both ends of each relation consistent: inverses of to-one fields are filled from them, inverse
/// connections are merged.
fn pair_relations(model: &Model, store: &mut Store) {
    let (mut links, mut mirrored) = (Vec::new(), Vec::new());
    for owner in model.record_types() {
        for (name, field) in model.fields(owner) {
            let (FieldKind::One(to) | FieldKind::Connection(to)) = &field.kind else { continue };
            for target in model.possible_types(to) {
                let Some(end) = relation::other_end(model, owner, name, target) else { continue };
                if matches!(field.kind, FieldKind::One(_)) {
                    mirrored.push((target, end));
                }
            }
            for record in store.records(owner) {
                let targets = record.fields.get(name).map(items).unwrap_or_default().iter();
                let targets = targets.filter_map(Value::as_str).map(str::to_owned);
                links.extend(targets.map(|target| (record.key.clone(), name, target)));
            }
        }
    }
    for (target, end) in mirrored {
        for number in 1..=store.count(target) as u64 {
            if let Some(fields) = store.fields_mut(&format!("{target}/{number}")) {
                fields.insert(end.to_owned(), json!([]));
            }
        }
    }
    relation::link_all(model, store, links);
}
