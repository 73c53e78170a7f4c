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
use crate::store::{Fields, Record, Store};

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
    /// Resolves `name` on records of `type_name`; `None` if the sandbox cannot.
    pub(crate) fn find(model: &Model, type_name: &str, name: &str) -> Option<Self> {
        if refusal_reason(type_name, name).is_some() {
            return None;
        }
        let one = |field: String| Self(vec![vec![field]]);
        own_field(model, type_name, name)
            .map(one)
            .or_else(|| {
                let paths: Vec<Vec<String>> = NAMES
                    .known
                    .get(&format!("{type_name}.{name}"))?
                    .iter()
                    .map(|path| path.split('.').map(str::to_owned).collect())
                    .filter(|path: &Vec<String>| exists(model, type_name, path))
                    .collect();
                (!paths.is_empty()).then_some(Self(paths))
            })
            .or_else(|| through_relation(model, type_name, name))
            .or_else(|| {
                // `Organization.organizationRegion` is the organization's own `region`.
                let rest = name.strip_prefix(&lower_first(type_name))?;
                own_field(model, type_name, &lower_first(rest)).map(one)
            })
    }

    /// Whether the path ends at records of this type.
    pub(crate) fn leads_to(&self, model: &Model, type_name: &str, wanted: &str) -> bool {
        self.0.iter().any(|path| {
            let end = path.iter().try_fold(type_name, |owner, step| match &model.field(owner, step)?.kind {
                FieldKind::One(of)
                | FieldKind::Inline(of)
                | FieldKind::Objects(of)
                | FieldKind::Connection(of) => Some(of.as_str()),
                FieldKind::Leaf(_) | FieldKind::LeafList(_) => None,
            });
            end == Some(wanted)
        })
    }

    /// The values at the end of the path, several if it contains a list. Relations are keys; nulls and empty
    /// strings are left out.
    pub(crate) fn values<'a>(&self, store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
        self.0.iter().flat_map(|path| follow(path, store, record)).collect()
    }
}

/// The reason why the sandbox refuses a filter or order name, if it does so on purpose.
pub(crate) fn refusal_reason(type_name: &str, name: &str) -> Option<&'static str> {
    let name = format!("{type_name}.{name}");
    NAMES.refused.iter().find(|(_, names)| names.contains(&name)).map(|(reason, _)| reason.as_str())
}

/// Whether the schema has all fields of a path, because a missing one would silently match nothing. Behind
/// an interface, one of its types must have the field.
fn exists(model: &Model, type_name: &str, path: &[String]) -> bool {
    let Some((step, rest)) = path.split_first() else {
        return true;
    };
    let own = std::iter::once(type_name).filter(|name| model.has_field(name, step));
    own.chain(model.possible_types(type_name)).any(|owner| {
        match model.field(owner, step).map(|field| &field.kind) {
            None => false,
            Some(FieldKind::Leaf(_) | FieldKind::LeafList(_)) => rest.is_empty(),
            Some(
                FieldKind::One(of)
                | FieldKind::Inline(of)
                | FieldKind::Objects(of)
                | FieldKind::Connection(of),
            ) => exists(model, of, rest),
        }
    })
}

fn follow<'a>(path: &[String], store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
    let Some((last, steps)) = path.split_last() else {
        return Vec::new();
    };
    let mut owners = vec![Owner::Record(record)];
    for step in steps {
        owners = owners
            .iter()
            .flat_map(|owner| owner.get(step))
            .filter_map(|value| Owner::of(store, &value))
            .collect();
    }
    owners.iter().flat_map(|owner| owner.get(last)).collect()
}

#[derive(Clone, Copy)]
enum Owner<'a> {
    Record(&'a Record),
    Inline(&'a Fields),
}

impl<'a> Owner<'a> {
    fn of(store: &'a Store, value: &Cow<'a, Value>) -> Option<Self> {
        match value {
            Cow::Borrowed(Value::Object(fields)) => Some(Self::Inline(fields)),
            other => store.get(other.as_str()?).map(Self::Record),
        }
    }

    fn get(&self, field: &str) -> Vec<Cow<'a, Value>> {
        let fields = match self {
            Self::Record(record) if field == "id" => {
                return vec![Cow::Owned(Value::from(record.key.as_str()))];
            }
            Self::Record(record) => &record.fields,
            Self::Inline(fields) => fields,
        };
        match fields.get(field) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().filter(|item| is_present(item)).map(Cow::Borrowed).collect()
            }
            Some(value) if is_present(value) => vec![Cow::Borrowed(value)],
            Some(_) => Vec::new(),
        }
    }
}

