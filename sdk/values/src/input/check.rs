//! Input objects from JSON, checked against the schema.

use super::{InputObject, InputValue};
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Why a filter with an empty list of values is not sent.
pub(super) const NO_VALUES: &str = "an empty list of values, which the API reads as \"has no value\": leave \
     the filter out, or use `Filter::empty()` or `Filter::present()` (in JSON `\"values\": [null]`)";

/// The names and types of a generated input object.
#[derive(Debug)]
pub struct InputTable {
    /// Name of the GraphQL type.
    pub name: &'static str,
    /// One line per field: `name: [Type!]!`, followed by `=Kind` unless the type is one of the five scalars
    /// of GraphQL. The kind is the JSON form of a leaf: `Decimal`, `Timestamp`, `Date`, `Time`, `Json`,
    /// `Enum`, `Object`, `Order`, `Filter<Kind>`, `RangeFilter<Kind>`.
    pub fields: &'static [&'static str],
    /// The input objects that the types of the fields name.
    pub nested: &'static [fn() -> &'static InputTable],
}

impl InputTable {
    fn field(&self, name: &str) -> Option<(&'static str, Type)> {
        self.types().find(|(known, _)| *known == name)
    }

    fn types(&self) -> impl Iterator<Item = (&'static str, Type)> {
        self.fields.iter().filter_map(|line| {
            let (name, text) = line.split_once(": ")?;
            let (text, kind) = text.split_once('=').unwrap_or((text, ""));
            Some((name, Type { text, kind }))
        })
    }

    fn nested(&self, name: &str) -> Option<&'static InputTable> {
        self.nested.iter().map(|table| table()).find(|table| table.name == name)
    }
}

/// A GraphQL type, and the JSON form of its leaves.
#[derive(Clone, Copy)]
struct Type {
    text: &'static str,
    kind: &'static str,
}

impl Type {
    fn non_null(self) -> Option<Self> {
        self.text.strip_suffix('!').map(|text| Self { text, ..self })
    }

    fn item(self) -> Option<Self> {
        let text = self.text.strip_prefix('[')?.strip_suffix(']')?;
        Some(Self { text, ..self })
    }

    fn leaf(self) -> &'static str {
        if self.kind.is_empty() { self.text } else { self.kind }
    }
}

/// Decodes the entries of an input object.
///
/// # Errors
/// With the path of an unknown key, of a value of another type, of null in a non-null field, or of a missing
/// required field.
pub fn from_json(table: &'static InputTable, json: &RawValue) -> Result<InputObject, DecodeError> {
    let mut decoder = Decoder::new(json.get().as_bytes());
    read_object(table, &mut decoder)
}

fn read_object(table: &'static InputTable, decoder: &mut Decoder<'_>) -> Result<InputObject, DecodeError> {
    let mut object = InputObject::new();
    decoder.entries(table.name, &mut |decoder, key| {
        let Some((name, ty)) = table.field(key) else {
            return Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(table.name));
        };
        if object.get(name).is_some() {
            return Err(DecodeError::new(DecodeErrorKind::Duplicate).of(table.name));
        }
        object.set(name, read(table, ty, decoder).map_err(|error| error.of(table.name))?);
        Ok(())
    })?;
    for (name, ty) in table.types() {
        if ty.non_null().is_some() && object.get(name).is_none() {
            return Err(DecodeError::new(DecodeErrorKind::Missing).at_key(table.name, name));
        }
    }
    Ok(object)
}

fn read(table: &'static InputTable, ty: Type, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
    let ty = match ty.non_null() {
        Some(ty) => ty,
        None if decoder.null()? => return Ok(InputValue::Null),
        None => ty,
    };
    let Some(item) = ty.item() else {
        return read_leaf(table, ty, decoder);
    };
    let mut items = Vec::new();
    decoder.list(ty.text, &mut |decoder| {
        items.push(read(table, item, decoder)?);
        Ok(())
    })?;
    Ok(InputValue::List(items))
}

