//! From the name of a filter or an order field to the values it speaks of.
//!
//! Most names are fields of the record. Others reach through a relation: `organizationName` is the
//! `name` of the `organization`, `serviceOwner` the `serviceOwner` of the `service`.

use serde_json::Value;
use std::borrow::Cow;

use crate::model::{Kind, Model};
use crate::store::{Fields, Record, Store};

/// Names whose way through the record cannot be read off the schema.
const KNOWN: [(&str, &str, &str); 41] = [
    ("AffectedSla", "requestedFor", "request.requestedFor"),
    ("AffectedSla", "service", "serviceInstance.service"),
    ("AffectedSla", "serviceOwner", "serviceInstance.service.serviceOwner"),
    ("AffectedSla", "serviceProvider", "serviceInstance.service.serviceProvider"),
    ("AffectedSla", "slaCustomer", "serviceLevelAgreement.customer"),
    ("AffectedSla", "template", "request.template"),
    ("AutomationRule", "projectTaskTemplate", "owner"),
    ("AutomationRule", "projectTemplate", "owner"),
    ("AutomationRule", "requestTemplate", "owner"),
    ("AutomationRule", "taskTemplate", "owner"),
    ("AutomationRule", "workflowTemplate", "owner"),
    ("ConfigurationItem", "userOrganization", "users.organization"),
    ("Invoice", "ci", "configurationItems"),
    ("OutOfOfficePeriod", "organization", "person.organization"),
    ("Person", "businessUnitOrganization", "organization.businessUnitOrganization"),
    ("Person", "role", "permissions.roles"),
    ("ProjectTask", "manager", "project.manager"),
    ("ProjectTask", "service", "project.service"),
    ("Request", "affectedService", "affectedSlas.serviceInstance.service"),
    ("Request", "affectedServiceInstance", "affectedSlas.serviceInstance"),
    ("Request", "businessUnit", "organization.businessUnitOrganization"),
    ("Request", "ci", "configurationItems"),
    ("Request", "operatingSystem", "configurationItems.operatingSystem"),
    ("Request", "product", "configurationItems.product"),
    ("Request", "productBrand", "configurationItems.product.brand"),
    ("Request", "productCategory", "configurationItems.product.productCategory"),
    ("Request", "service", "serviceInstance.service"),
    ("Request", "serviceOwner", "serviceInstance.service.serviceOwner"),
    ("Request", "serviceProvider", "serviceInstance.service.serviceProvider"),
    ("Request", "slaCustomer", "affectedSlas.serviceLevelAgreement.customer"),
    ("Reservation", "ci", "configurationItem"),
    ("Service", "provider", "serviceProvider"),
    ("Service", "providerName", "serviceProvider.name"),
    ("ServiceInstance", "serviceProviderName", "service.serviceProvider.name"),
    ("ServiceInstance", "sla", "serviceLevelAgreements"),
    ("Task", "manager", "workflow.manager"),
    ("Task", "service", "workflow.service"),
    ("TimeEntry", "project", "assignment"),
    ("TimeEntry", "request", "assignment"),
    ("TimeEntry", "sla", "serviceLevelAgreement"),
    ("TimeEntry", "workflow", "assignment"),
];

/// The fields to follow, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    /// Finds what `name` means on records of `type_name`, or `None` when the sandbox cannot tell.
    pub(crate) fn find(model: &Model, type_name: &str, name: &str) -> Option<Self> {
        own_field(model, type_name, name)
            .map(|field| Self(vec![field]))
            .or_else(|| {
                let known = |entry: &&(&str, &str, &str)| entry.0 == type_name && entry.1 == name;
                let (_, _, path) = KNOWN.iter().find(known)?;
                let path = Self(path.split('.').map(str::to_owned).collect());
                path.exists(model, type_name).then_some(path)
            })
            .or_else(|| through_relation(model, type_name, name))
            .or_else(|| {
                // `Organization.organizationRegion` is the organization's own `region`.
                let rest = name.strip_prefix(&lower_first(type_name))?;
                own_field(model, type_name, &lower_first(rest)).map(|field| Self(vec![field]))
            })
    }

    /// Whether the schema has all fields of the path. One it lacks would match nothing, silently.
    fn exists(&self, model: &Model, type_name: &str) -> bool {
        let mut owner = type_name;
        for step in &self.0 {
            match model.field(owner, step).map(|field| &field.kind) {
                None => return false,
                Some(Kind::Leaf(_) | Kind::LeafList(_)) => {}
                Some(Kind::One(of) | Kind::Inline(of) | Kind::Objects(of) | Kind::Connection(of)) => {
                    owner = of
                }
            }
        }
        true
    }

    /// The values at the end of the path; several when it runs through a list. Relations are given
    /// as keys, nulls and empty texts are left out.
    pub(crate) fn values<'a>(&self, store: &'a Store, record: &'a Record) -> Vec<Cow<'a, Value>> {
        let mut owners = vec![Owner::Record(record)];
        let (last, steps) = match self.0.split_last() {
            Some(split) => split,
            None => return Vec::new(),
        };
        for step in steps {
            owners = owners
                .iter()
                .flat_map(|owner| owner.get(step))
                .filter_map(|value| Owner::of(store, &value))
                .collect();
        }
        owners.iter().flat_map(|owner| owner.get(last)).collect()
    }
}

