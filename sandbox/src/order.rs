//! The `order` argument of root connections.

use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

use crate::model::Model;
use crate::path::Path;
use crate::scalar;
use crate::store::{Record, Store};

/// Sorts records by the `order` argument. Records without a value are last in both directions; equal
/// records keep their order.
///
/// # Errors
/// A message if the sandbox cannot resolve an order field.
pub(crate) fn sort(
    model: &Model,
    store: &Store,
    type_name: &str,
    argument: Option<&Value>,
    records: &mut Vec<&Record>,
) -> Result<(), String> {
    let mut keys = Vec::new();
    for order in argument.and_then(Value::as_array).into_iter().flatten() {
        let field = order.get("field").and_then(Value::as_str).unwrap_or("id");
        let path = Path::find(model, type_name, field)
            .map_err(|reason| format!("the sandbox cannot order {type_name} by `{field}`: {reason}"))?;
        let descending = order.get("direction").and_then(Value::as_str) == Some("desc");
        keys.push((path, descending));
    }
    let row = |record| {
        let first =
            |(path, _): &(Path, bool)| path.values(store, record).into_iter().next().map(Cow::into_owned);
        (keys.iter().map(first).collect(), record)
    };
    let mut rows: Vec<(Vec<Option<Value>>, &Record)> = records.drain(..).map(row).collect();
    rows.sort_by(|(left, _), (right, _)| {
        let pairs = keys.iter().zip(left.iter().zip(right));
        let mut orders = pairs.map(|((_, descending), values)| match values {
            (Some(left), Some(right)) if *descending => scalar::compare(right, left),
            (Some(left), Some(right)) => scalar::compare(left, right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    records.extend(rows.into_iter().map(|(_, record)| record));
    Ok(())
}
