//! From the name of a filter or an order field to the values it speaks of.
//!
//! Most names are fields of the record. Others reach through a relation: `organizationName` is the
//! `name` of the `organization`, `serviceOwner` the `serviceOwner` of the `service`.

mod known;
mod refused;

use serde_json::Value;
use std::borrow::Cow;

use crate::model::{Kind, Model};
use crate::store::{Fields, Record, Store};
use known::KNOWN;
use refused::REFUSED;

/// The ways to follow, each field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Vec<String>>);

impl Path {
    /// Finds what `name` means on records of `type_name`, or `None` when the sandbox cannot tell.
    pub(crate) fn find(model: &Model, type_name: &str, name: &str) -> Option<Self> {
        if why_refused(type_name, name).is_some() {
            return None;
        }
        let one = |field: String| Self(vec![vec![field]]);
        own_field(model, type_name, name)
            .map(one)
            .or_else(|| {
                let ways: Vec<Vec<String>> = KNOWN
                    .iter()
                    .filter(|(owner, known, _)| *owner == type_name && *known == name)
                    .map(|(_, _, way)| way.split('.').map(str::to_owned).collect())
                    .filter(|way: &Vec<String>| exists(model, type_name, way))
                    .collect();
                (!ways.is_empty()).then_some(Self(ways))
            })
            .or_else(|| through_relation(model, type_name, name))
            .or_else(|| {
                // `Organization.organizationRegion` is the organization's own `region`.
                let rest = name.strip_prefix(&lower_first(type_name))?;
                own_field(model, type_name, &lower_first(rest)).map(one)
            })
    }

    /// Whether records of this type are at the end of the path.
    pub(crate) fn leads_to(&self, model: &Model, type_name: &str, wanted: &str) -> bool {
        self.0.iter().any(|way| {
            let end = way.iter().try_fold(type_name, |owner, step| match &model.field(owner, step)?.kind {
                Kind::One(of) | Kind::Inline(of) | Kind::Objects(of) | Kind::Connection(of) => {
                    Some(of.as_str())
                }
                Kind::Leaf(_) | Kind::LeafList(_) => None,
            });
            end == Some(wanted)
        })
    }

    /// The values at the end of the path; several when it runs through a list. Relations are given
    /// as keys, nulls and empty texts are left out.
    pub(crate) fn values<'a>(&self, store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
        self.0.iter().flat_map(|way| follow(way, store, record)).collect()
    }
}

/// Why the sandbox refuses to filter or order by a name, if it does so on purpose.
pub(crate) fn why_refused(type_name: &str, name: &str) -> Option<&'static str> {
    let refused = |entry: &&(&str, &str, &str)| entry.0 == type_name && entry.1 == name;
    REFUSED.iter().find(refused).map(|(_, _, reason)| *reason)
}

/// Whether the schema has all fields of a way. One it lacks would match nothing, silently. Behind
/// an interface it is enough when some type has the field.
fn exists(model: &Model, type_name: &str, way: &[String]) -> bool {
    let Some((step, rest)) = way.split_first() else {
        return true;
    };
    let own = std::iter::once(type_name).filter(|name| model.has_field(name, step));
    own.chain(model.possible_types(type_name)).any(|owner| {
        match model.field(owner, step).map(|field| &field.kind) {
            None => false,
            Some(Kind::Leaf(_) | Kind::LeafList(_)) => rest.is_empty(),
            Some(Kind::One(of) | Kind::Inline(of) | Kind::Objects(of) | Kind::Connection(of)) => {
                exists(model, of, rest)
            }
        }
    })
}

fn follow<'a>(way: &[String], store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
    let Some((last, steps)) = way.split_last() else {
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
            .is_some_and(|field| matches!(field.kind, Kind::Connection(_) | Kind::LeafList(_)))
    })
}

/// The names a list of `name` may have.
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
    // The longest relation wins: `serviceInstanceName` is not about `service`.
    for split in (1..name.len()).rev() {
        if !name.as_bytes()[split].is_ascii_uppercase() {
            continue;
        }
        let (relation, rest) = name.split_at(split);
        let Some(Kind::One(target)) = model.field(type_name, relation).map(|field| &field.kind) else {
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
    fn names_lead_to_fields() {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
        let model =
            Model::new(&crate::introspection::valid_schema(&schema).unwrap(), value_lists::KNOWN.clone());
        let ways = |owner, name| -> Vec<String> {
            let path = Path::find(&model, owner, name);
            path.into_iter().flat_map(|path| path.0).map(|way| way.join(".")).collect()
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
            assert_eq!(ways(owner, name), [path], "{owner}.{name}");
        }
        for (owner, name, path) in KNOWN {
            assert!(ways(owner, name).iter().any(|way| way == path), "{owner}.{name}");
        }
        assert!(ways("Request", "mentioningMe").is_empty());
    }

    /// Asks for every filter field, order field and view of the schema, and holds what is refused
    /// against the list in `refused.rs`.
    #[test]
    fn what_is_refused_is_exactly_the_list() {
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
                let answer = engine.execute(&serde_json::json!({ "query": query }));
                if let Some(message) = answer["errors"][0]["message"].as_str() {
                    let why = why_refused(node, name).unwrap_or("(no reason listed)");
                    assert!(message.ends_with(why) && why.len() > 10, "{query}: {message}");
                    refused.insert((node.to_owned(), name.to_owned()));
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
        let listed = REFUSED.iter().map(|(node, name, _)| ((*node).to_owned(), (*name).to_owned()));
        assert_eq!(refused, listed.collect());
        assert_eq!((filters, orders), (988, 54));
        assert!(views > 100, "{views}");
    }
}
