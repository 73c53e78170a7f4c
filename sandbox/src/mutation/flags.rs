//! Mutations that only set a flag of a record.

use serde_json::{Value, json};

use super::change::Change;
use crate::store::{Fields, OWN_ACCOUNT};
use crate::view::HIDDEN_FROM;

impl Change<'_> {
    /// Sets a flag, which the schema may lack: `published` or [`REVIEWED`](crate::view::REVIEWED).
    pub(super) fn set_flag(&mut self, record_type: &str, flag: &str, input: &Fields) -> Option<String> {
        let key = self.find(record_type, input.get("id")?, &["id"])?;
        self.store.fields_mut(&key)?.insert(flag.to_owned(), json!(true));
        self.set(&key, "updatedAt", json!(self.now));
        Some(key)
    }

    /// `requestUpdateVisibility`: shows a request to an account or hides it. The account is given by its id
    /// or node id; the default is the own one. A request hidden from the own account is only in the view `all`.
    pub(super) fn update_visibility(&mut self, record_type: &str, input: &Fields) -> Option<String> {
        let key = self.find(record_type, input.get("id")?, &["id"])?;
        let account = match input.get("accountID").filter(|id| !id.is_null()) {
            None => OWN_ACCOUNT.to_owned(),
            Some(id) => self.find("Account", id, &["accountID"])?,
        };
        let fields = self.store.fields_mut(&key)?;
        let hidden = fields.entry(HIDDEN_FROM).or_insert_with(|| json!([])).as_array_mut()?;
        hidden.retain(|known| *known != account);
        if input.get("visible") == Some(&Value::Bool(false)) {
            hidden.push(json!(account));
        }
        Some(key)
    }
}
