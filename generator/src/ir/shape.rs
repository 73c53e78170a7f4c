//! Types that are recognised by their shape, because the runtime has one type for all of them.

use crate::Schema;
use crate::schema::Kind;

const COMPARISONS: [&str; 4] = ["greaterThan", "greaterThanOrEqualTo", "lessThan", "lessThanOrEqualTo"];

/// Recognises filters that all records share: `{ values, negate }`, with or without the
/// four comparisons. Returns the type of the values, and whether there are comparisons.
pub(super) fn filter<'a>(schema: &'a Schema, name: &str) -> Option<(&'a str, bool)> {
    let fields = schema.input_fields(name);
    if schema.is_one_of(name) {
        return None;
    }
    let find = |name: &str| fields.iter().find(|field| field.name == name);
    let (values, negate) = (find("values")?, find("negate")?);
    let value = values.ty.name();
    let is_comparison = |name: &&&str| find(name).is_some_and(|field| field.ty.name() == value);
    let comparisons = COMPARISONS.iter().filter(is_comparison).count();
    let is_filter = fields.iter().all(|field| field.ty.is_nullable())
        && values.ty.item().is_some_and(|item| item.item().is_none())
        && schema.kind(value).is_leaf()
        && negate.ty.name() == "Boolean"
        && (comparisons == 0 || comparisons == COMPARISONS.len())
        && fields.len() == 2 + comparisons;
    is_filter.then_some((value, comparisons > 0))
}

/// Recognises `{ field, direction }` with the directions `asc` and `desc`, and returns the enum of the field.
/// Other inputs that order, such as those with `ASC` or with more directions, are inputs like any other.
pub(super) fn order<'a>(schema: &'a Schema, name: &str) -> Option<&'a str> {
    let [direction, field] = schema.input_fields(name) else { return None };
    let directions = schema.enum_values(direction.ty.name());
    let has = |name: &str| directions.iter().any(|value| value.name == name);
    let is_order = directions.len() == 2
        && !schema.is_one_of(name)
        && (direction.name.as_str(), field.name.as_str()) == ("direction", "field")
        && has("asc")
        && has("desc")
        && schema.kind(field.ty.name()) == Kind::Enum
        && field.ty.item().is_none()
        && direction.ty.item().is_none();
    is_order.then(|| field.ty.name())
}
