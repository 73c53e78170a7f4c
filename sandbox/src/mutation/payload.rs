//! What a mutation led to, and the payload that tells of it.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;
use std::sync::Arc;

use crate::data_object::{DataObject, Source};
use crate::model::Model;
use crate::relation;
use crate::store::{Fields, Store};

/// What a mutation led to. It keeps the store as it was right then, so that the payload shows
/// what this mutation did even when others follow.
pub(crate) struct Outcome {
    pub(crate) store: Arc<Store>,
    /// The record the mutation was about; none when it was refused.
    pub(crate) key: Option<String>,
    pub(crate) errors: Vec<Fields>,
    /// The configuration items a discovery found.
    pub(crate) discovered: Vec<String>,
    /// The record as only its creation shows it; empty for records that have no secrets.
    pub(crate) shown_once: Fields,
}

pub(crate) struct Payload<'a> {
    pub(crate) model: &'a Model,
    pub(crate) type_name: &'a str,
    pub(crate) outcome: Outcome,
    /// The records of a list in the payload; none while they are not yet known.
    pub(crate) items: Option<&'a [String]>,
    pub(crate) client_mutation_id: Option<Value>,
}

impl ObjectValue for Payload<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let source = Source { model: self.model, store: &self.outcome.store, pages: None };
        let definition = info.field_definition();
        let of: &str = definition.ty.inner_named_type();
        let record = move |key: &str| source.store.get(key).map(|record| DataObject::record(source, record));
        Ok(match info.field_name() {
            "clientMutationId" => ResolvedValue::leaf(self.client_mutation_id.clone().unwrap_or_default()),
            "errors" => ResolvedValue::list(
                self.outcome
                    .errors
                    .iter()
                    .map(move |error| ResolvedValue::object(DataObject::inline(source, of, error))),
            ),
            "success" => ResolvedValue::leaf(self.outcome.key.is_some()),
            _ if definition.ty.is_list() => match self.items {
                Some(items) => ResolvedValue::list(
                    items.iter().filter_map(move |key| record(key)).map(ResolvedValue::object),
                ),
                None => ResolvedValue::null(),
            },
            _ if self.model.is_record(of) => ResolvedValue::nullable_object(
                self.outcome
                    .key
                    .as_deref()
                    .filter(|key| self.model.fits(of, relation::type_of(key)))
                    .and_then(record),
            ),
            _ if self.model.created(of).is_some() => ResolvedValue::nullable_object(
                self.outcome
                    .key
                    .as_deref()
                    .map(|key| DataObject::created(source, of, key, &self.outcome.shown_once)),
            ),
            // `pendingCiReconciliation` and the like: nothing is ever pending here.
            _ if of == "Boolean" => ResolvedValue::leaf(false),
            "pendingCiReconciliationCount" if self.outcome.key.is_some() => ResolvedValue::leaf(0),
            _ => ResolvedValue::null(),
        })
    }
}
