//! The root mutation fields and their payloads.

mod change;
mod children;

use apollo_compiler::Schema;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::{Map, Value, json};
use std::sync::{Arc, PoisonError, RwLock};

use crate::data::{DataObject, Source};
use crate::model::Model;
use crate::path::upper_first;
use crate::resolve;
use crate::store::{Fields, Store};
use change::Change;

/// The root of mutations. The engine resolves its fields one after the other.
pub(crate) struct MutationRoot<'a> {
    model: &'a Model,
    store: &'a RwLock<Arc<Store>>,
    type_name: &'a str,
}

/// What a mutation does, read off its name and its payload.
#[derive(Debug, PartialEq, Eq)]
enum Action<'a> {
    Create(&'a str),
    Update(&'a str),
    Delete(String),
}

impl<'a> MutationRoot<'a> {
    pub(crate) fn new(model: &'a Model, store: &'a RwLock<Arc<Store>>, type_name: &'a str) -> Self {
        Self { model, store, type_name }
    }

    fn action(&self, schema: &'a Schema, name: &str, payload: &str) -> Option<Action<'a>> {
        let payload = schema.get_object(payload)?;
        if let Some(stem) = name.strip_suffix("Delete") {
            let record_type = upper_first(stem);
            return (payload.fields.contains_key("success") && self.model.is_record(&record_type))
                .then_some(Action::Delete(record_type));
        }
        let stem = name.strip_suffix("Create").or_else(|| name.strip_suffix("Update"))?;
        let record_type = payload.fields.get(stem)?.ty.inner_named_type().as_str();
        if !self.model.is_record(record_type) {
            return None;
        }
        Some(if name.ends_with("Create") { Action::Create(record_type) } else { Action::Update(record_type) })
    }

    /// Runs one mutation on a copy of the store and keeps the copy only when nothing was wrong
    /// with the input, so a refused mutation changes nothing.
    fn run(&self, action: &Action<'_>, input: &Map<String, Value>) -> Outcome {
        let mut current = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let mut draft = Store::clone(&current);
        let mut change = Change::new(self.model, &mut draft);
        let key = match action {
            Action::Create(record_type) => change.create(record_type, input),
            Action::Update(record_type) => change.update(record_type, input),
            Action::Delete(record_type) => change.delete(record_type, input),
        };
        let errors = change.into_errors();
        let key = key.filter(|_| errors.is_empty());
        if key.is_some() {
            *current = Arc::new(draft);
        }
        Outcome { store: Arc::clone(&current), key, errors }
    }
}

impl ObjectValue for MutationRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let payload_type: &str = info.field_definition().ty.inner_named_type();
        let arguments = resolve::arguments(info)?;
        let Some(action) = self.action(info.schema(), name, payload_type) else {
            return Err(resolve::refused(format!("the sandbox does not support the mutation `{name}`")));
        };
        let empty = Map::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&empty);
        Ok(ResolvedValue::object(Payload {
            model: self.model,
            type_name: payload_type,
            outcome: self.run(&action, input),
            client_mutation_id: input.get("clientMutationId").cloned(),
        }))
    }
}

/// What a mutation led to. It keeps the store as it was right then, so that the payload shows
/// what this mutation did even when others follow.
struct Outcome {
    store: Arc<Store>,
    key: Option<String>,
    errors: Vec<Fields>,
}

struct Payload<'a> {
    model: &'a Model,
    type_name: &'a str,
    outcome: Outcome,
    client_mutation_id: Option<Value>,
}

impl ObjectValue for Payload<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let source = Source { model: self.model, store: &self.outcome.store };
        let of: &str = info.field_definition().ty.inner_named_type();
        Ok(match info.field_name() {
            "clientMutationId" => ResolvedValue::leaf(self.client_mutation_id.clone().unwrap_or_default()),
            "errors" => ResolvedValue::list(
                self.outcome
                    .errors
                    .iter()
                    .map(move |error| ResolvedValue::object(DataObject::inline(source, of, error))),
            ),
            "success" => ResolvedValue::leaf(self.outcome.key.is_some()),
            _ if self.model.is_record(of) => ResolvedValue::nullable_object(
                self.outcome
                    .key
                    .as_deref()
                    .and_then(|key| source.store.get(key))
                    .map(|record| DataObject::record(source, record)),
            ),
            // `pendingCiReconciliation` and the like: nothing is ever pending here.
            _ if of == "Boolean" => ResolvedValue::leaf(false),
            _ => ResolvedValue::null(),
        })
    }
}

/// A complaint about one input field, as payloads carry them.
fn complaint(path: &[&str], message: String) -> Fields {
    match json!({ "path": path, "message": message }) {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
