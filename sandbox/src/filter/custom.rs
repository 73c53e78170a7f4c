//! Filters on custom fields, whose values have a syntax of their own.
//!
//! `~x` matches strings that contain `x`, `'~x` the string `~x`; `<5`, `>=5` and pairs such as `>=5<=9`
//! compare numbers and times; dates and timestamps allow one value, `>=a` or `>=a<b`. Null matches records
//! without a value.

use serde_json::Value;

use super::matching::{Range, any_wanted};
use crate::scalar;
use crate::store::Record;

/// A filter on one custom field, by its id.
#[derive(Debug)]
pub(super) struct CustomFilter {
    field: String,
    values: Vec<Value>,
    negate: bool,
}

const OPERATORS: [(&str, Range); 4] =
    [("<=", Range::LessOrEqual), (">=", Range::GreaterOrEqual), ("<", Range::Less), (">", Range::Greater)];

impl CustomFilter {
    /// Parses an entry of `customFilters`.
    ///
    /// # Errors
    /// If dates or timestamps are compared in a way that the server does not allow.
    pub(super) fn read(argument: &Value) -> Result<Option<Self>, String> {
        let (Some(name), Some(values)) = (argument["name"].as_str(), argument["values"].as_array()) else {
            return Ok(None);
        };
        let filter =
            Self { field: name.to_owned(), values: values.clone(), negate: argument["negate"] == true };
        let mut bounds = filter.values.iter().filter_map(|value| bounds(value.as_str()?));
        if bounds.any(|bounds| bounds.iter().any(|(_, bound)| scalar::is_date_or_timestamp(bound)))
            && !filter.is_one_period()
        {
            return Err(format!(
                "the custom filter `{name}` is not valid: dates and timestamps allow one value, `>=a` or `>=a<b`, \
                 and no negation"
            ));
        }
        Ok(Some(filter))
    }

    fn is_one_period(&self) -> bool {
        let [Value::String(value)] = self.values.as_slice() else { return false };
        let operators = bounds(value).unwrap_or_default();
        let operators: Vec<Range> = operators.into_iter().map(|(operator, _)| operator).collect();
        !self.negate
            && matches!(operators[..], [Range::GreaterOrEqual] | [Range::GreaterOrEqual, Range::Less])
    }

    pub(super) fn accepts(&self, record: &Record) -> bool {
        let stored: Vec<&Value> = values(record, &self.field).collect();
        let by_syntax = |wanted: &Value| stored.iter().any(|stored| matches(stored, wanted));
        (any_wanted(&stored, &self.values) || self.values.iter().any(by_syntax)) != self.negate
    }
}

fn matches(stored: &Value, wanted: &Value) -> bool {
    let Some(wanted) = wanted.as_str() else { return false };
    if let Some(part) = wanted.strip_prefix('~') {
        return stored.as_str().is_some_and(|stored| stored.contains(part));
    }
    if let Some(text) = wanted.strip_prefix('\'').filter(|text| text.starts_with('~')) {
        return stored.as_str() == Some(text);
    }
    bounds(wanted).is_some_and(|bounds| {
        bounds.iter().all(|(operator, bound)| operator.holds(stored, &Value::from(*bound)))
    })
}

/// Parses one or two comparisons: `>=5<=9`.
fn bounds(text: &str) -> Option<Vec<(Range, &str)>> {
    let (mut rest, mut bounds) = (text, Vec::new());
    while !rest.is_empty() {
        let (sign, operator) = OPERATORS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
        let after = &rest[sign.len()..];
        let end = after.find(['<', '>']).unwrap_or(after.len());
        bounds.push((operator, after[..end].trim()));
        rest = &after[end..];
    }
    let is_valid = (1..=2).contains(&bounds.len()) && bounds.iter().all(|(_, bound)| !bound.is_empty());
    is_valid.then_some(bounds)
}

fn values<'a>(record: &'a Record, id: &'a str) -> impl Iterator<Item = &'a Value> {
    let fields = record.list("customFields").iter();
    fields
        .filter(move |field| field.get("id").and_then(Value::as_str) == Some(id))
        .filter_map(|field| field.get("value"))
        .flat_map(|value| match value {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        })
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
}
