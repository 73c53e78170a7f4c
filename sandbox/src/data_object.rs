//! Resolvers for the fields of records, of pages, and of objects without an id.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::Value;
use std::borrow::Cow;

use crate::connection;
use crate::model::FieldKind;
use crate::node_id;
use crate::source::{Item, Source};
use crate::store::{Fields, Record};

/// A record, or an object nested in one.
pub(crate) struct DataObject<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) type_name: &'a str,
    /// The store key of a record.
    pub(crate) key: Option<&'a str>,
    pub(crate) fields: Cow<'a, Fields>,
}

impl<'a> DataObject<'a> {
    pub(crate) fn record(source: Source<'a>, record: &'a Record) -> Self {
        let fields = Cow::Borrowed(&record.fields);
        Self { source, type_name: &record.type_name, key: Some(&record.key), fields }
    }

    pub(crate) fn inline(source: Source<'a>, type_name: &'a str, fields: Cow<'a, Fields>) -> Self {
        Self { source, type_name, key: None, fields }
    }

    /// The page of a connection that the arguments select from `items`.
    pub(crate) fn page(
        source: Source<'a>,
        items: &[Item<'a>],
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let page = connection::page(items, source.pages, info)?;
        let type_name = info.field_definition().ty.inner_named_type();
        Ok(ResolvedValue::object(Self::inline(source, type_name, Cow::Owned(page))))
    }

    fn item(source: Source<'a>, type_name: &'a str, item: Item<'a>) -> Self {
        match item {
            Item::Record(record) => Self::record(source, record),
            Item::Inline(fields) => Self::inline(source, type_name, Cow::Borrowed(fields)),
        }
    }
}

impl ObjectValue for DataObject<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let source: Source<'a> = self.source;
        let name = info.field_name();
        if let (Some(key), "id") = (self.key, name) {
            return Ok(ResolvedValue::leaf(node_id::encode(key)));
        }
        let Some(field) = source.model.field(self.type_name, name) else {
            return Err(self.unknown_field_error(info));
        };
        let value = self.fields.get(name).filter(|value| !value.is_null());
        let item = move |value: &'a Value| match value {
            Value::Object(fields) => Some(Item::Inline(fields)),
            other => source.store.get(other.as_str()?).map(Item::Record),
        };
        let list = value.and_then(Value::as_array).into_iter().flatten();
        Ok(match (&field.kind, value) {
            (FieldKind::Connection(_), _) => {
                return DataObject::page(source, &list.filter_map(item).collect::<Vec<_>>(), info);
            }
            (FieldKind::Objects(of), _) => ResolvedValue::list(
                list.filter_map(item)
                    .map(move |item| ResolvedValue::object(DataObject::item(source, of, item))),
            ),
            (_, None) => ResolvedValue::null(),
            (FieldKind::Leaf(_), Some(value)) => ResolvedValue::leaf(value.clone()),
            (FieldKind::LeafList(_), Some(_)) => {
                ResolvedValue::list(list.map(|value| ResolvedValue::leaf(value.clone())))
            }
            (FieldKind::One(of) | FieldKind::Inline(of), Some(value)) => {
                ResolvedValue::nullable_object(item(value).map(|item| DataObject::item(source, of, item)))
            }
        })
    }
}
