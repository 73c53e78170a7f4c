//! Input objects from JSON, checked against the schema.

use super::table::{InputTable, Kind};
use super::{InputObject, InputValue};
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field};
use crate::scalar::{Date, Decimal, Id, Json, TimeOfDay, Timestamp};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Why a filter with an empty list of values is not sent.
pub(super) const NO_VALUES: &str = "an empty list of values, which the API reads as \"has no value\": leave \
     the filter out, or use `Filter::empty()` or `Filter::present()` (in JSON `\"values\": [null]`)";

impl InputTable {
    fn field(&self, name: &str) -> Option<(&'static str, Type)> {
        self.types().find(|(known, _)| *known == name)
    }

    fn types(&self) -> impl Iterator<Item = (&'static str, Type)> {
        self.fields.iter().filter_map(|(declaration, kind)| {
            let (name, text) = declaration.split_once(": ")?;
            // A default makes a field optional, also where null is not allowed.
            let text = match text.split_once(" = ") {
                Some((text, _)) => text.strip_suffix('!').unwrap_or(text),
                None => text,
            };
            Some((name, Type { text, kind: *kind }))
        })
    }
}

/// A GraphQL type, and the JSON form of its leaves.
#[derive(Clone, Copy)]
struct Type {
    text: &'static str,
    kind: Kind,
}

impl Type {
    fn non_null(self) -> Option<Self> {
        self.text.strip_suffix('!').map(|text| Self { text, ..self })
    }

    fn item(self) -> Option<Self> {
        let text = self.text.strip_prefix('[')?.strip_suffix(']')?;
        Some(Self { text, ..self })
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
        object.set(name, read(ty, decoder).map_err(|error| error.of(table.name))?);
        Ok(())
    })?;
    for (name, ty) in table.types() {
        if ty.non_null().is_some() && object.get(name).is_none() {
            return Err(DecodeError::new(DecodeErrorKind::Missing).at_key(table.name, name));
        }
    }
    Ok(object)
}

fn read(ty: Type, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
    let ty = match ty.non_null() {
        Some(ty) => ty,
        None if decoder.null()? => return Ok(InputValue::Null),
        None => ty,
    };
    let Some(item) = ty.item() else {
        return read_leaf(ty, decoder);
    };
    let mut items = Vec::new();
    decoder.list(ty.text, &mut |decoder| {
        items.push(read(item, decoder)?);
        Ok(())
    })?;
    Ok(InputValue::List(items))
}

fn read_leaf(ty: Type, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
    Ok(match ty.kind {
        Kind::Int => InputValue::Int(decoder.integer(ty.text)?),
        Kind::Float => InputValue::Float(decoder.float(ty.text)?),
        Kind::Boolean => InputValue::Boolean(decoder.boolean(ty.text)?),
        Kind::Decimal => InputValue::Decimal(leaf::<Decimal>(decoder)?),
        Kind::Timestamp => text(leaf::<Timestamp>(decoder)?),
        Kind::Date => text(leaf::<Date>(decoder)?),
        Kind::Time => text(leaf::<TimeOfDay>(decoder)?),
        Kind::Json => InputValue::Json(leaf::<Json>(decoder)?),
        Kind::Id => match leaf::<Id>(decoder)? {
            id if id.is_blank() => return Err(DecodeError::invalid("ID", id.as_str())),
            id => text(id),
        },
        Kind::String | Kind::Enum => InputValue::Text(Cow::Owned(decoder.string(ty.text)?.to_owned())),
        Kind::Order => read_order(ty.text, decoder)?,
        Kind::Filter(kind) => read_filter(ty.text, *kind, false, decoder)?,
        Kind::RangeFilter(kind) => read_filter(ty.text, *kind, true, decoder)?,
        Kind::Object(table) => InputValue::Object(read_object(table(), decoder)?),
    })
}

fn read_filter(
    name: &'static str,
    kind: Kind,
    ranges: bool,
    decoder: &mut Decoder<'_>,
) -> Result<InputValue, DecodeError> {
    let mut object = InputObject::new();
    decoder.entries(name, &mut |decoder, key| {
        let value = Type { text: kind.name(), kind };
        let mut entry = |name, value| {
            object.set(name, value);
            Ok(())
        };
        match key {
            "values" => {
                let mut values = Vec::new();
                decoder.list("a list of values", &mut |decoder| {
                    values.push(read(value, decoder)?);
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
            "negate" => entry("negate", read(Type { text: "Boolean", kind: Kind::Boolean }, decoder)?),
            "lessThan" if ranges => entry("lessThan", read(value, decoder)?),
            "lessThanOrEqualTo" if ranges => entry("lessThanOrEqualTo", read(value, decoder)?),
            "greaterThan" if ranges => entry("greaterThan", read(value, decoder)?),
            "greaterThanOrEqualTo" if ranges => entry("greaterThanOrEqualTo", read(value, decoder)?),
            _ => Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(name)),
        }
    })?;
    Ok(InputValue::Object(object))
}

fn read_order(name: &'static str, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
    static ORDER: InputTable = InputTable {
        name: "order",
        fields: &[("field: String!", Kind::String), ("direction: String", Kind::String)],
    };
    read_object(&ORDER, decoder).map(InputValue::Object).map_err(|error| error.of(name))
}

fn leaf<T: Field>(decoder: &mut Decoder<'_>) -> Result<T, DecodeError> {
    let mut value = T::placeholder();
    value.decode(decoder)?;
    Ok(value)
}

fn text(value: impl ToString) -> InputValue {
    InputValue::Text(Cow::Owned(value.to_string()))
}
