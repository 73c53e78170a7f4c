//! The resolvers of root mutation fields.

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
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value};
use std::sync::Arc;

use crate::async_query::AsyncJob;
use crate::model::Model;
use crate::query_root;
use crate::scopes::Scopes;
use crate::storage::Uploads;
use crate::store::{Fields, Store};
use crate::webhook::{AddressRule, AppliedMutation, Outbox, POLICY, Policies, make_key};
pub(crate) use action::Action;
use change::Change;
use payload::{Outcome, Payload};

/// The context of the mutations of one request.
#[derive(Clone, Copy)]
pub(crate) struct MutationContext<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: &'a RwLock<Arc<Store>>,
    pub(crate) scopes: &'a Scopes,
    /// The origin of result URLs: `http://127.0.0.1:4010`.
    pub(crate) origin: &'a str,
    /// The language of messages.
    pub(crate) language: &'a str,
    /// The attachment storage.
    pub(crate) uploads: &'a Uploads,
    /// The keys of webhook policies.
    pub(crate) policies: &'a Policies,
    /// The webhook deliveries; none without a socket.
    pub(crate) outbox: Option<&'a Outbox>,
}

/// The root mutation type. The engine resolves its fields one after the other.
pub(crate) struct MutationRoot<'a> {
    context: MutationContext<'a>,
    type_name: &'a str,
    async_jobs: Mutex<Vec<AsyncJob>>,
    applied: Mutex<Vec<AppliedMutation>>,
}

impl<'a> MutationRoot<'a> {
    pub(crate) fn new(context: MutationContext<'a>, type_name: &'a str) -> Self {
        Self { context, type_name, async_jobs: Mutex::default(), applied: Mutex::default() }
    }

    /// The asynchronous work that was started, and the mutations that can cause webhook deliveries.
    pub(crate) fn into_results(self) -> (Vec<AsyncJob>, Vec<AppliedMutation>) {
        let async_jobs = self.async_jobs.into_inner();
        (async_jobs, self.applied.into_inner())
    }

    /// Runs one mutation on a copy of the store, and keeps the copy only if there are no errors.
    fn run(
        &self,
        schema: &Schema,
        action: &Action<'_>,
        input_type: &str,
        input: &Map<String, Value>,
    ) -> Outcome {
        let MutationContext { model, store, origin, language, uploads, outbox, .. } = self.context;
        let addresses = outbox.map_or(AddressRule::Any, Outbox::address_rule);
        let mut current = store.write();
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
            if outbox.is_some_and(|outbox| outbox.is_relevant(key)) {
                let applied = AppliedMutation { before, after: Arc::clone(&current), subject: key.clone() };
                self.applied.lock().push(applied);
            }
        }
        Outcome { store: Arc::clone(&current), key, errors, discovered, created_fields: Fields::new() }
    }
}

impl ObjectValue for MutationRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let model = self.context.model;
        let payload_type: &str = info.field_definition().ty.inner_named_type();
        let arguments = query_root::arguments(model, info)?;
        let Some(action) = Action::read(model, info.schema(), name, payload_type) else {
            return Err(query_root::refused(format!("the sandbox does not support the mutation `{name}`")));
        };
        self.context.scopes.require(&action.scopes()).map_err(query_root::refused)?;
        let empty = Map::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&empty);
        let input_type = info
            .field_definition()
            .argument_by_name("input")
            .map_or("", |argument| argument.ty.inner_named_type().as_str());
        let mut outcome = self.run(info.schema(), &action, input_type, input);
        if let (Action::Discover, Some(key)) = (&action, &outcome.key) {
            let field = info.field_selections().first();
            let job = AsyncJob {
                response_key: field.map_or(name, |field| field.response_key().as_str()).to_owned(),
                payload_type: payload_type.to_owned(),
                async_query: key.clone(),
                items: std::mem::take(&mut outcome.discovered),
            };
            self.async_jobs.lock().push(job);
        }
        if let Action::Create(POLICY) | Action::Update(POLICY) = action {
            make_key(self.context.policies, &mut outcome)?;
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

/// The root mutation type for the result of asynchronous work. It changes nothing, and every other
/// mutation of the document is null.
pub(crate) struct AsyncResultRoot<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: Arc<Store>,
    pub(crate) type_name: &'a str,
    pub(crate) job: &'a AsyncJob,
}

impl ObjectValue for AsyncResultRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let response_key = info.field_selections().first().map(|field| field.response_key().as_str());
        if response_key != Some(self.job.response_key.as_str()) {
            return Ok(ResolvedValue::null());
        }
        let input = info.arguments().get("input");
        let id =
            input.and_then(|input| serde_json::to_value(input.as_object()?.get("clientMutationId")?).ok());
        Ok(ResolvedValue::object(Payload {
            model: self.model,
            type_name: &self.job.payload_type,
            outcome: Outcome {
                store: Arc::clone(&self.store),
                key: Some(self.job.async_query.clone()),
                errors: Vec::new(),
                discovered: Vec::new(),
                created_fields: Fields::new(),
            },
            items: Some(&self.job.items),
            client_mutation_id: id,
        }))
    }
}