fn read_leaf(
    table: &'static InputTable,
    ty: Type,
    decoder: &mut Decoder<'_>,
) -> Result<InputValue, DecodeError> {
    let kind = ty.leaf();
    if let Some(kind) = inner(kind, "Filter<") {
        return read_filter(ty.text, kind, false, decoder);
    }
    if let Some(kind) = inner(kind, "RangeFilter<") {
        return read_filter(ty.text, kind, true, decoder);
    }
    Ok(match kind {
        "Int" => InputValue::Int(decoder.integer(ty.text)?),
        "Float" => InputValue::Float(decoder.float(ty.text)?),
        "Boolean" => InputValue::Boolean(decoder.boolean(ty.text)?),
        "Decimal" => InputValue::Decimal(leaf::<Decimal>(decoder)?),
        "Timestamp" => text(leaf::<Timestamp>(decoder)?),
        "Date" => text(leaf::<Date>(decoder)?),
        "Time" => text(leaf::<TimeOfDay>(decoder)?),
        "Json" => InputValue::Json(leaf::<Json>(decoder)?),
        "Order" => read_order(ty.text, decoder)?,
        "ID" => match leaf::<Id>(decoder)? {
            id if id.is_blank() => return Err(DecodeError::invalid("ID", id.as_str())),
            id => text(id),
        },
        "String" | "Enum" => InputValue::Text(Cow::Owned(decoder.string(ty.text)?.to_owned())),
        _ => match table.nested(ty.text) {
            Some(nested) => InputValue::Object(read_object(nested, decoder)?),
            None => return Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(table.name)),
        },
    })
}

fn inner(kind: &'static str, prefix: &str) -> Option<&'static str> {
    kind.strip_prefix(prefix)?.strip_suffix('>')
}

fn read_filter(
    name: &'static str,
    kind: &'static str,
    ranges: bool,
    decoder: &mut Decoder<'_>,
) -> Result<InputValue, DecodeError> {
    /// A filter's values are leaves: they name no other input object.
    static NO_NESTED: InputTable = InputTable { name: "filter", fields: &[], nested: &[] };
    let mut object = InputObject::new();
    decoder.entries(name, &mut |decoder, key| {
        let value = Type { text: kind, kind };
        let mut entry = |name, value| {
            object.set(name, value);
            Ok(())
        };
        match key {
            "values" => {
                let mut values = Vec::new();
                decoder.list("a list of values", &mut |decoder| {
                    values.push(read(&NO_NESTED, value, decoder)?);
                    Ok(())
                })?;
                match values.as_slice() {
                    [] => {
                        let reason = NO_VALUES.to_owned();
                        return Err(DecodeError::new(DecodeErrorKind::Refused { reason }).of(name));
                    }
                    [InputValue::Null] => values.clear(),
                    _ => {}
                }
                entry("values", InputValue::List(values))
            }
            "negate" => entry("negate", read(&NO_NESTED, Type { text: "Boolean", kind: "" }, decoder)?),
            "lessThan" if ranges => entry("lessThan", read(&NO_NESTED, value, decoder)?),
            "lessThanOrEqualTo" if ranges => entry("lessThanOrEqualTo", read(&NO_NESTED, value, decoder)?),
            "greaterThan" if ranges => entry("greaterThan", read(&NO_NESTED, value, decoder)?),
            "greaterThanOrEqualTo" if ranges => {
                entry("greaterThanOrEqualTo", read(&NO_NESTED, value, decoder)?)
            }
            _ => Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(name)),
        }
    })?;
    Ok(InputValue::Object(object))
}

fn read_order(name: &'static str, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
    static ORDER: InputTable =
        InputTable { name: "order", fields: &["field: String!", "direction: String"], nested: &[] };
    read_object(&ORDER, decoder).map(InputValue::Object).map_err(|error| error.of(name))
}

fn leaf<T: Field>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    let mut value = T::vacant();
    value.decode(decoder)?;
    Ok(value)
}

fn text(value: impl ToString) -> InputValue {
    InputValue::Text(Cow::Owned(value.to_string()))
}
