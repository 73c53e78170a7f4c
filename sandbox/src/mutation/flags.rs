//! Mutations that only set a flag of a record.

use serde_json::{Map, Value, json};

use super::change::Change;
use crate::node_id;
use crate::store::{OWN_ACCOUNT, type_of};
use crate::view;

impl Change<'_> {
    /// `appOfferingPublish`: sets `published`.
    pub(super) fn publish(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        self.set(&key, "published", json!(true));
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// `knowledgeArticleMarkAsReviewed`: removes the article from the view `needs_review`.
    pub(super) fn mark_as_reviewed(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        // The field is not in the schema; the view depends on it.
        self.store.fields_mut(&key)?.insert(view::REVIEWED.to_owned(), json!(true));
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// `requestUpdateVisibility`: shows a request to an account or hides it. The account is given by its id
    /// or node id; the default is the own one. A request hidden from the own account is only in the view `all`.
    pub(super) fn update_visibility(
        &mut self,
        type_name: &str,
        input: &Map<String, Value>,
    ) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        let account = match input.get("accountID").and_then(Value::as_str) {
            None => OWN_ACCOUNT.to_owned(),
            Some(id) => match self.account(id) {
                Some(account) => account,
                None => {
                    self.refuse(&["accountID"], "Account not found");
                    return None;
                }
            },
        };
        let is_visible = input.get("visible") != Some(&Value::Bool(false));
        let hidden = self
            .store
            .fields_mut(&key)?
            .entry(view::HIDDEN_FROM)
            .or_insert_with(|| json!([]))
            .as_array_mut()?;
        hidden.retain(|known| known.as_str() != Some(account.as_str()));
        if !is_visible {
            hidden.push(json!(account));
        }
        Some(key)
    }

    /// The account with this id (`wdc`) or node id.
    fn account(&self, id: &str) -> Option<String> {
        let key =
            || node_id::decode(id).filter(|key| type_of(key) == "Account" && self.store.get(key).is_some());
        view::account(self.store, id).or_else(key)
    }
}
