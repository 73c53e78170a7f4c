//! Deterministic pages of records.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use xurrent_runtime::Object;

/// Records of the largest page of the API.
pub(super) const RECORDS: usize = 100;

pub(crate) const CURSOR: &str = "eyJuIjoxMDAsInMiOiIyMDI2LTAxLTMxIn0";

/// A record, with its fields in the order of a selection.
type Record = BTreeMap<&'static str, Value>;

const GIVEN: [&str; 8] = ["Howard", "James", "Ellen", "Grace", "Tom", "Widget", "Marie", "Antonio"];
const FAMILY: [&str; 7] = ["Tanner", "Waters", "Brown", "Hopper", "Fields", "Okafor", "van den Berg"];
const NON_ASCII_NAMES: [&str; 4] = ["José Muñoz", "Zoë Åkesson", "Наталья Ким", "山田 太郎"];

/// A page of people: flat, plain ASCII, a third of the optional fields null.
pub(crate) fn people() -> String {
    page::<xurrent::Person>(person)
}

/// A page of requests: nested objects, timestamps, custom fields, and texts with quotes, line breaks and
/// non-ASCII letters.
pub(super) fn requests() -> String {
    page::<xurrent::Request>(request)
}

/// Fields without a value are null.
fn page<T: Object>(record: fn(usize) -> Record) -> String {
    let nodes = (0..RECORDS).map(|index| {
        let mut fields: Record = T::TABLE.fields.iter().map(|name| (*name, Value::Null)).collect();
        fields.extend(record(index));
        json!(fields).to_string()
    });
    let nodes: Vec<String> = nodes.collect();
    let nodes = nodes.join(",");
    format!(r#"{{"pageInfo":{{"hasNextPage":true,"endCursor":"{CURSOR}"}},"nodes":[{nodes}]}}"#)
}

/// A value for most records, null for every `nth`.
fn unless_every(nth: usize, index: usize, value: impl Into<Value>) -> Value {
    if index.is_multiple_of(nth) { Value::Null } else { value.into() }
}

fn pick(values: &[&str], index: usize) -> Value {
    values[index % values.len()].into()
}

fn reference(kind: &str, index: usize) -> Value {
    json!({ "id": id(kind, index) })
}

/// A node id: base 64 of the type and a number.
fn id(kind: &str, index: usize) -> Value {
    format!("NG1lLnh1cnJlbnQ{kind}L{:09}", 170_000_000 + index * 7919).into()
}

/// A timestamp in January 2026, with an offset.
fn at(minutes: usize, offset: &str) -> Value {
    let (day, hour, minute) = (1 + minutes / 1440 % 28, minutes / 60 % 24, minutes % 60);
    format!("2026-01-{day:02}T{hour:02}:{minute:02}:{:02}{offset}", minutes % 59).into()
}

fn person(index: usize) -> Record {
    let given = GIVEN[index % GIVEN.len()];
    let family = FAMILY[index % FAMILY.len()];
    let login = format!("{}.{}", given.to_lowercase(), family.to_lowercase().replace(' ', ""));
    let custom_fields = json!([
        { "id": "badge", "value": format!("B-{:05}", index * 37) },
        { "id": "remote_days", "value": index % 5 },
    ]);
    let cents = 4250 + index * 25;
    let office = "Works from the Boston office, on call every second week.";
    Record::from([
        ("account", reference("Account", 1)),
        ("authenticationID", unless_every(5, index, format!("{login}@widget.example"))),
        ("autoTranslation", index.is_multiple_of(2).into()),
        ("costPerHour", unless_every(4, index, format!("{}.{:02}", cents / 100, cents % 100))),
        ("costPerHourCurrency", pick(&["usd", "eur", "gbp"], index)),
        ("createdAt", at(index * 11, "Z")),
        ("customFields", unless_every(3, index, custom_fields)),
        ("disabled", index.is_multiple_of(9).into()),
        ("doNotTranslateLanguages", unless_every(3, index, json!(["en", "nl"]))),
        ("employeeID", unless_every(6, index, format!("E{:06}", 41_000 + index))),
        ("excludeTeamNotifications", false.into()),
        ("guest", index.is_multiple_of(17).into()),
        ("id", id("Person", index)),
        ("information", unless_every(2, index, office)),
        ("jobTitle", pick(&["Service desk analyst", "Network engineer", "Team lead"], index)),
        ("language", pick(&["en", "en-GB", "nl", "de"], index)),
        ("lifeCycleState", "active".into()),
        ("location", unless_every(3, index, format!("Floor {}, desk {}", index % 9, index))),
        ("manager", unless_every(8, index, reference("Person", index / 8))),
        ("name", format!("{given} {family}").into()),
        ("oauthPersonEnablement", unless_every(2, index, true)),
        ("organization", reference("Organization", index / 10)),
        ("pictureUri", unless_every(3, index, format!("https://widget.example/people/{index}/picture.png"))),
        ("primaryEmail", format!("{login}@widget.example").into()),
        ("sendEmailNotifications", pick(&["always", "when_offline"], index)),
        ("showNotificationPopup", pick(&["important_only", "never"], index)),
        ("site", unless_every(5, index, reference("Site", index / 20))),
        ("source", unless_every(2, index, "Active Directory")),
        ("sourceID", unless_every(2, index, format!("S-1-5-21-{}", 1_085_031_214 + index))),
        ("supportID", unless_every(4, index, format!("{:04}", 1000 + index))),
        ("timeFormat24h", true.into()),
        ("timeZone", pick(&["Eastern Time (US & Canada)", "Amsterdam", "UTC"], index)),
        ("uiExtension", unless_every(2, index, reference("UiExtension", 3))),
        ("updatedAt", at(index * 13 + 5, "Z")),
        ("vip", index.is_multiple_of(25).into()),
        ("workHours", reference("Calendar", index % 3)),
    ])
}

fn satisfaction_urls(index: usize) -> Value {
    let url = |mood: &str| format!("https://wdc.xurrent.com/feedback/{index}?mood={mood}&lang=en");
    json!({
        "dissatisfiedUrl": url("dissatisfied"),
        "satisfiedUrl": unless_every(4, index, url("satisfied")),
    })
}

fn request(index: usize) -> Record {
    let name = NON_ASCII_NAMES[index % NON_ASCII_NAMES.len()];
    let subject = format!("{name}: \"VPN\" drops after the update <{index}>");
    let summary =
        format!("Reported by {name}.\n\n- path: C:\\Users\\{index}\n- \"error 809\"\tevery morning\n");
    let finished = index.is_multiple_of(3);
    let if_finished = |value: Value| if finished { value } else { Value::Null };
    let feedback = json!({
        "requestedBy": satisfaction_urls(index),
        "requestedFor": unless_every(3, index, satisfaction_urls(index + 1)),
    });
    let custom_fields = json!([
        { "id": "approver", "value": { "name": name, "levels": [1, 2, index % 7] } },
        { "id": "budget", "value": 1250.5 },
        { "id": "remark", "value": "say \"ja\" \\ or \"nee\"\n" },
    ]);
    Record::from([
        ("account", reference("Account", 1)),
        ("addressed", finished.into()),
        ("agileBoard", unless_every(2, index, reference("AgileBoard", 2))),
        ("agileBoardColumn", unless_every(2, index, reference("AgileBoardColumn", index % 4))),
        ("agileBoardColumnPosition", unless_every(2, index, 4)),
        ("assignmentCount", 2.into()),
        ("category", pick(&["incident", "rfi", "other"], index)),
        ("checkedItems", unless_every(3, index, json!(["✓ cable", "driver"]))),
        ("completedAt", if_finished(at(index * 17 + 900, "+01:00"))),
        ("completionReason", if_finished("solved".into())),
        ("createdAt", at(index * 17, "+01:00")),
        ("createdBy", reference("Person", index)),
        ("customFields", custom_fields),
        ("desiredCompletionAt", at(index * 17 + 2000, "+01:00")),
        ("downtimeStartAt", at(index * 17 + 3, "-05:00")),
        ("feedback", feedback),
        ("groupedInto", unless_every(2, index, reference("Request", 0))),
        ("grouping", "none".into()),
        ("id", id("Request", index)),
        ("impact", pick(&["low", "medium", "top"], index)),
        ("lifeCycleState", "active".into()),
        ("majorIncidentStatus", unless_every(2, index, "proposed")),
        ("member", reference("Person", index / 3)),
        ("nextTargetAt", at(index * 17 + 60, "+01:00")),
        ("organization", reference("Organization", index / 10)),
        ("plannedEffort", unless_every(2, index, 90)),
        ("providerNotAccountable", false.into()),
        ("providerWasNotAccountable", false.into()),
        ("reopenCount", 0.into()),
        ("requestId", (70_401 + index).to_string().into()),
        ("requestedBy", reference("Person", index)),
        ("requestedFor", reference("Person", index + 1)),
        ("requesterResolutionTargetAt", at(index * 17 + 480, "+01:00")),
        ("resolutionDuration", if_finished(900.into())),
        ("resolutionTargetAt", at(index * 17 + 470, "+01:00")),
        ("responseTargetAt", at(index * 17 + 30, "+01:00")),
        ("reviewed", finished.into()),
        ("satisfaction", if_finished("satisfied".into())),
        ("satisfactionAt", if_finished(at(index * 17 + 1000, "+01:00"))),
        ("serviceInstance", reference("ServiceInstance", index % 12)),
        ("status", pick(&["assigned", "waiting_for_customer"], index)),
        ("subject", subject.into()),
        ("summary", summary.into()),
        ("team", reference("Team", index % 6)),
        ("template", unless_every(2, index, reference("RequestTemplate", index % 9))),
        ("updatedAt", at(index * 17 + 950, "+01:00")),
        ("urgent", false.into()),
    ])
}
