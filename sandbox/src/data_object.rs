//! Resolvers for the fields of records and of objects without an id.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;

use crate::connection;
use crate::model::FieldKind;
use crate::node_id;
use crate::source::{Item, Source};
use crate::store::{Fields, Record};

/// A record, or an object nested in one.
pub(crate) struct DataObject<'a> {
    source: Source<'a>,
    type_name: &'a str,
    key: Option<&'a str>,
    fields: &'a Fields,
}

impl<'a> DataObject<'a> {
    pub(crate) fn record(source: Source<'a>, record: &'a Record) -> Self {
        Self { source, type_name: &record.type_name, key: Some(&record.key), fields: &record.fields }
    }

    /// A record as the create payload returns it, with these fields.
    pub(crate) fn created(source: Source<'a>, type_name: &'a str, key: &'a str, fields: &'a Fields) -> Self {
        Self { source, type_name, key: Some(key), fields }
    }

    pub(crate) fn inline(source: Source<'a>, type_name: &'a str, fields: &'a Fields) -> Self {
        Self { source, type_name, key: None, fields }
    }

    fn item(source: Source<'a>, type_name: &'a str, item: Item<'a>) -> Self {
        match item {
            Item::Record(record) => Self::record(source, record),
            Item::Inline(fields) => Self::inline(source, type_name, fields),
        }
    }

    fn items(&self, value: Option<&'a Value>) -> Vec<Item<'a>> {
        value
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|item| match item {
                Value::Object(fields) => Some(Item::Inline(fields)),
                other => self.source.store.get(other.as_str()?).map(Item::Record),
            })
            .collect()
    }
}

impl ObjectValue for DataObject<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let name = info.field_name();
        if let (Some(key), "id") = (self.key, name) {
            return Ok(ResolvedValue::leaf(node_id::encode(key)));
        }
        let Some(field) = self.source.model.field(self.type_name, name) else {
            return Err(self.unknown_field_error(info));
        };
        let value = self.fields.get(name).filter(|value| !value.is_null());
        Ok(match (&field.kind, value) {
            (FieldKind::Connection(of), value) => {
                let items = self.items(value);
                return connection::resolve(self.source, of, items, info, node);
            }
            (_, None) => ResolvedValue::null(),
            (FieldKind::Leaf(_), Some(value)) => leaf(value),
            (FieldKind::LeafList(_), Some(value)) => {
                ResolvedValue::list(value.as_array().into_iter().flatten().map(leaf))
            }
            (FieldKind::One(_), Some(value)) => ResolvedValue::nullable_object(
                value
                    .as_str()
                    .and_then(|key| self.source.store.get(key))
                    .map(|record| DataObject::record(self.source, record)),
            ),
            (FieldKind::Inline(of), Some(value)) => ResolvedValue::nullable_object(
                value.as_object().map(|fields| DataObject::inline(self.source, of, fields)),
            ),
            (FieldKind::Objects(of), value) => {
                ResolvedValue::list(self.items(value).into_iter().map(|item| node(self.source, of, item)))
            }
        })
    }
}

fn leaf<'a>(value: &Value) -> ResolvedValue<'a> {
    ResolvedValue::leaf(value.clone())
}

/// The resolver of a node of a connection.
pub(crate) fn node<'a>(source: Source<'a>, type_name: &'a str, item: Item<'a>) -> ResolvedValue<'a> {
    ResolvedValue::object(DataObject::item(source, type_name, item))
}