fn is_present(value: &Value) -> bool {
    !(value.is_null() || value.as_str() == Some(""))
}

fn own_field(model: &Model, type_name: &str, name: &str) -> Option<String> {
    if model.has_field(type_name, name) {
        return Some(name.to_owned());
    }
    plurals(name).into_iter().find(|plural| {
        model
            .field(type_name, plural)
            .is_some_and(|field| matches!(field.kind, FieldKind::Connection(_) | FieldKind::LeafList(_)))
    })
}

/// The possible plurals of a name.
pub(crate) fn plurals(name: &str) -> Vec<String> {
    let mut plurals = vec![format!("{name}s"), format!("{name}es")];
    if let Some(stem) = name.strip_suffix('y') {
        plurals.push(format!("{stem}ies"));
    }
    if let Some(stem) = name.strip_suffix("person") {
        plurals.push(format!("{stem}people"));
    }
    plurals
}

fn through_relation(model: &Model, type_name: &str, name: &str) -> Option<Path> {
    // The longest relation takes precedence: `serviceInstanceName` is not a field of `service`.
    for split in (1..name.len()).rev() {
        if !name.as_bytes()[split].is_ascii_uppercase() {
            continue;
        }
        let (relation, rest) = name.split_at(split);
        let Some(FieldKind::One(target)) = model.field(type_name, relation).map(|field| &field.kind) else {
            continue;
        };
        for wanted in [lower_first(rest), name.to_owned()] {
            let known =
                model.possible_types(target).into_iter().any(|target| model.has_field(target, &wanted));
            if known {
                return Some(Path(vec![vec![relation.to_owned(), wanted]]));
            }
        }
    }
    None
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use crate::value_lists;

    #[test]
    fn names_resolve_to_paths() {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
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

    /// Uses every filter field, order field and view of the schema, and compares the refused ones with
    /// `names.toml`.
    #[test]
    fn exactly_the_listed_names_are_refused() {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
        let engine = crate::Engine::new(&schema).unwrap();
        let schema = crate::introspection::valid_schema(&schema).unwrap();
        let model = Model::new(&schema, value_lists::KNOWN.clone());
        let (mut filters, mut orders, mut views) = (0, 0, 0);
        let mut refused = std::collections::BTreeSet::new();
        for (root, field) in &schema.get_object("Query").unwrap().fields {
            let Some(node) = model.node_type(field.ty.inner_named_type()) else {
                continue;
            };
            let mut ask = |argument: String, name: &str| {
                let query = format!("{{ {root}({argument}) {{ totalCount }} }}");
                let response = engine.execute(&serde_json::json!({ "query": query }));
                if let Some(message) = response["errors"][0]["message"].as_str() {
                    let reason = refusal_reason(node, name).unwrap_or("(no reason listed)");
                    assert!(message.ends_with(reason) && reason.len() > 10, "{query}: {message}");
                    refused.insert(format!("{node}.{name}"));
                }
            };
            for argument in &field.arguments {
                let of = argument.ty.inner_named_type().as_str();
                match argument.name.as_str() {
                    "filter" => {
                        for (name, input) in &schema.get_input_object(of).unwrap().fields {
                            let value = match input.ty.inner_named_type().as_str() {
                                "Boolean" => "true",
                                "String" => "\"x\"",
                                _ if input.ty.is_list() => "[]",
                                _ => "{ values: [], negate: true }",
                            };
                            ask(format!("filter: {{ {name}: {value} }}"), name);
                            filters += usize::from(!matches!(name.as_str(), "query" | "customFilters"));
                        }
                    }
                    "order" => {
                        for name in model.enum_values(&format!("{of}Field")).unwrap() {
                            ask(format!("order: [{{ field: {name} }}]"), name);
                        }
                        orders += 1;
                    }
                    "view" => {
                        for name in model.enum_values(of).unwrap() {
                            ask(format!("view: {name}"), name);
                            views += 1;
                        }
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(refused, NAMES.refused.values().flatten().cloned().collect());
        assert_eq!((filters, orders), (988, 54));
        assert!(views > 100, "{views}");
    }
}
