//! Mutations that set a mark on a record and nothing else.

use serde_json::{Map, Value, json};

use super::change::Change;
use crate::node_id;
use crate::view::{self, OWN_ACCOUNT};

impl Change<'_> {
    /// `appOfferingPublish`: the offering and its texts are final.
    pub(super) fn publish(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        self.set(&key, "published", json!(true));
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// `knowledgeArticleMarkAsReviewed`: the article leaves the view `needs_review`.
    pub(super) fn mark_as_reviewed(&mut self, type_name: &str, input: &Map<String, Value>) -> Option<String> {
        let key = self.find(type_name, input.get("id")?, &["id"])?;
        // No query can read this mark; the view goes by it.
        self.store.fields_mut(&key)?.insert(view::REVIEWED.to_owned(), json!(true));
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// `requestUpdateVisibility`: shows a request to an account or hides it from it. The account is
    /// given by its id text or its node id and is the own one when left out. A request hidden from
    /// the own account is in no view but `all`.
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

    /// The account of an id text (`wdc`), which is the first part of its host name, or of a node id.
    fn account(&self, id: &str) -> Option<String> {
        let host = format!("https://{id}.");
        let by_text = self.store.records("Account").find(|account| {
            let url = account.fields.get("url").and_then(Value::as_str);
            !id.is_empty() && url.is_some_and(|url| url.starts_with(&host))
        });
        let by_text = by_text.map(|account| account.key.clone());
        by_text.or_else(|| {
            node_id::decode(id).filter(|key| key.starts_with("Account/") && self.store.get(key).is_some())
        })
    }
}
