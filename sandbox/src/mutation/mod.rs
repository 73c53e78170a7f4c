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

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;

use crate::account::Account;
use crate::async_query::AsyncJob;
use crate::query_root;
use crate::store::{Fields, Store};
use crate::view::REVIEWED;
use crate::webhook::{AddressRule, AppliedMutation, Outbox, POLICY, make_key};
pub(crate) use action::Action;
use action::ActionKind;
use change::Change;
use payload::{Outcome, Payload};

/// The root mutation type. The engine resolves its fields one after the other.
///
/// For the result of asynchronous work it changes nothing, and every other mutation is null.
pub(crate) struct MutationRoot<'a> {
    pub(crate) account: &'a Account,
    /// The language of messages.
    pub(crate) language: &'a str,
    pub(crate) type_name: &'a str,
    /// The finished asynchronous work, and the store with it.
    pub(crate) finished: Option<(&'a AsyncJob, Arc<Store>)>,
    /// The asynchronous work that was started.
    pub(crate) async_jobs: Mutex<Vec<AsyncJob>>,
    /// The mutations that can cause webhook deliveries.
    pub(crate) applied: Mutex<Vec<AppliedMutation>>,
}

impl MutationRoot<'_> {
    fn run(&self, action: &Action, input_type: &str, input: &Fields) -> Outcome {
        let account = self.account;
        let (record_type, mut discovered) = (action.record_type.as_str(), Vec::new());
        let (outcome, applied) = change_store(account, self.language, |change| {
            let key = match action.kind {
                ActionKind::Create => change.create(record_type, input),
                ActionKind::Update => change.update(record_type, input),
                ActionKind::Delete => change.delete(record_type, input),
                ActionKind::Publish => change.set_flag(record_type, "published", input),
                ActionKind::MarkAsReviewed => change.set_flag(record_type, REVIEWED, input),
                ActionKind::UpdateVisibility => change.update_visibility(record_type, input),
                ActionKind::Discover => change.discover(input, &account.origin, &mut discovered),
            };
            if let Some(input_type) = account.shared.schema.get_input_object(input_type) {
                change.check_ids(input_type, input, &[]);
            }
            key
        });
        self.applied.lock().extend(applied);
        Outcome { discovered, ..outcome }
    }
}

/// Runs a change on a copy of the store, and keeps the copy only if there are no errors. Changes run one after
/// the other. The change returns the key of its record; one that can cause webhook deliveries is returned.
pub(crate) fn change_store(
    account: &Account,
    language: &str,
    run: impl FnOnce(&mut Change<'_>) -> Option<String>,
) -> (Outcome, Option<AppliedMutation>) {
    let Account { shared, outbox, uploads, .. } = account;
    let mut current = account.store.write();
    let mut draft = Store::clone(&current);
    let mut change = Change {
        schema: &shared.schema,
        model: &shared.model,
        before: &current,
        now: draft.tick(),
        store: &mut draft,
        language,
        uploads,
        addresses: outbox.as_ref().map_or(AddressRule::Any, Outbox::address_rule),
        errors: Vec::new(),
    };
    let key = run(&mut change);
    let errors = change.errors;
    let key = key.filter(|_| errors.is_empty());
    let mut applied = None;
    if let Some(key) = &key {
        let before = std::mem::replace(&mut *current, Arc::new(draft));
        if outbox.as_ref().is_some_and(|outbox| outbox.is_relevant(key)) {
            applied = Some(AppliedMutation { before, after: Arc::clone(&current), subject: key.clone() });
        }
    }
    (Outcome { store: Arc::clone(&current), key, errors, ..Outcome::default() }, applied)
}

impl ObjectValue for MutationRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        let model = &self.account.shared.model;
        let payload_type: &str = info.field_definition().ty.inner_named_type();
        let response_key =
            info.field_selections().first().map_or(name, |field| field.response_key().as_str());
        if self.finished.as_ref().is_some_and(|(job, _)| job.response_key != response_key) {
            return Ok(ResolvedValue::null());
        }
        let arguments = query_root::arguments(model, info)?;
        let empty = Fields::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&empty);
        let client_mutation_id = input.get("clientMutationId").cloned();
        if let Some((job, store)) = &self.finished {
            let key = Some(job.async_query.clone());
            let outcome = Outcome { store: Arc::clone(store), key, ..Outcome::default() };
            let items = Some(job.items.as_slice());
            let payload = Payload { model, type_name: payload_type, outcome, items, client_mutation_id };
            return Ok(ResolvedValue::object(payload));
        }
        let Some(action) = Action::read(model, info.schema(), name, payload_type) else {
            return Err(query_root::refused(format!("the sandbox does not support the mutation `{name}`")));
        };
        self.account.scopes.require(&action.scopes()).map_err(query_root::refused)?;
        let definition = info.field_definition().argument_by_name("input");
        let input_type = definition.map_or("", |argument| argument.ty.inner_named_type().as_str());
        let mut outcome = self.run(&action, input_type, input);
        if let (ActionKind::Discover, Some(key)) = (action.kind, &outcome.key) {
            let (response_key, items) = (response_key.to_owned(), std::mem::take(&mut outcome.discovered));
            self.async_jobs.lock().push(AsyncJob { response_key, async_query: key.clone(), items });
        }
        if action.record_type == POLICY && matches!(action.kind, ActionKind::Create | ActionKind::Update) {
            make_key(&self.account.policies, &mut outcome)?;
        }
        Ok(ResolvedValue::object(Payload {
            model,
            type_name: payload_type,
            outcome,
            items: None,
            client_mutation_id,
        }))
    }
}
