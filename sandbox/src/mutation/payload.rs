//! The outcome of a mutation and its payload.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

use crate::data_object::DataObject;
use crate::model::Model;
use crate::source::Source;
use crate::store::{Fields, Store, type_of};

/// The outcome of a mutation. It keeps the store of that moment, so that later mutations of the document do
/// not show in the payload.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) store: Arc<Store>,
    /// The key of the record; none if the mutation was refused.
    pub(crate) key: Option<String>,
    pub(crate) errors: Vec<Fields>,
    /// The discovered configuration items.
    pub(crate) discovered: Vec<String>,
    /// The fields of the record in the create payload, if they differ from the record.
    pub(crate) created_fields: Fields,
}

pub(crate) struct Payload<'a> {
    pub(crate) model: &'a Model,
    pub(crate) type_name: &'a str,
    pub(crate) outcome: Outcome,
    /// The records of the list in the payload; none before the asynchronous result.
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
            "errors" => ResolvedValue::list(self.outcome.errors.iter().map(move |error| {
                ResolvedValue::object(DataObject::inline(source, of, Cow::Borrowed(error)))
            })),
            "success" => ResolvedValue::leaf(self.outcome.key.is_some()),
            _ if definition.ty.is_list() => match self.items {
                Some(items) => ResolvedValue::list(
                    items.iter().filter_map(move |key| record(key)).map(ResolvedValue::object),
                ),
                None => ResolvedValue::null(),
            },
            _ if self.model.is_record(of) => ResolvedValue::nullable_object(
                self.outcome.key.as_deref().filter(|key| self.model.fits(of, type_of(key))).and_then(record),
            ),
            _ if self.model.created(of).is_some() => {
                let fields = Cow::Borrowed(&self.outcome.created_fields);
                let created = |key| DataObject { source, type_name: of, key: Some(key), fields };
                ResolvedValue::nullable_object(self.outcome.key.as_deref().map(created))
            }
            // `pendingCiReconciliation` and the like: nothing is ever pending in the sandbox.
            _ if of == "Boolean" => ResolvedValue::leaf(false),
            "pendingCiReconciliationCount" if self.outcome.key.is_some() => ResolvedValue::leaf(0),
            _ => ResolvedValue::null(),
        })
    }
}
