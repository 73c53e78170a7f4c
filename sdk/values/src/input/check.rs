//! Input objects from JSON, checked against the schema.

use super::{InputObject, InputTable, InputType, InputValue, IntoInput, ReadInput};
use crate::decode::{DecodeError, DecodeErrorKind, Decoder};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

/// Why a filter with an empty list of values is not sent.
pub(super) const NO_VALUES: &str = "an empty list of values, which the API reads as \"has no value\": leave \
     the filter out, or use `Filter::empty()` or `Filter::present()` (in JSON `\"values\": [null]`)";

/// A generated input object.
pub trait Input: Sized + Clone {
    /// The names and types of its fields.
    fn table() -> &'static InputTable;

    /// Makes the input from checked entries.
    fn from_object(object: InputObject) -> Self;

    /// The entries, as they are sent.
    fn as_object(&self) -> &InputObject;

    #[doc(hidden)]
    fn as_object_mut(&mut self) -> &mut InputObject;

    /// With the entry of a field that is declared as `name: Type`. The body of a setter is this call alone:
    /// there are thousands of them, and each is compiled and stored with the crate.
    #[doc(hidden)]
    #[must_use]
    // The function of a program that fills the input would take longer to compile.
    #[inline(never)]
    fn with_declared<T, N>(mut self, declaration: &'static str, value: impl IntoInput<T, N>) -> Self {
        self.as_object_mut().set_declared(declaration, value);
        self
    }
}

impl InputTable {
    fn types(&self) -> impl Iterator<Item = (&'static str, Type)> {
        self.fields.iter().filter_map(|(declaration, read)| {
            let (name, text) = declaration.split_once(": ")?;
            // A default makes a field optional, also where null is not allowed.
            let text = match text.split_once(" = ") {
                Some((text, _)) => text.strip_suffix('!').unwrap_or(text),
                None => text,
            };
            Some((name, Type { text, read: *read }))
        })
    }
}

/// A GraphQL type, and how its leaves are read.
#[derive(Clone, Copy)]
struct Type {
    text: &'static str,
    read: ReadInput,
}

impl Type {
    fn non_null(self) -> Option<Self> {
        self.text.strip_suffix('!').map(|text| Self { text, ..self })
    }

    fn item(self) -> Option<Self> {
        let text = self.text.strip_prefix('[')?.strip_suffix(']')?;
        Some(Self { text, ..self })
    }

    fn read(self, decoder: &mut Decoder<'_>) -> Result<InputValue, DecodeError> {
        let ty = match self.non_null() {
            Some(ty) => ty,
            None if decoder.null()? => return Ok(InputValue::Null),
            None => self,
        };
        match ty.item() {
            Some(item) => item.read_list(decoder, ty.text).map(InputValue::List),
            None => match ty.read {
                ReadInput::Value(read) => read(decoder, ty.text),
                ReadInput::Object(table) => read_object(table(), decoder).map(InputValue::Object),
            },
        }
    }

    fn read_list(
        self,
        decoder: &mut Decoder<'_>,
        expected: &'static str,
    ) -> Result<Vec<InputValue>, DecodeError> {
        let mut items = Vec::new();
        decoder.list(expected, &mut |decoder| {
            items.push(self.read(decoder)?);
            Ok(())
        })?;
        Ok(items)
    }
}

/// Deserializes an input type, checked against the schema.
///
/// # Errors
/// With the path of an unknown key, of a value of another type, of null in a non-null field, or of a missing
/// required field.
pub fn deserialize<'de, T: Input, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    let mut decoder = Decoder::new(json.get().as_bytes());
    read_object(T::table(), &mut decoder).map(T::from_object).map_err(D::Error::custom)
}

fn read_object(table: &'static InputTable, decoder: &mut Decoder<'_>) -> Result<InputObject, DecodeError> {
    let mut object = InputObject::new();
    decoder.entries(table.name, &mut |decoder, key| {
        let Some((name, ty)) = table.types().find(|(known, _)| *known == key) else {
            return Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(table.name));
        };
        if object.get(name).is_some() {
            return Err(DecodeError::new(DecodeErrorKind::Duplicate).of(table.name));
        }
        let value = match ty.read(decoder) {
            Ok(InputValue::Null) if table.one_of => {
                let reason = format!("null, where {} needs a value", table.name);
                return Err(DecodeError::new(DecodeErrorKind::Refused { reason }).of(table.name));
            }
            value => value.map_err(|error| error.of(table.name))?,
        };
        object.set(name, value);
        Ok(())
    })?;
    if table.one_of && object.iter().len() != 1 {
        let reason = format!("{} needs exactly one field, found {}", table.name, object.iter().len());
        return Err(DecodeError::new(DecodeErrorKind::Refused { reason }));
    }
    for (name, ty) in table.types() {
        if ty.non_null().is_some() && object.get(name).is_none() {
            return Err(DecodeError::new(DecodeErrorKind::Missing).at_key(table.name, name));
        }
    }
    Ok(object)
}

pub(super) fn read_filter(
    decoder: &mut Decoder<'_>,
    name: &'static str,
    read: ReadInput,
    comparisons: &[&'static str],
) -> Result<InputValue, DecodeError> {
    // Leaves ignore the name of their type.
    let value = Type { text: "", read };
    let mut object = InputObject::new();
    decoder.entries(name, &mut |decoder, key| {
        let (key, value) = match key {
            "values" => {
                let mut values = value.read_list(decoder, "a list of values")?;
                match values.as_slice() {
                    [] => {
                        let reason = NO_VALUES.to_owned();
                        return Err(DecodeError::new(DecodeErrorKind::Refused { reason }).of(name));
                    }
                    [InputValue::Null] => values.clear(),
                    _ => {}
                }
                ("values", InputValue::List(values))
            }
            "negate" => ("negate", Type { text: "Boolean", read: bool::READ }.read(decoder)?),
            _ => match comparisons.iter().find(|comparison| **comparison == key) {
                Some(comparison) => (*comparison, value.read(decoder)?),
                None => return Err(DecodeError::new(DecodeErrorKind::UnknownKey).of(name)),
            },
        };
        object.set(key, value);
        Ok(())
    })?;
    Ok(InputValue::Object(object))
}

/// Reads an order: see [`ReadInput`].
pub(super) fn read_order(decoder: &mut Decoder<'_>, name: &'static str) -> Result<InputValue, DecodeError> {
    static ORDER: InputTable = InputTable {
        rust: "Order",
        name: "order",
        one_of: false,
        fields: &[("field: String!", String::READ), ("direction: String", String::READ)],
    };
    read_object(&ORDER, decoder).map(InputValue::Object).map_err(|error| error.of(name))
}
