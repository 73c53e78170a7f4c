//! Field paths: the values that a filter or order name selects.
//!
//! Most names are fields of the record. Others follow a relation: `organizationName` is the `name` of the
//! `organization`, `serviceOwner` the `serviceOwner` of the `service`.

use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::{FieldKind, Model};
use crate::source::Item;
use crate::store::{Record, Store, items};

/// The names whose meaning does not follow from the schema, each as `Type.name`.
#[derive(Deserialize, Default)]
struct SpecialNames {
    /// The field paths.
    known: BTreeMap<String, Vec<String>>,
    /// By the reason of the refusal.
    refused: BTreeMap<String, Vec<String>>,
}

static NAMES: LazyLock<SpecialNames> =
    // The tests fail if the file does not parse.
    LazyLock::new(|| toml::from_str(include_str!("names.toml")).unwrap_or_default());

/// One or more paths, each a list of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Vec<String>>);

impl Path {
    /// Resolves `name` on records of `type_name`.
    ///
    /// # Errors
    /// The reason why the sandbox cannot.
    pub(crate) fn find(model: &Model, type_name: &str, name: &str) -> Result<Self, &'static str> {
        let full_name = format!("{type_name}.{name}");
        if let Some((reason, _)) = NAMES.refused.iter().find(|(_, names)| names.contains(&full_name)) {
            return Err(reason);
        }
        let one = |field: String| Self(vec![vec![field]]);
        own_field(model, type_name, name)
            .map(one)
            .or_else(|| {
                let paths = NAMES.known.get(&full_name)?.iter();
                let paths = paths.map(|path| path.split('.').map(str::to_owned).collect());
                let paths: Vec<_> = paths.filter(|path: &Vec<_>| exists(model, type_name, path)).collect();
                (!paths.is_empty()).then_some(Self(paths))
            })
            .or_else(|| through_relation(model, type_name, name))
            .or_else(|| {
                // `Organization.organizationRegion` is the organization's own `region`.
                let rest = name.strip_prefix(&lower_first(type_name))?;
                own_field(model, type_name, &lower_first(rest)).map(one)
            })
            .ok_or("no such field")
    }

    /// Whether the path ends at records of this type.
    pub(crate) fn leads_to(&self, model: &Model, type_name: &str, wanted: &str) -> bool {
        self.0.iter().any(|path| {
            let end =
                path.iter().try_fold(type_name, |owner, step| model.field(owner, step)?.kind.object_type());
            end == Some(wanted)
        })
    }

    /// The values at the end of the path, several if it contains a list. Relations are keys; nulls and empty
    /// strings are left out.
    pub(crate) fn values<'a>(&self, store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
        self.0.iter().flat_map(|path| follow(path, store, record)).collect()
    }
}

/// Whether the schema has all fields of a path, because a missing one would silently match nothing. Behind
/// an interface, one of its types must have the field.
fn exists(model: &Model, type_name: &str, path: &[String]) -> bool {
    let Some((step, rest)) = path.split_first() else { return true };
    let owners = std::iter::once(type_name).chain(model.possible_types(type_name));
    owners.filter_map(|owner| model.field(owner, step)).any(|field| match field.kind.object_type() {
        None => rest.is_empty(),
        Some(of) => exists(model, of, rest),
    })
}

fn follow<'a>(path: &[String], store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
    let Some((last, steps)) = path.split_last() else { return Vec::new() };
    let mut owners = vec![Item::Record(record)];
    for step in steps {
        let values = owners.iter().flat_map(|owner| field_values(owner, step));
        owners = values.filter_map(|value| item(store, &value)).collect();
    }
    owners.iter().flat_map(|owner| field_values(owner, last)).collect()
}

fn item<'a>(store: &'a Store, value: &Cow<'a, Value>) -> Option<Item<'a>> {
    match value {
        Cow::Borrowed(Value::Object(fields)) => Some(Item::Inline(fields)),
        other => store.get(other.as_str()?).map(Item::Record),
    }
}

fn field_values<'a>(item: &Item<'a>, field: &str) -> Vec<Cow<'a, Value>> {
    let fields = match item {
        Item::Record(record) if field == "id" => {
            return vec![Cow::Owned(Value::from(record.key.as_str()))];
        }
        Item::Record(record) => &record.fields,
        Item::Inline(fields) => fields,
    };
    let values = fields.get(field).map(items).unwrap_or_default().iter();
    values.filter(|value| !value.is_null() && value.as_str() != Some("")).map(Cow::Borrowed).collect()
}

fn own_field(model: &Model, type_name: &str, name: &str) -> Option<String> {
    if model.has_field(type_name, name) {
        return Some(name.to_owned());
    }
    plurals(name).into_iter().find(|plural| {
        let kind = model.field(type_name, plural).map(|field| &field.kind);
        matches!(kind, Some(FieldKind::Connection(_) | FieldKind::LeafList(_)))
    })
}

/// The possible plurals of a name.
pub(crate) fn plurals(name: &str) -> Vec<String> {
    let irregular = [("y", "ies"), ("person", "people")].into_iter();
    let irregular =
        irregular.filter_map(|(end, plural)| Some(format!("{}{plural}", name.strip_suffix(end)?)));
    [format!("{name}s"), format!("{name}es")].into_iter().chain(irregular).collect()
}

fn through_relation(model: &Model, type_name: &str, name: &str) -> Option<Path> {
    // The longest relation takes precedence: `serviceInstanceName` is not a field of `service`.
    let splits = (1..name.len()).rev().filter(|split| name.as_bytes()[*split].is_ascii_uppercase());
    splits.map(|split| name.split_at(split)).find_map(|(relation, rest)| {
        let FieldKind::One(target) = &model.field(type_name, relation)?.kind else { return None };
        let targets = model.possible_types(target);
        let is_known = |wanted: &String| targets.iter().any(|target| model.has_field(target, wanted));
        let wanted = [lower_first(rest), name.to_owned()].into_iter().find(is_known)?;
        Some(Path(vec![vec![relation.to_owned(), wanted]]))
    })
}

/// `TimeEntry` to `timeEntry`.
pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// `timeEntry` to `TimeEntry`.
pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Splits a camel-case name: `serviceInstance` to `service instance`.
pub(crate) fn words(name: &str, between: char) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            out.push(between);
        }
        after_lower = c.is_lowercase();
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use crate::value_lists;

    #[test]
    fn names_resolve_to_paths() {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.json")).unwrap();
        let model =
            Model::new(&crate::introspection::valid_schema(&schema).unwrap(), value_lists::KNOWN.clone());
        let paths = |owner, name| -> Vec<String> {
            let path = Path::find(&model, owner, name);
            path.into_iter().flat_map(|path| path.0).map(|path| path.join(".")).collect()
        };
        for (owner, name, path) in [
            ("Person", "name", "name"),
            ("Person", "organizationName", "organization.name"),
            ("Person", "team", "teams"),
            ("ConfigurationItem", "alternateName", "alternateNames"),
            ("Request", "serviceInstanceName", "serviceInstance.name"),
            ("ConfigurationItem", "serviceOwner", "service.serviceOwner"),
            ("Organization", "organizationRegion", "region"),
        ] {
            assert_eq!(paths(owner, name), [path], "{owner}.{name}");
        }
        assert_eq!(NAMES.known.values().flatten().count(), 95);
        for (key, known) in &NAMES.known {
            let (owner, name) = key.split_once('.').unwrap();
            assert!(known.iter().all(|path| paths(owner, name).contains(path)), "{key}");
        }
        assert!(paths("Request", "mentioningMe").is_empty());
    }
}
