//! Validation of all ids in an input: each must be of an existing record of the right type.
//!
//! Most ids are checked when their input field is applied. This pass checks the rest, in fields without a
//! readable counterpart, and the keys of files.

use apollo_compiler::schema::{ExtendedType, InputObjectType, Type};
use serde_json::Value;

use super::change::Change;
use super::validation_error::{indexed, join};
use crate::node_id;
use crate::path::upper_first;
use crate::store::{Fields, Store};

/// The record types of ids that do not follow from the name of the input field.
const TARGETS: [(&str, &str); 14] = [
    ("ciId", "ConfigurationItem"),
    ("childIds", "ConfigurationItem"),
    ("operatingSystemId", "ConfigurationItem"),
    ("userIds", "Person"),
    ("timeSpentEffortClassId", "EffortClass"),
    ("accountPermissionsToDelete", "Account"),
    ("Project.templateId", "ProjectTemplate"),
    ("Task.predecessorIds", "Task"),
    ("Task.successorIds", "Task"),
    // Not records, so no record id matches.
    ("AppOfferingScopeInput.id", "AppOfferingScope"),
    ("CalendarHoursInput.id", "CalendarHour"),
    ("SlaNotificationRuleInput.id", "SlaNotificationRule"),
    ("WaitingForCustomerRuleInput.id", "WaitingForCustomerRule"),
    // The sandbox has no dashboards, so no id matches.
    ("dashboardId", "Dashboard"),
];

impl Change<'_> {
    /// Refuses ids that are not of a record before the mutation, or are of the wrong type, and were not
    /// refused yet.
    pub(super) fn check_ids(&mut self, input_type: &InputObjectType, input: &Fields, parent: &[&str]) {
        for (name, value) in input {
            let Some(field) = input_type.fields.get(name.as_str()) else { continue };
            let path = join(parent, &[name]);
            if input_type.name == "AttachmentInput" && name == "key" {
                let key = value.as_str();
                if key.is_none_or(|key| self.uploads.get(key).is_none()) {
                    self.refuse(&path, "no file was uploaded under this key");
                }
            }
            self.check_value(&field.ty, value, &path, target(&input_type.name, name).as_deref());
        }
    }

    fn check_value(&mut self, ty: &Type, value: &Value, path: &[&str], target: Option<&str>) {
        match (value, self.schema.types.get(ty.inner_named_type())) {
            (Value::Array(_), _) => {
                for (index, item) in indexed(value) {
                    self.check_value(ty, item, &join(path, &[&index]), target);
                }
            }
            (Value::Object(fields), Some(ExtendedType::InputObject(of))) => self.check_ids(of, fields, path),
            (Value::String(id), Some(ExtendedType::Scalar(scalar)))
                if scalar.name == "ID" && !self.is_refused(path) && !is_inline_id(self.before, path, id) =>
            {
                let key = node_id::decode(id);
                match (key.and_then(|key| self.before.get(&key)), target) {
                    (None, _) => self.refuse_unknown(path),
                    (Some(record), Some(target)) if !self.model.fits(target, &record.type_name) => {
                        self.refuse_type(path, &record.type_name, target);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Whether an id is that of an object within its owner, such as the scopes of an app offering. The owner is
/// checked when the input field is applied.
fn is_inline_id(before: &Store, path: &[&str], id: &str) -> bool {
    matches!(path, ["newScopes", _, "id"] | ["scopesToDelete", _])
        && before
            .records("AppOffering")
            .flat_map(|offering| offering.list("scopes"))
            .any(|scope| scope.get("id").and_then(Value::as_str) == Some(id))
}

/// The record type of an id in an input, if its name determines it.
fn target(input_type: &str, name: &str) -> Option<String> {
    let owner = ["CreateInput", "UpdateInput"].iter().find_map(|ending| input_type.strip_suffix(ending));
    let full = format!("{}.{name}", owner.unwrap_or(input_type));
    let known = TARGETS.iter().find(|(field, _)| *field == name || *field == full);
    let named_after_type = ["account", "knowledgeArticle", "person", "requestTemplate", "uiExtension"];
    let stem = || name.strip_suffix("Id").filter(|stem| named_after_type.contains(stem));
    known.map(|(_, target)| (*target).to_owned()).or_else(|| stem().map(upper_first))
}
