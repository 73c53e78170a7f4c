//! The resolvers of root query fields.

use apollo_compiler::Schema;
use apollo_compiler::executable::Operation;
use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{ExtendedType, Type};
use serde_json::{Value, json};
use std::borrow::Cow;

use crate::account::Account;
use crate::data_object::DataObject;
use crate::exact_number;
use crate::filter::Filter;
use crate::limits::QuotaSnapshot;
use crate::model::Model;
use crate::node_id;
use crate::order;
use crate::scalar;
use crate::scopes::{READ, scope};
use crate::source::{Item, Source};
use crate::store::{Fields, ME, OWN_ACCOUNT, Record, fields, type_of};
use crate::view;

/// The root query type.
pub(crate) struct QueryRoot<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) type_name: &'a str,
    pub(crate) account: &'a Account,
    pub(crate) quota: QuotaSnapshot,
}

impl<'a> QueryRoot<'a> {
    fn connection(
        &'a self,
        node_type: &'a str,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let Source { model, store, .. } = self.source;
        let schema: &Schema = info.schema();
        let arguments = arguments(model, info)?;
        let mut records: Vec<&Record> = store.records(node_type).collect();
        let definition = info.field_definition();
        if definition.argument_by_name("view").is_some() {
            // An explicit null is the same as an absent argument.
            let view = arguments.get("view").and_then(Value::as_str).unwrap_or("current_account");
            records.retain(|record| view::shows(store, view, record));
        }
        if let (Some(filter), Some(of)) = (arguments.get("filter"), definition.argument_by_name("filter")) {
            let input = of.ty.inner_named_type();
            let filter = Filter::read(schema, self.source, node_type, input, filter).map_err(refused)?;
            records.retain(|record| filter.accepts(model, store, record));
        }
        order::sort(model, store, node_type, arguments.get("order"), &mut records).map_err(refused)?;
        let items: Vec<Item<'_>> = records.into_iter().map(Item::Record).collect();
        DataObject::page(self.source, &items, info)
    }

    fn record(&'a self, key: &str) -> Result<ResolvedValue<'a>, FieldError> {
        let Some(record) = self.source.store.get(key) else { return Ok(ResolvedValue::null()) };
        self.may_read(&record.type_name)?;
        Ok(ResolvedValue::object(DataObject::record(self.source, record)))
    }

    fn inline(&'a self, type_name: &'a str, fields: Option<Fields>) -> ResolvedValue<'a> {
        let object = fields.map(|fields| DataObject::inline(self.source, type_name, Cow::Owned(fields)));
        ResolvedValue::nullable_object(object)
    }

    fn may_read(&self, record_type: &str) -> Result<(), FieldError> {
        self.account.scopes.require(&[scope(record_type, READ)]).map_err(refused)
    }
}

impl ObjectValue for QueryRoot<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let of: &str = info.field_definition().ty.inner_named_type();
        if let Some(node_type) = self.source.model.node_type(of) {
            self.may_read(node_type)?;
            return self.connection(node_type, info);
        }
        Ok(match info.field_name() {
            "me" => self.record(ME)?,
            "account" => self.record(OWN_ACCOUNT)?,
            "node" => {
                let key = info.arguments().get("id").and_then(|id| node_id::decode(id.as_str()?));
                match key.filter(|key| self.source.model.fits(of, type_of(key))) {
                    Some(key) => self.record(&key)?,
                    None => ResolvedValue::null(),
                }
            }
            "rateLimit" => {
                let quota = json!({
                    "cost": self.quota.cost,
                    "limit": self.quota.cost_limit,
                    "remaining": self.quota.cost_remaining,
                    "resetAt": self.quota.reset,
                });
                self.inline("RateLimit", Some(fields(quota)))
            }
            "attachmentStorage" => {
                self.inline("AttachmentStorage", self.account.uploads.permission(&self.account.origin))
            }
            // Single records of the account, such as `seraAiStudio`.
            _ if self.source.model.is_record(of) => self.record(&format!("{of}/1"))?,
            name => return Err(refused(format!("the sandbox does not serve `{name}`"))),
        })
    }
}

/// The coerced arguments as JSON, with custom scalars checked.
pub(crate) fn arguments(model: &Model, info: &ResolveInfo<'_>) -> Result<Fields, FieldError> {
    let Ok(Value::Object(arguments)) = serde_json::to_value(info.arguments()) else {
        return Ok(Fields::new());
    };
    for definition in &info.field_definition().arguments {
        if let Some(value) = arguments.get(definition.name.as_str()) {
            check(info.schema(), model, &definition.ty, value, &definition.name).map_err(refused)?;
        }
    }
    Ok(arguments)
}

/// Checks the custom scalars in an argument, which the engine does not check.
fn check(schema: &Schema, model: &Model, ty: &Type, value: &Value, path: &str) -> Result<(), String> {
    match (value, schema.types.get(ty.inner_named_type())) {
        (Value::Null, _) => Ok(()),
        (Value::Array(items), Some(_)) if ty.is_list() => {
            items.iter().try_for_each(|item| check(schema, model, ty.item_type(), item, path))
        }
        (Value::Object(fields), Some(ExtendedType::InputObject(input))) => {
            fields.iter().try_for_each(|(name, value)| match input.fields.get(name.as_str()) {
                Some(field) => check(schema, model, &field.ty, value, &format!("{path}.{name}")),
                None => Ok(()),
            })
        }
        (value, Some(ExtendedType::Scalar(scalar))) => {
            let checked = scalar::check(&scalar.name, model.enum_values(&scalar.name), value);
            checked.map_err(|error| format!("{path}: {error}"))
        }
        _ => Ok(()),
    }
}

/// Turns marked numbers in variables into JSON numbers where the type has no exact numbers.
pub(crate) fn unmark_variables(schema: &Schema, operation: &Operation, variables: &mut JsonMap) {
    for definition in &operation.variables {
        if let Some(value) = variables.get_mut(definition.name.as_str())
            && let Ok(mut plain) = serde_json::to_value(&*value)
        {
            unmark(schema, &definition.ty, &mut plain);
            *value = JsonValue::from(plain);
        }
    }
}

fn unmark(schema: &Schema, ty: &Type, value: &mut Value) {
    match (value, schema.types.get(ty.inner_named_type())) {
        (Value::Array(items), Some(ExtendedType::InputObject(_))) => {
            items.iter_mut().for_each(|item| unmark(schema, ty, item));
        }
        (Value::Object(fields), Some(ExtendedType::InputObject(input))) => {
            for (name, value) in fields {
                if let Some(field) = input.fields.get(name.as_str()) {
                    unmark(schema, &field.ty, value);
                }
            }
        }
        (_, Some(ExtendedType::Scalar(scalar))) if scalar::keeps_digits(&scalar.name) => {}
        (value, _) => exact_number::make_plain(value),
    }
}

/// An error that the engine adds to `errors` with the path of the field.
pub(crate) fn refused(message: String) -> FieldError {
    FieldError { message }
}