#[derive(Clone, Copy)]
enum Owner<'a> {
    Record(&'a Record),
    Inline(&'a Fields),
}

impl<'a> Owner<'a> {
    fn of(store: &'a Store, value: &Cow<'a, Value>) -> Option<Self> {
        match value {
            Cow::Borrowed(Value::Object(fields)) => Some(Self::Inline(fields)),
            other => store.get(other.as_str()?).map(Self::Record),
        }
    }

    fn get(&self, field: &str) -> Vec<Cow<'a, Value>> {
        let fields = match self {
            Self::Record(record) if field == "id" => {
                return vec![Cow::Owned(Value::from(record.key.as_str()))];
            }
            Self::Record(record) => &record.fields,
            Self::Inline(fields) => fields,
        };
        match fields.get(field) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().filter(|item| is_present(item)).map(Cow::Borrowed).collect()
            }
            Some(value) if is_present(value) => vec![Cow::Borrowed(value)],
            Some(_) => Vec::new(),
        }
    }
}

fn is_present(value: &Value) -> bool {
    !(value.is_null() || value.as_str() == Some(""))
}

fn own_field(model: &Model, type_name: &str, name: &str) -> Option<String> {
    if model.has_field(type_name, name) {
        return Some(name.to_owned());
    }
    plurals(name).into_iter().find(|plural| {
        model
            .field(type_name, plural)
            .is_some_and(|field| matches!(field.kind, Kind::Connection(_) | Kind::LeafList(_)))
    })
}

/// The names a list of `name` may have.
pub(crate) fn plurals(name: &str) -> Vec<String> {
    let mut plurals = vec![format!("{name}s"), format!("{name}es")];
    if let Some(stem) = name.strip_suffix('y') {
        plurals.push(format!("{stem}ies"));
    }
    if let Some(stem) = name.strip_suffix("person") {
        plurals.push(format!("{stem}people"));
    }
    plurals
}

fn through_relation(model: &Model, type_name: &str, name: &str) -> Option<Path> {
    // The longest relation wins: `serviceInstanceName` is not about `service`.
    for split in (1..name.len()).rev() {
        if !name.as_bytes()[split].is_ascii_uppercase() {
            continue;
        }
        let (relation, rest) = name.split_at(split);
        let Some(Kind::One(target)) = model.field(type_name, relation).map(|field| &field.kind) else {
            continue;
        };
        for wanted in [lower_first(rest), name.to_owned()] {
            let known =
                model.possible_types(target).into_iter().any(|target| model.has_field(target, &wanted));
            if known {
                return Some(Path(vec![relation.to_owned(), wanted]));
            }
        }
    }
    None
}

/// `TimeEntry` to `timeEntry`.
pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// `timeEntry` to `TimeEntry`.
pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_fields() {
        let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
        let model = Model::new(&crate::schema::valid_schema(&schema).unwrap());
        let find = |owner, name| Path::find(&model, owner, name).map(|path| path.0.join("."));
        for (owner, name, path) in [
            ("Person", "name", "name"),
            ("Person", "organizationName", "organization.name"),
            ("Person", "team", "teams"),
            ("ConfigurationItem", "alternateName", "alternateNames"),
            ("Request", "serviceInstanceName", "serviceInstance.name"),
            ("ConfigurationItem", "serviceOwner", "service.serviceOwner"),
            ("Organization", "organizationRegion", "region"),
        ] {
            assert_eq!(find(owner, name).as_deref(), Some(path), "{owner}.{name}");
        }
        for (owner, name, path) in KNOWN {
            assert_eq!(find(owner, name).as_deref(), Some(path), "{owner}.{name}");
        }
        assert_eq!(find("Request", "mentioningMe"), None);
    }
}
