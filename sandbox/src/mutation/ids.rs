//! Ids in the input, wherever they stand: each must be of a record there is, of a type that fits.
//!
//! Most are looked up when the input field is carried out. This pass over the whole input finds the
//! rest: ids in fields that lead to nothing a query could read. Keys of files are checked alike.

use apollo_compiler::Schema;
use apollo_compiler::schema::{ExtendedType, InputObjectType, Type};
use serde_json::{Map, Value};

use super::change::Change;
use crate::path::upper_first;
use crate::store::Store;

/// What ids are of where the name of the input field does not tell.
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
    // These are no records, so no record's id is one of theirs.
    ("AppOfferingScopeInput.id", "AppOfferingScope"),
    ("CalendarHoursInput.id", "CalendarHour"),
    ("SlaNotificationRuleInput.id", "SlaNotificationRule"),
    ("WaitingForCustomerRuleInput.id", "WaitingForCustomerRule"),
    // The sandbox has no dashboards, so no id is of one.
    ("dashboardId", "Dashboard"),
];

impl Change<'_> {
    /// Refuses the ids that are not of a record `before` held, or of one of the wrong type, and have
    /// not been refused yet.
    pub(super) fn check_ids(
        &mut self,
        schema: &Schema,
        input_type: &str,
        input: &Map<String, Value>,
        before: &Store,
    ) {
        if let Some(input_type) = schema.get_input_object(input_type) {
            self.check_object(schema, input_type, input, &[], before);
        }
    }

    fn check_object(
        &mut self,
        schema: &Schema,
        input_type: &InputObjectType,
        input: &Map<String, Value>,
        above: &[&str],
        before: &Store,
    ) {
        for (name, value) in input {
            let Some(field) = input_type.fields.get(name.as_str()) else {
                continue;
            };
            let path: Vec<&str> = above.iter().copied().chain([name.as_str()]).collect();
            if input_type.name == "AttachmentInput" && name == "key" {
                self.check_key(value, &path);
            }
            let target = target(&input_type.name, name);
            self.check_value(schema, &field.ty, value, &path, target.as_deref(), before);
        }
    }

    fn check_value(
        &mut self,
        schema: &Schema,
        ty: &Type,
        value: &Value,
        path: &[&str],
        target: Option<&str>,
        before: &Store,
    ) {
        match (value, schema.types.get(ty.inner_named_type())) {
            (Value::Array(items), _) => {
                for (index, item) in items.iter().enumerate() {
                    let index = index.to_string();
                    let path: Vec<&str> = path.iter().copied().chain([index.as_str()]).collect();
                    self.check_value(schema, ty, item, &path, target, before);
                }
            }
            (Value::Object(fields), Some(ExtendedType::InputObject(of))) => {
                self.check_object(schema, of, fields, path, before);
            }
            (Value::String(id), Some(ExtendedType::Scalar(scalar)))
                if scalar.name == "ID" && !self.is_refused(path) && !is_inline_id(before, path, id) =>
            {
                self.check_id(value, path, target, before);
            }
            _ => {}
        }
    }

    /// A file is named by the key that its upload gave.
    fn check_key(&mut self, key: &Value, path: &[&str]) {
        if key.as_str().is_none_or(|key| self.uploads.get(key).is_none()) {
            self.refuse(path, "no file was uploaded under this key");
        }
    }

    fn check_id(&mut self, id: &Value, path: &[&str], target: Option<&str>, before: &Store) {
        let key = id.as_str().and_then(crate::node_id::decode);
        let Some(record) = key.as_deref().and_then(|key| before.get(key)) else {
            self.refuse_unknown(path);
            return;
        };
        if let Some(target) = target
            && !self.model.fits(target, &record.type_name)
        {
            self.refuse_type(path, &record.type_name, target);
        }
    }
}

/// Objects without records of their own can have an id within their owner, as the scopes of an app
/// offering do. Whether it is the right owner is seen to where the input field is carried out.
fn is_inline_id(before: &Store, path: &[&str], id: &str) -> bool {
    matches!(path, ["newScopes", _, "id"] | ["scopesToDelete", _])
        && before.records("AppOffering").any(|offering| {
            let scopes = offering.fields.get("scopes").and_then(Value::as_array);
            scopes.into_iter().flatten().any(|scope| scope.get("id").and_then(Value::as_str) == Some(id))
        })
}

/// The type of record an id field of an input asks for, when its name tells.
fn target(input_type: &str, name: &str) -> Option<String> {
    let owner = ["CreateInput", "UpdateInput"].iter().find_map(|ending| input_type.strip_suffix(ending));
    let full = format!("{}.{name}", owner.unwrap_or(input_type));
    let known = TARGETS.iter().find(|(field, _)| *field == name || *field == full);
    if let Some((_, target)) = known {
        return Some((*target).to_owned());
    }
    let stem = name.strip_suffix("Id")?;
    let named_after_type = ["account", "knowledgeArticle", "person", "requestTemplate", "uiExtension"];
    named_after_type.contains(&stem).then(|| upper_first(stem))
}
