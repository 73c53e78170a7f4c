//! The `filter` argument of root connections.

mod custom;

use apollo_compiler::Schema;
use serde_json::Value;
use std::cmp::Ordering;

use crate::model::{Field, FieldKind, Model};
use crate::node_id;
use crate::path::Path;
use crate::scalar::{self, Range};
use crate::source::Source;
use crate::store::{Record, Store};
use crate::view;
use custom::CustomFilter;

/// A parsed filter: all conditions must hold.
#[derive(Default)]
pub(crate) struct Filter(Vec<Condition>);

enum Condition {
    /// A filter object: `values`, `negate` and ranges.
    Object {
        path: Path,
        values: Option<Vec<Value>>,
        ranges: Vec<(Range, Value)>,
        negate: bool,
    },
    /// A bare Boolean. A record without the value counts as `false`.
    Flag(Path, bool),
    /// A bare string: the value itself.
    Text(Path, String),
    /// Full-text search: the string fields of the record must contain every word.
    Query(Vec<String>),
    Custom(CustomFilter),
}

const RANGES: [(&str, Range); 4] = [
    ("lessThan", Ordering::is_lt),
    ("lessThanOrEqualTo", Ordering::is_le),
    ("greaterThan", Ordering::is_gt),
    ("greaterThanOrEqualTo", Ordering::is_ge),
];

impl Filter {
    /// Parses a filter argument.
    ///
    /// # Errors
    /// A message if the sandbox cannot resolve a filter field, because a guess would let a test pass that
    /// fails on the real server, or if the server would refuse a custom filter.
    pub(crate) fn read(
        schema: &Schema,
        source: Source<'_>,
        type_name: &str,
        input_type: &str,
        argument: &Value,
    ) -> Result<Self, String> {
        let Source { model, store, .. } = source;
        let mut filter = Self::default();
        let (Value::Object(fields), Some(input)) = (argument, schema.get_input_object(input_type)) else {
            return Ok(filter);
        };
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            match (name.as_str(), value) {
                ("query", Value::String(text)) => {
                    let words = text.split_whitespace().map(str::to_lowercase).collect();
                    filter.0.push(Condition::Query(words));
                }
                ("customFilters", Value::Array(customs)) => {
                    for custom in customs {
                        filter.0.extend(CustomFilter::read(custom)?.map(Condition::Custom));
                    }
                }
                _ => {
                    let path = Path::find(model, type_name, name).map_err(|reason| {
                        format!("the sandbox cannot filter {type_name} by `{name}`: {reason}")
                    })?;
                    let value_type = input.fields.get(name.as_str()).and_then(|field| {
                        let object = schema.get_input_object(field.ty.inner_named_type())?;
                        Some(object.fields.get("values")?.ty.inner_named_type().as_str())
                    });
                    // Ids are compared as store keys. A foreign id stays as it is and matches nothing, as on the
                    // real server.
                    let is_account = path.leads_to(model, type_name, "Account");
                    let is_id = is_account || value_type == Some("ID");
                    let wanted = |value: &Value| {
                        let id = value.as_str().filter(|_| is_id);
                        let account = id.filter(|_| is_account).and_then(|id| view::account(store, id));
                        account.or_else(|| node_id::decode(id?)).map_or_else(|| value.clone(), Value::from)
                    };
                    filter.0.push(condition(path, value, wanted));
                }
            }
        }
        Ok(filter)
    }

    pub(crate) fn accepts(&self, model: &Model, store: &Store, record: &Record) -> bool {
        self.0.iter().all(|condition| condition.holds(model, store, record))
    }
}

fn condition(path: Path, value: &Value, wanted: impl Fn(&Value) -> Value) -> Condition {
    match value {
        Value::Bool(wanted) => Condition::Flag(path, *wanted),
        Value::String(wanted) => Condition::Text(path, wanted.clone()),
        _ => {
            let values = value.get("values").and_then(Value::as_array);
            let values = values.map(|values| values.iter().map(wanted).collect());
            let ranges = RANGES.iter().filter_map(|(name, range)| {
                Some((*range, value.get(name).filter(|bound| !bound.is_null())?.clone()))
            });
            Condition::Object { path, values, ranges: ranges.collect(), negate: value["negate"] == true }
        }
    }
}

impl Condition {
    fn holds(&self, model: &Model, store: &Store, record: &Record) -> bool {
        match self {
            Self::Flag(path, wanted) => {
                let stored = path.values(store, record);
                stored.iter().any(|value| value.as_bool() == Some(true)) == *wanted
            }
            Self::Text(path, wanted) => {
                path.values(store, record).iter().any(|value| value.as_str() == Some(wanted))
            }
            Self::Query(words) => {
                let text = searchable(model, record);
                words.iter().all(|word| text.contains(word.as_str()))
            }
            Self::Custom(filter) => filter.accepts(record),
            Self::Object { path, values, ranges, negate } => {
                if values.is_none() && ranges.is_empty() {
                    return true;
                }
                let stored = path.values(store, record);
                let stored: Vec<&Value> = stored.iter().map(AsRef::as_ref).collect();
                let chosen = values.as_ref().is_none_or(|wanted| scalar::any_equal(&stored, wanted));
                let in_range = ranges.is_empty()
                    || stored.iter().any(|value| {
                        scalar::has_order(value)
                            && ranges.iter().all(|(range, bound)| range(scalar::compare(value, bound)))
                    });
                (chosen && in_range) != *negate
            }
        }
    }
}

fn searchable(model: &Model, record: &Record) -> String {
    let is_text = |field: &Field| field.kind == FieldKind::Leaf("String".to_owned());
    let names = model.fields(&record.type_name).filter(|(_, field)| is_text(field));
    let texts = names.filter_map(|(name, _)| record.text(name));
    texts.map(|text| text.to_lowercase() + "\n").collect()
}
