//! Lifelike demo records: accounts, people, organizations, sites, teams, services, configuration items,
//! requests and their notes.

use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

use crate::scalar;
use crate::store::{NOW, OWN_ACCOUNT};

const PEOPLE: u64 = 120;
const ORGANIZATIONS: u64 = 25;
const TEAMS: u64 = 20;
const SITES: u64 = 12;
const REQUESTS: u64 = 150;
const SERVICES: u64 = 10;
const SERVICE_INSTANCES: u64 = 20;
const CONFIGURATION_ITEMS: u64 = 40;

/// Names and texts, from `names.toml`.
#[derive(Deserialize, Default)]
struct Names {
    first_names: Vec<String>,
    last_names: Vec<String>,
    job_titles: Vec<String>,
    organizations: Vec<String>,
    teams: Vec<String>,
    sites: Vec<String>,
    services: Vec<String>,
    subjects: Vec<String>,
}

static NAMES: LazyLock<Names> =
    // The tests fail if the file does not parse.
    LazyLock::new(|| toml::from_str(include_str!("names.toml")).unwrap_or_default());

/// The number of records of the types with lifelike ones.
pub(super) fn count(type_name: &str) -> Option<u64> {
    Some(match type_name {
        "Account" => 2,
        "Person" => PEOPLE,
        "Organization" => ORGANIZATIONS,
        "Team" => TEAMS,
        "Site" => SITES,
        "Request" => REQUESTS,
        "Service" => SERVICES,
        "ServiceInstance" => SERVICE_INSTANCES,
        "ConfigurationItem" => CONFIGURATION_ITEMS,
        // Enough for owners of several types.
        "AutomationRule" | "TimeEntry" | "Translation" => 12,
        _ => return None,
    })
}

/// The lifelike values of a record, also for fields that a schema may lack. `people` is the number of people
/// that it may refer to.
pub(super) fn values(type_name: &str, n: u64, account: &str, people: u64) -> Option<Value> {
    Some(match type_name {
        "Account" if n == 1 => json!({
            "name": format!("Sandbox account {account}"),
            "url": format!("https://{account}.sandbox.invalid"),
            "directory": false,
            "disabled": false,
            "directoryAccount": "Account/2",
            "organization": "Organization/1",
        }),
        "Account" if n > 2 => json!({
            "name": format!("Sandbox account {account}-{n}"),
            "url": format!("https://{account}-{n}.sandbox.invalid"),
        }),
        "Account" => json!({
            "name": "Sandbox directory account",
            "url": "https://directory.sandbox.invalid",
            "directory": true,
            "disabled": false,
            "directoryAccount": null,
            "organization": "Organization/6",
        }),
        "Person" => person(n, account),
        "Organization" => organization(n),
        "Team" => team(n),
        "Site" => json!({ "name": at(&NAMES.sites, n - 1), "disabled": n == 9, "account": OWN_ACCOUNT }),
        "Service" => json!({
            "name": at(&NAMES.services, n - 1),
            "account": OWN_ACCOUNT,
            "serviceOwner": person_key(n * 3),
            "serviceProvider": "Organization/3",
            "supportTeam": team_key(n),
        }),
        "ServiceInstance" => json!({
            "name": format!("{} {}", at(&NAMES.services, n - 1), if n <= SERVICES { "production" } else { "test" }),
            "account": OWN_ACCOUNT,
            "service": format!("Service/{}", (n - 1) % SERVICES + 1),
            "supportTeam": team_key(n),
            "status": if n == 20 { "discontinued" } else { "in_production" },
        }),
        "ConfigurationItem" => json!({
            "name": format!("Laptop L-{n:04}"),
            "label": format!("L-{n:04}"),
            "site": format!("Site/{}", n % SITES + 1),
            "users": [person_key(n), person_key(n + 40)],
            "status": if n.is_multiple_of(8) { "in_stock" } else { "in_production" },
        }),
        "SyncSet" if n == 1 => {
            json!({ "selectedRecords": ["ConfigurationItem/1", "Contract/1", "Service/1"] })
        }
        "Request" => request(n, people),
        "Note" => json!({
            "account": OWN_ACCOUNT,
            "person": person_key(n),
            "internal": n.is_multiple_of(6),
            "text": format!("Note {n}:\n> \"quoted\"\n\nThanks – {}", at(&NAMES.first_names, n)),
        }),
        _ => return None,
    })
}

fn at<S: AsRef<str>>(values: &[S], index: u64) -> &str {
    let index = usize::try_from(index).unwrap_or_default();
    values.get(index % values.len().max(1)).map_or("", AsRef::as_ref)
}

fn person_key(number: u64) -> String {
    format!("Person/{}", (number - 1) % PEOPLE + 1)
}

fn team_key(number: u64) -> String {
    format!("Team/{}", (number - 1) % TEAMS + 1)
}

