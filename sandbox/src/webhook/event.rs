//! The names of events, and of records in events and URLs.

use heck::ToSnakeCase as _;

use crate::value_lists;

const EVENTS: &str = "WebhookEvent";

/// The event of the handshake.
pub(super) const VERIFY: &str = "webhook.verify";

/// The types whose name in events differs.
const OBJECTS: [(&str, &str); 3] =
    [("ConfigurationItem", "ci"), ("FirstLineSupportAgreement", "flsa"), ("ServiceLevelAgreement", "sla")];

pub(super) fn known(name: &str) -> Option<&'static str> {
    let events = value_lists::KNOWN.get(EVENTS).into_iter().flatten();
    events.map(String::as_str).find(|event| *event == name)
}

/// The event of a change to a record of a type, if there is one.
pub(super) fn event(type_name: &str, what: &str) -> Option<&'static str> {
    known(&format!("{}.{what}", object(type_name)))
}

/// The name of a record type in events: `project_task`, `ci`.
pub(super) fn object(type_name: &str) -> String {
    let known = OBJECTS.iter().find(|(known, _)| *known == type_name);
    known.map_or_else(|| type_name.to_snake_case(), |(_, object)| (*object).to_owned())
}

/// The path of a record type below the URLs of the account and of REST: `project_tasks`, `people`.
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
    fn records_have_the_names_of_the_events() {
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
        assert!(known(VERIFY).is_some() && known("automation_rule").is_some());
        assert_eq!(known("request.delete"), None);
    }

    #[test]
    fn events_are_distinct() {
        let events = &value_lists::KNOWN[EVENTS];
        let distinct: std::collections::BTreeSet<&String> = events.iter().collect();
        assert_eq!((events.len(), distinct.len()), (83, 83));
    }
}
