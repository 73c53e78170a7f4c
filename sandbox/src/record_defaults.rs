//! The values of a record that nobody has set: those of a new record.

use serde_json::json;

use crate::model::Model;
use crate::path::lower_first;
use crate::store::{Fields, ME, OWN_ACCOUNT, fields};

/// The values of a new record, for the fields that its type has.
pub(crate) fn values(model: &Model, type_name: &str, number: u64, now: &str) -> Fields {
    // `Request.requestId`, `Problem.problemId`: the number shown to users.
    let number_field = format!("{}Id", lower_first(type_name));
    let mut values = fields(json!({
        "account": OWN_ACCOUNT,
        "createdAt": now,
        "updatedAt": now,
        "createdBy": ME,
        "disabled": false,
        "lifeCycleState": "active",
        number_field: (70_000 + number).to_string(),
    }));
    if type_name == "Request" {
        values.extend(fields(json!({
            "status": "assigned",
            "category": "other",
            "requestedBy": ME,
            "requestedFor": ME,
        })));
    }
    values.retain(|name, _| model.has_field(type_name, name));
    values
}
