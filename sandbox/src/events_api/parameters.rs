//! The parameters of an event.

use heck::ToLowerCamelCase as _;
use serde_json::{Map, Value, json};

use crate::model::Model;
use crate::scalar;
use crate::store::{Fields, Record, Store};

const TEXTS: [&str; 7] =
    ["subject", "note", "internal_note", "source", "sourceID", "supplier_requestID", "support_domain"];

/// Parameters with the values of a list.
const VALUES: [(&str, &str); 4] = [
    ("category", "RequestCategory"),
    ("impact", "RequestImpact"),
    ("status", "RequestStatus"),
    ("completion_reason", "RequestCompletionReason"),
];

const TIMES: [&str; 4] = ["desired_completion_at", "downtime_start_at", "downtime_end_at", "waiting_until"];

/// Records by number only.
const NUMBERS: [(&str, &str); 3] =
    [("template", "RequestTemplate"), ("problem", "Problem"), ("workflow", "Workflow")];

/// Records by one of these fields, or by number.
const NAMES: [(&str, &str, &[&str]); 7] = [
    (CI, "ConfigurationItem", &["label", "name"]),
    ("service_instance", "ServiceInstance", &["name"]),
    ("team", "Team", &["name"]),
    ("member", "Person", &["primaryEmail"]),
    ("requested_by", "Person", &["primaryEmail"]),
    ("requested_for", "Person", &["primaryEmail"]),
    ("supplier", "Organization", &["name"]),
];

pub(super) const CI: &str = "ci";

/// Refused parameters, with the reasons.
type Mistakes = Vec<(String, String)>;

/// An event whose parameters are valid, though its records may not exist.
pub(super) struct Event {
    /// The parameters but for the records, as input fields of a request.
    pub(super) input: Fields,
    pub(super) references: Vec<Reference>,
}

/// A parameter that refers to a record.
pub(super) struct Reference {
    pub(super) parameter: String,
    /// The parameter for the name: `team` also for `team_id`.
    pub(super) name: &'static str,
    type_name: &'static str,
    by: By,
}

enum By {
    Number(u64),
    Fields(&'static [&'static str], String),
    Source(Option<String>, String),
}

impl Reference {
    pub(super) fn find(&self, store: &Store) -> Option<String> {
        let has = |record: &Record, field: &str, text: &str| record.text(field) == Some(text);
        let is_wanted = |record: &&Record| match &self.by {
            By::Number(number) => record.number == *number,
            By::Fields(fields, text) => fields.iter().any(|field| has(record, field, text)),
            By::Source(source, id) => {
                has(record, "sourceID", id)
                    && source.as_ref().is_none_or(|source| has(record, "source", source))
            }
        };
        store.records(self.type_name).find(is_wanted).map(|record| record.key.clone())
    }
}

/// The name of a parameter in snake case, of which three have another form.
pub(super) fn name(snake: &str) -> &str {
    match snake {
        "source_id" => "sourceID",
        "ci_source_id" => "ci_sourceID",
        "supplier_request_id" => "supplier_requestID",
        other => other,
    }
}

impl Event {
    /// Reads the parameters. Unknown ones and values of another type are refused.
    pub(super) fn read(model: &Model, parameters: &Map<String, Value>) -> Result<Self, Mistakes> {
        let (mut input, mut references, mut mistakes) = (Fields::new(), Vec::new(), Mistakes::new());
        for (parameter, value) in parameters {
            let read = if let Some(reference) = reference(parameter, value) {
                reference.map(|reference| references.push(reference))
            } else if let "ci_source" | "ci_sourceID" = parameter.as_str() {
                text(value).map(|_| ())
            } else {
                leaf(model, parameter, value)
                    .map(|value| drop(input.insert(parameter.to_lower_camel_case(), value)))
            };
            mistakes.extend(read.err().map(|message| (parameter.clone(), message)));
        }
        // `heck` writes `sourceId`.
        for (camel, name) in [("sourceId", "sourceID"), ("supplierRequestId", "supplierRequestID")] {
            let value = input.remove(camel);
            input.extend(value.map(|value| (name.to_owned(), value)));
        }
        let given = |name: &str| parameters.get(name).and_then(Value::as_str).map(str::to_owned);
        match (given("ci_source"), given("ci_sourceID")) {
            (source, Some(id)) => references.push(Reference {
                parameter: "ci_sourceID".to_owned(),
                name: CI,
                type_name: "ConfigurationItem",
                by: By::Source(source, id),
            }),
            (Some(_), None) => mistakes.push(("ci_source".to_owned(), "needs ci_sourceID".to_owned())),
            (None, None) => {}
        }
        for (index, reference) in references.iter().enumerate() {
            if let Some(other) = references[..index].iter().find(|other| other.name == reference.name) {
                let message = format!("cannot be given together with {}", other.parameter);
                mistakes.push((reference.parameter.clone(), message));
            }
        }
        if !parameters.contains_key("subject") && !parameters.contains_key("template_id") {
            mistakes.push(("subject".to_owned(), "can't be blank".to_owned()));
        }
        if mistakes.is_empty() { Ok(Self { input, references }) } else { Err(mistakes) }
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some(text) if text.trim().is_empty() => Err("can't be blank".to_owned()),
        Some(text) => Ok(text.to_owned()),
        None => Err("is not a text".to_owned()),
    }
}

/// A parameter that refers to a record; `None` for others.
fn reference(parameter: &str, value: &Value) -> Option<Result<Reference, String>> {
    let number = || {
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        number.map(By::Number).ok_or_else(|| "is not a number".to_owned())
    };
    let stem = parameter.strip_suffix("_id");
    let by_number = NUMBERS.iter().map(|(name, of)| (*name, *of, None));
    let by_name = NAMES.iter().map(|(name, of, fields)| (*name, *of, Some(*fields)));
    let (name, type_name, by) = by_number.chain(by_name).find_map(|(name, type_name, fields)| {
        if stem == Some(name) {
            return Some((name, type_name, number()));
        }
        let fields = fields.filter(|_| parameter == name)?;
        Some((name, type_name, text(value).map(|text| By::Fields(fields, text))))
    })?;
    Some(by.map(|by| Reference { parameter: parameter.to_owned(), name, type_name, by }))
}

/// The value of a parameter that does not refer to a record.
fn leaf(model: &Model, parameter: &str, value: &Value) -> Result<Value, String> {
    if TEXTS.contains(&parameter) {
        return text(value).map(Value::from);
    }
    if let Some((_, list)) = VALUES.iter().find(|(name, _)| *name == parameter) {
        let is_known = scalar::check(list, model.enum_values(list), value).is_ok();
        return is_known.then(|| value.clone()).ok_or_else(|| "is not included in the list".to_owned());
    }
    if TIMES.contains(&parameter) {
        return time(value).ok_or_else(|| "is not a datetime or a timestamp".to_owned());
    }
    Err("is not a parameter of an event".to_owned())
}

/// A timestamp with a zone, or a datetime in minutes without one, which counts as UTC.
fn time(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let full = if text.len() == "2025-06-01T12:00".len() { format!("{text}:00Z") } else { text.to_owned() };
    (text.contains('T') && scalar::is_date_or_timestamp(&full)).then(|| json!(full))
}
