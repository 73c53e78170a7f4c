//! Every query and every mutation through its typed function, over a real socket; every field of
//! every value that comes back compared with the raw answer, once with a value and once with null.
//! The same run again, and everything that can fail, with all logs collected: no secret may be in them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, clippy::too_many_lines, missing_docs)]

mod check;
mod leaks;
mod nulls;
mod secrets;

use crate::raw_json::coverage;
use check::Check;
use nulls::{Nulls, Types};
use xurrent_sandbox::node_id;

include!(concat!(env!("OUT_DIR"), "/every_operation.rs"));

pub(crate) async fn call_all(check: &Check) {
    all_queries(check).await;
    all_nodes(check).await;
    all_mutations(check).await;
}

/// Types that only connections hold, and the errors of payloads: no operation selects their fields.
async fn read_own(check: &Check) {
    let nodes = |record: &str, connection: &str, fields: &str| {
        let document = format!(
            "query($id: ID!) {{ node(id: $id) {{ __typename ... on {record} {{ \
             {connection} {{ nodes {{ {fields} }} }} }} }} }}"
        );
        (document, node_id(record, 1), format!("/node/{connection}/nodes"))
    };
    let (document, id, pointer) = nodes("Calendar", "calendarHours", "timeFrom timeUntil weekday");
    check.own::<xurrent::CalendarHour>(&document, &id, &pointer).await;
    let (document, id, pointer) = nodes("Person", "permissions", "account { id } roles");
    check.own::<xurrent::Permission>(&document, &id, &pointer).await;
    let rules = "notifyCurrentAssignee notifyFirstLineTeamCoordinator notifyFirstLineTeamManager \
                 notifyServiceOwner notifySupportTeamCoordinator notifySupportTeamManager thresholdPercentage";
    let (document, id, pointer) = nodes("SlaNotificationScheme", "slaNotificationRules", rules);
    check.own::<xurrent::SlaNotificationRule>(&document, &id, &pointer).await;
    let follow_up = "WaitingForCustomerFollowUp";
    let (document, id, pointer) = nodes(follow_up, "waitingForCustomerRules", "nrOfBusinessDays");
    check.own::<xurrent::WaitingForCustomerRule>(&document, &id, &pointer).await;
    let document = "mutation($id: ID!) { requestUpdate(input: {id: $id, subject: \" \"}) { \
                    errors { message path } } }";
    check.own::<xurrent::ValidationError>(document, &node_id("Request", 1), "/requestUpdate/errors").await;
}

#[tokio::test]
async fn every_operation_works_with_value_lists_as_enums() {
    call_all(&Check::on(Nulls::AsSent, |sandbox| sandbox.value_lists_as_enums(true)).await).await;
}

#[tokio::test]
async fn every_operation_works_with_a_later_version_of_the_schema() {
    call_all(&Check::on(Nulls::AsSent, |sandbox| sandbox.schema_evolution(true)).await).await;
}

#[tokio::test]
async fn every_operation_gives_what_the_server_sent() {
    for nulls in [
        Nulls::AsSent,
        Nulls::Leaves(Types::read()),
        Nulls::Objects(Types::read(), 0),
        Nulls::Objects(Types::read(), 1),
    ] {
        let lists_stay = !matches!(nulls, Nulls::Objects(..));
        let check = Check::new(nulls).await;
        call_all(&check).await;
        if lists_stay {
            read_own(&check).await;
        }
    }
    for bit in 0..7 {
        let check = Check::new(Nulls::SomeLeaves(Types::read(), bit)).await;
        all_nodes(&check).await;
        read_own(&check).await;
    }
    let sent = include_str!(concat!(env!("OUT_DIR"), "/every_operation.rs"));
    assert!(
        sent.contains("/// 77 calls.") && sent.contains("/// 153 calls."),
        "all root fields but `node` are called"
    );

    // Every field of every struct was seen with a value, and with null where the schema allows it.
    let coverage = coverage();
    let mut never = Vec::new();
    for (object, key) in FIELDS {
        let seen = coverage.get(&(*object, *key)).copied().unwrap_or_default();
        if !seen.value {
            never.push(format!("{object}.{key} with a value"));
        }
        if !seen.null && seen.ty.starts_with("core::option::Option<") {
            never.push(format!("{object}.{key} with null"));
        }
    }
    assert!(never.is_empty(), "never seen: {never:#?}");
}
