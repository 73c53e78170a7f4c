//! The root mutation fields and their payloads.

mod action;
pub(crate) mod change;
mod children;
mod discovery;
mod flags;
mod ids;
mod objects;
pub(crate) mod payload;
mod validation_error;

use apollo_compiler::Schema;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::async_query::Delivery;
use crate::model::Model;
use crate::query_root;
use crate::scopes::Scopes;
use crate::storage::Uploads;
use crate::store::{Fields, Store};
use crate::webhook::{AddressRule, Applied, Outbox, POLICY, Policies, make_key};
pub(crate) use action::Action;
use change::Change;
use payload::{Outcome, Payload};

/// What mutations work on and with.
#[derive(Clone, Copy)]
pub(crate) struct Workshop<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: &'a RwLock<Arc<Store>>,
    pub(crate) scopes: &'a Scopes,
    /// Where results of asynchronous work can be had: `http://127.0.0.1:4010`.
    pub(crate) origin: &'a str,
    /// The language of messages.
    pub(crate) language: &'a str,
    /// The files that were uploaded.
    pub(crate) uploads: &'a Uploads,
    /// The keys of webhook policies.
    pub(crate) policies: &'a Policies,
    /// Where to tell of what was done; none without a socket.
    pub(crate) outbox: Option<&'a Outbox>,
}

/// The root of mutations. The engine resolves its fields one after the other.
pub(crate) struct MutationRoot<'a> {
    workshop: Workshop<'a>,
    type_name: &'a str,
    deliveries: Mutex<Vec<Delivery>>,
    applied: Mutex<Vec<Applied>>,
}

impl<'a> MutationRoot<'a> {
    pub(crate) fn new(workshop: Workshop<'a>, type_name: &'a str) -> Self {
        Self { workshop, type_name, deliveries: Mutex::default(), applied: Mutex::default() }
    }

    /// The asynchronous work that was started, and the mutations that there is something to tell about.
    pub(crate) fn into_results(self) -> (Vec<Delivery>, Vec<Applied>) {
        let deliveries = self.deliveries.into_inner().unwrap_or_else(PoisonError::into_inner);
        (deliveries, self.applied.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs one mutation on a copy of the store and keeps the copy only when nothing was wrong
    /// with the input, so a refused mutation changes nothing.
    fn run(
        &self,
        schema: &Schema,
        action: &Action<'_>,
        input_type: &str,
        input: &Map<String, Value>,
    ) -> Outcome {
        let Workshop { model, store, origin, language, uploads, outbox, .. } = self.workshop;
        let addresses = outbox.map_or(AddressRule::Any, Outbox::address_rule);
        let mut current = store.write().unwrap_or_else(PoisonError::into_inner);
        let mut draft = Store::clone(&current);
        let mut change = Change::new(model, &mut draft, language, uploads, addresses);
        let mut discovered = Vec::new();
        let key = match action {
            Action::Create(record_type) => change.create(record_type, input),
            Action::Update(record_type) => change.update(record_type, input),
            Action::Delete(record_type) => change.delete(record_type, input),
            Action::Publish(record_type) => change.publish(record_type, input),
            Action::MarkAsReviewed(record_type) => change.mark_as_reviewed(record_type, input),
            Action::UpdateVisibility(record_type) => change.update_visibility(record_type, input),
            Action::Discover => change.discover(input, origin, &mut discovered),
        };
        change.check_ids(schema, input_type, input, &current);
        let errors = change.into_errors();
        let key = key.filter(|_| errors.is_empty());
        if let Some(key) = &key {
            let before = std::mem::replace(&mut *current, Arc::new(draft));
            if outbox.is_some_and(|outbox| outbox.wants(key)) {
                let applied = Applied { before, after: Arc::clone(&current), subject: key.clone() };
                self.applied.lock().unwrap_or_else(PoisonError::into_inner).push(applied);
            }
        }
        Outcome { store: Arc::clone(&current), key, errors, discovered, shown_once: Fields::new() }
    }
}

impl ObjectValue for MutationRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let model = self.workshop.model;
        let payload_type: &str = info.field_definition().ty.inner_named_type();
        let arguments = query_root::arguments(model, info)?;
        let Some(action) = Action::read(model, info.schema(), name, payload_type) else {
            return Err(query_root::refused(format!("the sandbox does not support the mutation `{name}`")));
        };
        self.workshop.scopes.require(&action.scopes()).map_err(query_root::refused)?;
        let empty = Map::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&empty);
        let input_type = info
            .field_definition()
            .argument_by_name("input")
            .map_or("", |argument| argument.ty.inner_named_type().as_str());
        let mut outcome = self.run(info.schema(), &action, input_type, input);
        if let (Action::Discover, Some(key)) = (&action, &outcome.key) {
            let field = info.field_selections().first();
            let delivery = Delivery {
                response_key: field.map_or(name, |field| field.response_key().as_str()).to_owned(),
                payload_type: payload_type.to_owned(),
                async_query: key.clone(),
                items: std::mem::take(&mut outcome.discovered),
            };
            self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        }
        if let Action::Create(POLICY) | Action::Update(POLICY) = action {
            make_key(self.workshop.policies, &mut outcome)?;
        }
        Ok(ResolvedValue::object(Payload {
            model,
            type_name: payload_type,
            outcome,
            items: None,
            client_mutation_id: input.get("clientMutationId").cloned(),
        }))
    }
}

/// The root a mutation document is run over a second time, to write out what asynchronous work has
/// led to. It changes nothing, and every other mutation of the document is null.
pub(crate) struct DeliveryRoot<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: Arc<Store>,
    pub(crate) type_name: &'a str,
    pub(crate) delivery: &'a Delivery,
}

impl ObjectValue for DeliveryRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let response_key = info.field_selections().first().map(|field| field.response_key().as_str());
        if response_key != Some(self.delivery.response_key.as_str()) {
            return Ok(ResolvedValue::null());
        }
        let input = info.arguments().get("input");
        let id =
            input.and_then(|input| serde_json::to_value(input.as_object()?.get("clientMutationId")?).ok());
        Ok(ResolvedValue::object(Payload {
            model: self.model,
            type_name: &self.delivery.payload_type,
            outcome: Outcome {
                store: Arc::clone(&self.store),
                key: Some(self.delivery.async_query.clone()),
                errors: Vec::new(),
                discovered: Vec::new(),
                shown_once: Fields::new(),
            },
            items: Some(&self.delivery.items),
            client_mutation_id: id,
        }))
    }
}
