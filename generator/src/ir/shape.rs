//! Types that are recognised by their shape, because the runtime has one type for all of them.

use crate::Schema;
use crate::schema::{Argument, Kind};
use std::collections::BTreeSet;

/// How a connection type is recognised, and what it connects to.
pub(super) fn connection_node<'a>(schema: &'a Schema, name: &str) -> Option<&'a str> {
    let fields = match schema.kind(name) {
        Kind::Object { fields, .. } => fields,
        _ => return None,
    };
    let page_info = fields.iter().find(|field| field.name == "pageInfo")?.ty.name();
    let has = |name| schema.fields(page_info).iter().any(|field| field.name == name);
    let nodes = fields.iter().find(|field| field.name == "nodes")?;
    let is_page = has("hasNextPage") && has("endCursor") && nodes.ty.item().is_some();
    is_page.then(|| nodes.ty.name())
}

/// The types that only serve connections: the connections, their edges and the page information.
pub(super) fn paging_types(schema: &Schema) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for name in schema.types.keys() {
        if connection_node(schema, name).is_none() {
            continue;
        }
        types.insert(name.clone());
        for field in schema.fields(name) {
            if matches!(field.name.as_str(), "edges" | "pageInfo") {
                types.insert(field.ty.name().to_owned());
            }
        }
    }
    types
}

/// An input object whose shape the runtime has a type for.
pub(super) enum Shared<'a> {
    /// `{ values, negate }`, with or without the four comparisons.
    Filter { values: &'a str, ranges: bool },
    /// `{ field, direction }`
    Order { field: &'a str },
}

const COMPARISONS: [&str; 4] = ["greaterThan", "greaterThanOrEqualTo", "lessThan", "lessThanOrEqualTo"];

/// The fields of an input object; none for other types.
pub(super) fn input_fields<'a>(schema: &'a Schema, name: &str) -> &'a [Argument] {
    match schema.kind(name) {
        Kind::InputObject(fields) => fields,
        _ => &[],
    }
}

/// Recognises the filters and orders that look alike for every record.
pub(super) fn shared<'a>(schema: &'a Schema, name: &str) -> Option<Shared<'a>> {
    let fields = input_fields(schema, name);
    let find = |name: &str| fields.iter().find(|field| field.name == name);
    let is_leaf = |name: &str| matches!(schema.kind(name), Kind::Scalar | Kind::Enum(_));
    if let (Some(values), Some(negate)) = (find("values"), find("negate")) {
        let value = values.ty.name();
        let comparisons =
            COMPARISONS.iter().filter(|name| find(name).is_some_and(|it| it.ty.name() == value));
        let ranges = comparisons.count();
        let nullable = fields.iter().all(|field| field.ty.is_nullable());
        let shape = matches!(values.ty.item(), Some(item) if item.item().is_none());
        if nullable
            && shape
            && is_leaf(value)
            && negate.ty.name() == "Boolean"
            && (ranges == 0 || ranges == COMPARISONS.len())
            && fields.len() == 2 + ranges
        {
            return Some(Shared::Filter { values: value, ranges: ranges > 0 });
        }
    }
    if let (2, Some(field), Some(direction)) = (fields.len(), find("field"), find("direction")) {
        let Kind::Enum(directions) = schema.kind(direction.ty.name()) else { return None };
        let has = |name: &str| directions.iter().any(|value| value.name == name);
        let is_enum = matches!(schema.kind(field.ty.name()), Kind::Enum(_));
        if is_enum && has("asc") && has("desc") && field.ty.item().is_none() && direction.ty.item().is_none()
        {
            return Some(Shared::Order { field: field.ty.name() });
        }
    }
    None
}