fn person(n: u64, account: &str) -> Value {
    let (first, last) = (at(&NAMES.first_names, n - 1), at(&NAMES.last_names, n - 1));
    let is_administrator = n <= 3;
    json!({
        "name": format!("{first} {last}"),
        "primaryEmail": format!("person{n}@{account}.example"),
        "jobTitle": (!n.is_multiple_of(11)).then(|| at(&NAMES.job_titles, n - 1)),
        "disabled": n.is_multiple_of(12),
        "vip": n % 15 == 1,
        "employeeID": format!("E{n:04}"),
        "organization": format!("Organization/{}", (n - 1) * 7 % ORGANIZATIONS + 1),
        "site": (!n.is_multiple_of(9)).then(|| format!("Site/{}", n % SITES + 1)),
        "manager": (n > 1).then(|| format!("Person/{}", (n / 8).max(1))),
        "teams": if n.is_multiple_of(5) { vec![team_key(n), team_key(n + 3)] } else { vec![team_key(n)] },
        "permissions": if is_administrator {
            json!([{ "account": OWN_ACCOUNT, "roles": ["account_administrator", "specialist"] }])
        } else if n.is_multiple_of(4) {
            json!([{ "account": OWN_ACCOUNT, "roles": ["specialist"] }])
        } else {
            json!([])
        },
        "source": (!n.is_multiple_of(3)).then_some("LDAP \"main\""),
        "sourceID": format!("uid={n},ou=people"),
        "information": (!n.is_multiple_of(2)).then(|| format!("Desk {n}.\n* speaks \"{last}\"\n* C:\\Users\\{n}")),
    })
}

fn organization(n: u64) -> Value {
    let is_department = (2..=5).contains(&n);
    json!({
        "name": at(&NAMES.organizations, n - 1),
        "account": if n == 6 || n == 7 { "Account/2" } else { OWN_ACCOUNT },
        "disabled": n == 14,
        "parent": is_department.then_some("Organization/1"),
        "childOrganizations": (2..=5).filter(|_| n == 1).map(|n| format!("Organization/{n}")).collect::<Vec<_>>(),
        "businessUnit": n == 1,
        "businessUnitOrganization": (n <= 5).then_some("Organization/1"),
        "manager": person_key(n),
        "region": if n.is_multiple_of(2) { "EMEA" } else { "Americas" },
    })
}

fn team(n: u64) -> Value {
    json!({
        "name": at(&NAMES.teams, n - 1),
        "account": OWN_ACCOUNT,
        "disabled": n == 20,
        // Members follow from the teams of the people.
        "members": [],
        "manager": person_key(n * 2),
        "coordinator": person_key(n),
    })
}

fn request(n: u64, people: u64) -> Value {
    let statuses = ["assigned", "accepted", "in_progress", "waiting_for_customer", "completed", "declined"];
    let status = at(&statuses, n - 1);
    let is_done = status == "completed";
    // Generated requests are older than the demo records.
    let age = if n <= REQUESTS { REQUESTS + 1 - n } else { n };
    let created = NOW - i64::try_from(age).unwrap_or_default() * 7_200;
    let customer = (n * 13) % people.max(1) + 1;
    json!({
        "requestId": (70_000 + n).to_string(),
        "subject": format!("{} ({n})", at(&NAMES.subjects, n - 1)),
        "status": status,
        "category": at(&["incident", "rfc", "rfi", "complaint", "other"], n - 1),
        "impact": (!n.is_multiple_of(5)).then(|| at(&["low", "medium", "high", "top"], n)),
        "urgent": n.is_multiple_of(6),
        "requestedBy": format!("Person/{}", match n % 10 {
            1 => 1,
            3 => (n - 1) % people.max(1) + 1,
            _ => customer,
        }),
        "requestedFor": format!("Person/{customer}"),
        "createdBy": person_key(n % 4 + 1),
        "organization": format!("Organization/{}", (customer - 1) * 7 % ORGANIZATIONS + 1),
        "team": team_key(n),
        "member": (!n.is_multiple_of(4)).then(|| person_key(n % 10 + 1)),
        "serviceInstance": (!n.is_multiple_of(7)).then(|| format!("ServiceInstance/{}", n % SERVICE_INSTANCES + 1)),
        "configurationItems": n.is_multiple_of(3).then(|| format!("ConfigurationItem/{}", n % CONFIGURATION_ITEMS + 1)).into_iter().collect::<Vec<_>>(),
        "completedAt": is_done.then(|| scalar::timestamp(created + 5_000)),
        "completionReason": is_done.then_some("solved"),
        "satisfaction": (is_done && n % 2 == 1).then_some("dissatisfied"),
        "createdAt": scalar::timestamp(created),
        "updatedAt": scalar::timestamp(created + 6_000),
    })
}
