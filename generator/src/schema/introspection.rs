//! Reads an introspection result.

use super::{Argument, EnumValue, Field, Kind, Schema, Type, WrappedType, missing};
use crate::Error;
use graphql_introspection_query::introspection_response::{
    __TypeKind as TypeKind, FullTypeEnumValues, FullTypeInterfaces, FullTypePossibleTypes, InputValue,
    SchemaMutationType, SchemaQueryType, TypeRef,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

// `graphql-introspection-query` keeps the arguments of a field private, so the three types on the
// way to them are spelled out here; everything below them is the crate's.

#[derive(Deserialize)]
struct Response {
    data: Option<Container>,
    #[serde(rename = "__schema")]
    schema: Option<RawSchema>,
}

#[derive(Deserialize)]
struct Container {
    #[serde(rename = "__schema")]
    schema: Option<RawSchema>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSchema {
    query_type: Option<SchemaQueryType>,
    mutation_type: Option<SchemaMutationType>,
    types: Option<Vec<RawType>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawType {
    kind: Option<TypeKind>,
    name: Option<String>,
    description: Option<String>,
    fields: Option<Vec<RawField>>,
    input_fields: Option<Vec<InputValue>>,
    interfaces: Option<Vec<FullTypeInterfaces>>,
    enum_values: Option<Vec<FullTypeEnumValues>>,
    possible_types: Option<Vec<FullTypePossibleTypes>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawField {
    name: Option<String>,
    description: Option<String>,
    args: Option<Vec<InputValue>>,
    #[serde(rename = "type")]
    type_: Option<TypeRef>,
    #[serde(default)]
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
}

impl Schema {
    /// Reads an introspection result, with or without `{"data": ..}` around it.
    ///
    /// # Errors
    /// When the text is not JSON, or a part of the result is missing or contradicts another.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let response: Response = serde_json::from_str(crate::bom::without_bom(json))?;
        let raw = response
            .data
            .and_then(|container| container.schema)
            .or(response.schema)
            .ok_or_else(|| missing("the JSON", "`__schema`"))?;
        let query_type =
            raw.query_type.and_then(|query| query.name).ok_or_else(|| missing("the schema", "query type"))?;
        let mutation_type = raw.mutation_type.and_then(|mutation| mutation.name);
        let mut types = BTreeMap::new();
        for raw in raw.types.ok_or_else(|| missing("the schema", "`types`"))? {
            let name = raw.name.clone().ok_or_else(|| missing("a type", "name"))?;
            if name.starts_with("__") {
                continue;
            }
            let ty = read_type(&name, raw)?;
            if types.insert(name.clone(), ty).is_some() {
                return Err(Error::Duplicate { place: "the schema".to_owned(), name });
            }
        }
        let schema = Self { query_type, mutation_type, types };
        schema.check()?;
        Ok(schema)
    }
}

fn read_type(name: &str, raw: RawType) -> Result<Type, Error> {
    check_name("the schema", name)?;
    let kind = match raw.kind.ok_or_else(|| missing(name, "kind"))? {
        TypeKind::SCALAR => Kind::Scalar,
        TypeKind::OBJECT => Kind::Object {
            fields: read_fields(name, raw.fields)?,
            interfaces: names(name, raw.interfaces.unwrap_or_default().into_iter().map(|it| it.type_ref))?,
        },
        TypeKind::INTERFACE => Kind::Interface {
            fields: read_fields(name, raw.fields)?,
            possible_types: possible_types(name, raw.possible_types)?,
        },
        TypeKind::UNION => Kind::Union { possible_types: possible_types(name, raw.possible_types)? },
        TypeKind::ENUM => Kind::Enum(read_values(name, raw.enum_values)?),
        TypeKind::INPUT_OBJECT => {
            let fields = raw.input_fields.ok_or_else(|| missing(name, "`inputFields`"))?;
            Kind::InputObject(read_arguments(name, fields)?)
        }
        _ => return Err(missing(name, "kind that a named type can have")),
    };
    Ok(Type { kind, description: raw.description })
}

fn possible_types(place: &str, raw: Option<Vec<FullTypePossibleTypes>>) -> Result<BTreeSet<String>, Error> {
    let raw = raw.ok_or_else(|| missing(place, "`possibleTypes`"))?;
    names(place, raw.into_iter().map(|it| it.type_ref))
}

fn names(place: &str, types: impl Iterator<Item = TypeRef>) -> Result<BTreeSet<String>, Error> {
    types.map(|ty| ty.name.ok_or_else(|| missing(place, "name for one of its types"))).collect()
}

fn read_fields(place: &str, raw: Option<Vec<RawField>>) -> Result<Vec<Field>, Error> {
    let mut fields = Vec::new();
    for field in raw.ok_or_else(|| missing(place, "`fields`"))? {
        let name = field.name.ok_or_else(|| missing(place, "name for one of its fields"))?;
        let here = format!("{place}.{name}");
        check_name(place, &name)?;
        let ty = field.type_.ok_or_else(|| missing(&here, "type"))?;
        fields.push(Field {
            arguments: read_arguments(&here, field.args.unwrap_or_default())?,
            ty: wrapped(&here, ty)?,
            description: field.description,
            deprecation: deprecation(field.is_deprecated, field.deprecation_reason),
            name,
        });
    }
    sorted(place, fields, |field| &field.name)
}

fn read_arguments(place: &str, raw: Vec<InputValue>) -> Result<Vec<Argument>, Error> {
    let mut arguments = Vec::new();
    for argument in raw {
        check_name(place, &argument.name)?;
        arguments.push(Argument {
            ty: wrapped(&format!("{place}.{}", argument.name), argument.type_)?,
            description: argument.description,
            default: argument.default_value,
            deprecation: deprecation(argument.is_deprecated, argument.deprecation_reason),
            name: argument.name,
        });
    }
    sorted(place, arguments, |argument| &argument.name)
}

fn read_values(place: &str, raw: Option<Vec<FullTypeEnumValues>>) -> Result<Vec<EnumValue>, Error> {
    let mut values = Vec::new();
    for value in raw.ok_or_else(|| missing(place, "`enumValues`"))? {
        let name = value.name.ok_or_else(|| missing(place, "name for one of its values"))?;
        check_name(place, &name)?;
        let deprecation = deprecation(value.is_deprecated, value.deprecation_reason);
        values.push(EnumValue { name, description: value.description, deprecation });
    }
    sorted(place, values, |value| &value.name)
}

fn sorted<T>(place: &str, mut items: Vec<T>, name: fn(&T) -> &String) -> Result<Vec<T>, Error> {
    items.sort_by(|left, right| name(left).cmp(name(right)));
    for pair in items.windows(2) {
        if name(&pair[0]) == name(&pair[1]) {
            return Err(Error::Duplicate { place: place.to_owned(), name: name(&pair[0]).clone() });
        }
    }
    Ok(items)
}

fn deprecation(is_deprecated: Option<bool>, reason: Option<String>) -> Option<String> {
    is_deprecated.unwrap_or(false).then(|| reason.unwrap_or_else(|| "No longer supported".to_owned()))
}

/// Wrappers beyond this many are taken for an endless type.
const MAX_WRAPPERS: usize = 32;

fn wrapped(place: &str, ty: TypeRef) -> Result<WrappedType, Error> {
    fn descend(place: &str, ty: TypeRef, depth: usize) -> Result<WrappedType, Error> {
        let cut_off = || Error::CutOff { place: place.to_owned() };
        let inner = |of_type: Option<Box<TypeRef>>| {
            if depth == MAX_WRAPPERS {
                return Err(cut_off());
            }
            descend(place, *of_type.ok_or_else(cut_off)?, depth + 1).map(Box::new)
        };
        match ty.kind {
            Some(TypeKind::NON_NULL) => {
                let inner = inner(ty.of_type)?;
                Ok(if inner.is_nullable() { WrappedType::NonNull(inner) } else { *inner })
            }
            Some(TypeKind::LIST) => inner(ty.of_type).map(WrappedType::List),
            _ => ty.name.map(WrappedType::Named).ok_or_else(cut_off),
        }
    }
    descend(place, ty, 0)
}

fn check_name(place: &str, name: &str) -> Result<(), Error> {
    let mut bytes = name.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if valid {
        return Ok(());
    }
    Err(Error::BadName { place: place.to_owned(), name: name.to_owned() })
}
