//! Resolving the fields of records and of objects without an id.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;

use crate::connection::{self, Item, PageFault};
use crate::model::{Kind, Model};
use crate::node_id;
use crate::store::{Fields, Record, Store};

/// What resolvers read from: the schema's model and one snapshot of the store.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) model: &'a Model,
    pub(crate) store: &'a Store,
    /// What is wrong with all pages.
    pub(crate) pages: Option<PageFault>,
}

/// A record, or an object that stands inside one.
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

    /// A record as a type of its own shows it, with these fields.
    pub(crate) fn created(source: Source<'a>, type_name: &'a str, key: &'a str, fields: &'a Fields) -> Self {
        Self { source, type_name, key: Some(key), fields }
    }

    pub(crate) fn inline(source: Source<'a>, type_name: &'a str, fields: &'a Fields) -> Self {
        Self { source, type_name, key: None, fields }
    }

    pub(crate) fn item(source: Source<'a>, type_name: &'a str, item: Item<'a>) -> Self {
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
            (Kind::Connection(node), value) => {
                let items = self.items(value);
                return connection::resolve(self.source, node, items, info);
            }
            (_, None) => ResolvedValue::null(),
            (Kind::Leaf(_), Some(value)) => leaf(value),
            (Kind::LeafList(_), Some(value)) => {
                ResolvedValue::list(value.as_array().into_iter().flatten().map(leaf))
            }
            (Kind::One(_), Some(value)) => ResolvedValue::nullable_object(
                value
                    .as_str()
                    .and_then(|key| self.source.store.get(key))
                    .map(|record| DataObject::record(self.source, record)),
            ),
            (Kind::Inline(of), Some(value)) => ResolvedValue::nullable_object(
                value.as_object().map(|fields| DataObject::inline(self.source, of, fields)),
            ),
            (Kind::Objects(of), value) => ResolvedValue::list(
                self.items(value)
                    .into_iter()
                    .map(|item| ResolvedValue::object(DataObject::item(self.source, of, item))),
            ),
        })
    }
}

fn leaf<'a>(value: &Value) -> ResolvedValue<'a> {
    ResolvedValue::leaf(value.clone())
}
