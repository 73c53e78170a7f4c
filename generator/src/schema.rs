//! The schema: an introspection result with everything in one order.

use crate::Error;
use graphql_introspection_query::introspection_response::{
    __TypeKind as TypeKind, FullTypeEnumValues, FullTypeInterfaces, FullTypePossibleTypes, InputValue,
    SchemaMutationType, SchemaQueryType, TypeRef,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

/// A GraphQL schema. Types, fields, arguments and values are in the order of their names, so two
/// introspection results that differ in order only are the same schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Name of the query type.
    pub query_type: String,
    /// Name of the mutation type.
    pub mutation_type: Option<String>,
    /// All types but those of introspection itself.
    pub types: BTreeMap<String, Type>,
}

/// One named type.
#[derive(Debug, Clone)]
pub struct Type {
    /// What kind of type, with its parts.
    pub kind: Kind,
    /// The schema's description.
    pub description: Option<String>,
}

/// The parts of a type.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A scalar.
    Scalar,
    /// An object type.
    Object {
        /// Its fields.
        fields: Vec<Field>,
        /// The interfaces it implements.
        interfaces: BTreeSet<String>,
    },
    /// An interface.
    Interface {
        /// Its fields.
        fields: Vec<Field>,
        /// The object types that implement it.
        possible_types: BTreeSet<String>,
    },
    /// A union.
    Union {
        /// The object types it is a union of.
        possible_types: BTreeSet<String>,
    },
    /// An enum.
    Enum(Vec<EnumValue>),
    /// An input object.
    InputObject(Vec<Argument>),
}

/// A field of an object or an interface.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Its type.
    pub ty: WrappedType,
    /// Why it should not be used any more.
    pub deprecation: Option<String>,
}

/// An argument of a field, or a field of an input object.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Its type.
    pub ty: WrappedType,
    /// Its default, as GraphQL text.
    pub default: Option<String>,
    /// Why it should not be used any more.
    pub deprecation: Option<String>,
}

impl Argument {
    /// As it is written in a schema: `name: Type = default`.
    #[must_use]
    pub fn signature(&self) -> String {
        match &self.default {
            Some(default) => format!("{}: {} = {default}", self.name, self.ty),
            None => format!("{}: {}", self.name, self.ty),
        }
    }

    /// Whether it must be given.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.ty.is_nullable() && self.default.is_none()
    }
}

/// A value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// As it is sent.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Why it should not be used any more.
    pub deprecation: Option<String>,
}

/// A type with its lists and its nullability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrappedType {
    /// `T`
    Named(String),
    /// `[T]`
    List(Box<WrappedType>),
    /// `T!`
    NonNull(Box<WrappedType>),
}

impl WrappedType {
    /// The innermost name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    /// Whether null is allowed.
    #[must_use]
    pub fn is_nullable(&self) -> bool {
        !matches!(self, Self::NonNull(_))
    }

    /// Without the outermost `!`.
    #[must_use]
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }

    /// The type of the items, when it is a list.
    #[must_use]
    pub fn item(&self) -> Option<&Self> {
        match self.nullable() {
            Self::List(item) => Some(item),
            _ => None,
        }
    }
}

impl fmt::Display for WrappedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

impl Schema {
    /// Reads an introspection result, with or without `{"data": ..}` around it.
    ///
    /// # Errors
    /// When the text is not JSON, or a part of the result is missing or contradicts another.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let response: Response = serde_json::from_str(crate::without_bom(json))?;
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

    /// Every named type exists, and the roots are objects.
    fn check(&self) -> Result<(), Error> {
        for root in std::iter::once(&self.query_type).chain(&self.mutation_type) {
            if self.fields(root).is_empty() {
                return Err(missing(&format!("the root type `{root}`"), "fields"));
            }
        }
        for (name, ty) in &self.types {
            let fields = match &ty.kind {
                Kind::Object { fields, .. } | Kind::Interface { fields, .. } => fields.as_slice(),
                _ => &[],
            };
            for field in fields {
                self.known(&format!("{name}.{}", field.name), field.ty.name())?;
                for argument in &field.arguments {
                    self.known(&format!("{name}.{}({}:)", field.name, argument.name), argument.ty.name())?;
                }
            }
            match &ty.kind {
                Kind::InputObject(fields) => {
                    for field in fields {
                        self.known(&format!("{name}.{}", field.name), field.ty.name())?;
                    }
                }
                Kind::Union { possible_types } | Kind::Interface { possible_types, .. } => {
                    for possible in possible_types {
                        self.known(name, possible)?;
                    }
                }
                Kind::Object { interfaces, .. } => {
                    for interface in interfaces {
                        self.known(name, interface)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn known(&self, place: &str, name: &str) -> Result<(), Error> {
        const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
        if self.types.contains_key(name) || BUILT_IN.contains(&name) {
            return Ok(());
        }
        Err(Error::UnknownType { place: place.to_owned(), name: name.to_owned() })
    }

    /// The kind of a type; the built-in scalars need not be listed in the schema.
    #[must_use]
    pub fn kind(&self, name: &str) -> &Kind {
        self.types.get(name).map_or(&Kind::Scalar, |ty| &ty.kind)
    }

    /// The fields of an object or an interface; none for other types.
    #[must_use]
    pub fn fields(&self, name: &str) -> &[Field] {
        match self.kind(name) {
            Kind::Object { fields, .. } | Kind::Interface { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Whether an object type implements an interface.
    #[must_use]
    pub fn implements(&self, object: &str, interface: &str) -> bool {
        matches!(self.kind(object), Kind::Object { interfaces, .. } if interfaces.contains(interface))
    }
}

fn missing(place: &str, what: &'static str) -> Error {
    Error::Missing { place: place.to_owned(), what }
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
