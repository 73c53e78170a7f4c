//! Filters on custom fields, whose values have a syntax of their own.
//!
//! `~x` matches strings that contain `x`, `'~x` the string `~x`; `<5`, `>=5` and pairs such as `>=5<=9`
//! compare numbers and times; dates and timestamps allow one value, `>=a` or `>=a<b`. Null matches records
//! without a value.

use serde_json::Value;
use std::cmp::Ordering;

use crate::scalar::{self, Range};
use crate::store::{Record, items};

/// A filter on one custom field, by its id.
pub(super) struct CustomFilter {
    field: String,
    values: Vec<Value>,
    negate: bool,
}

type Operator = (&'static str, Range);

const OPERATORS: [Operator; 4] =
    [("<=", Ordering::is_le), (">=", Ordering::is_ge), ("<", Ordering::is_lt), (">", Ordering::is_gt)];

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
        let mut bounds = filter.values.iter().filter_map(|value| bounds(value.as_str()?)).flatten();
        if bounds.any(|(_, bound)| scalar::is_date_or_timestamp(bound)) && !filter.is_one_period() {
            return Err(format!(
                "the custom filter `{name}` is not valid: dates and timestamps allow one value, `>=a` or `>=a<b`, \
                 and no negation"
            ));
        }
        Ok(Some(filter))
    }

    fn is_one_period(&self) -> bool {
        let [Value::String(value)] = self.values.as_slice() else { return false };
        let signs: Vec<&str> = bounds(value).into_iter().flatten().map(|((sign, _), _)| sign).collect();
        !self.negate && matches!(signs[..], [">="] | [">=", "<"])
    }

    pub(super) fn accepts(&self, record: &Record) -> bool {
        let fields = record.list("customFields").iter().filter(|field| field["id"] == self.field);
        let stored: Vec<&Value> = fields
            .flat_map(|field| items(&field["value"]))
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
            .collect();
        let by_syntax = |wanted: &Value| stored.iter().any(|stored| matches(stored, wanted));
        (scalar::any_equal(&stored, &self.values) || self.values.iter().any(by_syntax)) != self.negate
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
    let holds = |((_, range), bound): (Operator, &str)| range(scalar::compare(stored, &Value::from(bound)));
    bounds(wanted).is_some_and(|bounds| bounds.into_iter().all(holds))
}

/// Parses one or two comparisons: `>=5<=9`.
fn bounds(text: &str) -> Option<Vec<(Operator, &str)>> {
    let (mut rest, mut bounds) = (text, Vec::new());
    while !rest.is_empty() {
        let operator = OPERATORS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
        let after = &rest[operator.0.len()..];
        let end = after.find(['<', '>']).unwrap_or(after.len());
        bounds.push((operator, after[..end].trim()));
        rest = &after[end..];
    }
    let is_valid = (1..=2).contains(&bounds.len()) && bounds.iter().all(|(_, bound)| !bound.is_empty());
    is_valid.then_some(bounds)
}
