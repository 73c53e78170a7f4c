//! The `view` argument of root connections.

use crate::store::{ME, OWN_ACCOUNT, Record, Store};

/// Whether a record was reviewed. Requests have the field in the schema, knowledge articles do not.
pub(crate) const REVIEWED: &str = "reviewed";
/// A field that no schema has: the accounts that a record is hidden from.
pub(crate) const HIDDEN_FROM: &str = "hiddenFrom";

/// Whether a view shows a record.
pub(crate) fn shows(store: &Store, view: &str, record: &Record) -> bool {
    let state = record.text("lifeCycleState");
    match view {
        "all" | "all_for_data_sync" => true,
        _ if record.list(HIDDEN_FROM).iter().any(|account| account == OWN_ACCOUNT) => false,
        "archive" => state == Some("archived"),
        "trash" => state == Some("trashed"),
        _ => {
            matches!(state, None | Some("active"))
                && record.text("account").is_none_or(|account| account == OWN_ACCOUNT)
                && meets_condition(store, view, record)
        }
    }
}

/// The condition of a view beyond `current_account`. Views that the fields of a record cannot express
/// (`portfolio_insight`, `sla_accountability`, ...) have none.
fn meets_condition(store: &Store, view: &str, record: &Record) -> bool {
    let is_me = |fields: &[&str]| fields.iter().any(|field| record.text(field) == Some(ME));
    let my_teams = store.get(ME).map_or(&[][..], |me| me.list("teams"));
    let is_mine = |fields: &[&str]| {
        fields.iter().any(|field| record.value(field).is_some_and(|team| my_teams.contains(team)))
    };
    match view {
        "managed_by_me" => is_me(&["manager"]),
        "coordinated_by_me" => is_me(&["coordinator"]),
        "assigned_to_me" => is_me(&["member"]),
        "created_by_me" => is_me(&["createdBy"]),
        "requested_by_or_for_me" => is_me(&["requestedBy", "requestedFor"]),
        "personal" => is_me(&["createdBy", "person", "requestedFor", "owner"]),
        "assigned_to_my_team" => is_mine(&["team"]),
        "my_teams_services" | "supported_by_my_teams" => is_mine(&["supportTeam", "firstLineTeam"]),
        "requests_of_my_organization" => {
            let mine = store.get(ME).and_then(|me| me.text("organization"));
            mine.is_some() && record.text("organization") == mine
        }
        "requester_dissatisfied" => record.text("satisfaction") == Some("dissatisfied"),
        "spare_cis" => record.text("status") == Some("in_stock"),
        "needs_review" => !record.is_true(REVIEWED),
        "all_with_roles" => !record.list("permissions").is_empty(),
        _ => true,
    }
}

/// The key of the account with this id, such as `wdc`: the first label of its host name.
pub(crate) fn account(store: &Store, id: &str) -> Option<String> {
    let account = store.records("Account").find(|account| account_id(account) == Some(id));
    account.map(|account| account.key.clone())
}

/// The id of an account.
pub(crate) fn account_id(account: &Record) -> Option<&str> {
    account.text("url")?.strip_prefix("https://")?.split('.').next()
}
