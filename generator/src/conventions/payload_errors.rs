//! Errors in the payload of a mutation.

use crate::Schema;
use crate::schema::{Argument, Field};

/// How a payload lists its errors: `errors`, a list of objects with `message` and `path`. The runtime
/// requests them itself.
pub(crate) struct PayloadErrors;

impl PayloadErrors {
    /// Whether a field of a payload is the list of its errors.
    pub(crate) fn is(&self, schema: &Schema, field: &Field) -> bool {
        let items = schema.fields(field.ty.name());
        let is_free = |field: &Field| !field.arguments.iter().any(Argument::is_required);
        let has = |name: &str, can_be_list: bool| {
            items.iter().any(|item| {
                let is_leaf = schema.kind(item.ty.name()).is_leaf();
                item.name == name && is_leaf && is_free(item) && (can_be_list || item.ty.item().is_none())
            })
        };
        field.name == "errors"
            && field.ty.item().is_some_and(|item| item.item().is_none())
            && is_free(field)
            && has("message", false)
            && has("path", true)
    }
}
