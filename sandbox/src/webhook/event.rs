//! The names of events, and what records are called in them and in addresses.

use heck::ToSnakeCase as _;

/// The events that a webhook can be for.
pub(super) const EVENTS: [&str; 83] = [
    "app_instance.create",
    "app_instance.delete",
    "app_instance.secrets-update",
    "app_instance.update",
    "automation_rule",
    "broadcast.create",
    "broadcast.update",
    "ci.create",
    "ci.update",
    "contract.create",
    "contract.update",
    "flsa.create",
    "flsa.update",
    "knowledge_article.create",
    "knowledge_article.update",
    "organization.create",
    "organization.update",
    "out_of_office_period.create",
    "out_of_office_period.delete",
    "out_of_office_period.update",
    "person.create",
    "person.update",
    "problem.create",
    "problem.manager-changed",
    "problem.member-changed",
    "problem.note-added",
    "problem.status-changed",
    "problem.team-changed",
    "problem.update",
    "product.create",
    "product.update",
    "project.create",
    "project.manager-changed",
    "project.note-added",
    "project.status-changed",
    "project.update",
    "project_task.create",
    "project_task.delete",
    "project_task.note-added",
    "project_task.status-changed",
    "project_task.update",
    "release.create",
    "release.manager-changed",
    "release.note-added",
    "release.update",
    "request.agile-board-column-changed",
    "request.create",
    "request.major-incident-status-changed",
    "request.member-changed",
    "request.note-added",
    "request.status-changed",
    "request.team-changed",
    "request.update",
    "risk.create",
    "risk.manager-changed",
    "risk.note-added",
    "risk.status-changed",
    "risk.update",
    "service.create",
    "service.update",
    "service_instance.create",
    "service_instance.update",
    "service_offering.create",
    "service_offering.update",
    "sla.create",
    "sla.update",
    "task.create",
    "task.member-changed",
    "task.note-added",
    "task.status-changed",
    "task.team-changed",
    "task.update",
    "team.create",
    "team.update",
    "time_entry.create",
    "time_entry.delete",
    "time_entry.update",
    "webhook.verify",
    "workflow.create",
    "workflow.manager-changed",
    "workflow.note-added",
    "workflow.status-changed",
    "workflow.update",
];

/// Sent to a webhook that has to prove whose it is.
pub(crate) const VERIFY: &str = "webhook.verify";

/// The types whose name in events is not their own.
const OBJECTS: [(&str, &str); 3] =
    [("ConfigurationItem", "ci"), ("FirstLineSupportAgreement", "flsa"), ("ServiceLevelAgreement", "sla")];

/// Whether there is an event of that name.
pub(crate) fn is_known(event: &str) -> bool {
    EVENTS.contains(&event)
}

/// The event that something happened to a record of a type, if there is one.
pub(super) fn event(type_name: &str, what: &str) -> Option<&'static str> {
    let name = format!("{}.{what}", object(type_name));
    EVENTS.into_iter().find(|event| *event == name)
}

/// What records of a type are called in events: `project_task`, `ci`.
pub(super) fn object(type_name: &str) -> String {
    let known = OBJECTS.iter().find(|(known, _)| *known == type_name);
    known.map_or_else(|| type_name.to_snake_case(), |(_, object)| (*object).to_owned())
}

/// Where records of a type are, below the addresses of the account and of the REST interface:
/// `project_tasks`, `people`.
pub(super) fn collection(type_name: &str) -> String {
    let object = object(type_name);
    match object.strip_suffix('y') {
        _ if object == "person" => "people".to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{object}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_named_as_in_the_events() {
        for (type_name, what, name, place) in [
            ("Request", "create", "request.create", "requests"),
            ("ProjectTask", "status-changed", "project_task.status-changed", "project_tasks"),
            ("ConfigurationItem", "update", "ci.update", "cis"),
            ("TimeEntry", "delete", "time_entry.delete", "time_entries"),
            ("Person", "update", "person.update", "people"),
        ] {
            assert_eq!(event(type_name, what), Some(name));
            assert_eq!(collection(type_name), place);
        }
        assert_eq!(event("Release", "status-changed"), None);
        assert_eq!(event("Tag", "create"), None);
        assert!(is_known(VERIFY) && is_known("automation_rule") && !is_known("request.delete"));
    }

    #[test]
    fn the_events_are_in_order_and_each_is_there_once() {
        assert!(EVENTS.is_sorted_by(|one, next| one < next));
    }
}
