//! The schema: an introspection result. [`Schema`] reads and writes its JSON, and prints SDL.

mod json;
mod merge;
mod place;
mod query;
#[cfg(feature = "sdl")]
mod read_sdl;
mod sdl;
mod type_ref;

pub use json::Introspection;
pub use query::IntrospectionQuery;
pub use type_ref::{Kind, TypeRef};

use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) const BUILT_IN_SCALARS: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
const BUILT_IN_DIRECTIVES: [&str; 5] = ["deprecated", "include", "oneOf", "skip", "specifiedBy"];

/// A GraphQL schema. `Display` prints it in the schema definition language (SDL), without what every
/// engine defines: introspection types, built-in scalars and directives.
///
/// Keys of the JSON are written in the order of the fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The query type. [`Schema::from_json`] refuses a schema without one.
    pub query_type: Option<Named>,
    /// The mutation type.
    pub mutation_type: Option<Named>,
    /// The subscription type.
    pub subscription_type: Option<Named>,
    /// All types. The lookups of this struct need them in the order of their names, as
    /// [`Schema::from_json`] sorts them.
    pub types: Vec<Type>,
    /// Directives.
    #[serde(default)]
    pub directives: Vec<Directive>,
    /// Interfaces and possible types that [`Schema::from_json`] leaves out, by the type that lists them: the result
    /// does not define them.
    #[serde(skip)]
    pub left_out: BTreeMap<String, Vec<String>>,
}

/// The name of a type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
}

/// One named type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Type {
    /// What kind of type. It determines which of the lists are there.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// The fields of an object or an interface.
    pub fields: Option<Vec<Field>>,
    /// The fields of an input object.
    pub input_fields: Option<Vec<Argument>>,
    /// The interfaces that an object or an interface implements.
    pub interfaces: Option<Vec<TypeRef>>,
    /// The values of an enum.
    pub enum_values: Option<Vec<EnumValue>>,
    /// The object types of an interface or a union.
    pub possible_types: Option<Vec<TypeRef>>,
    /// The specification of a scalar. It is not written to JSON.
    #[serde(rename = "specifiedByURL", skip_serializing)]
    pub specified_by_url: Option<String>,
    /// Whether an input object takes exactly one of its fields. Written to JSON only if it does: introspection of
    /// older servers does not know it.
    #[serde(skip_serializing_if = "is_not_true")]
    pub is_one_of: Option<bool>,
    /// The environment that has it, if the other one has not. Its members are not marked then. As in its other
    /// places, only [`Schema::merge`] sets it.
    #[serde(skip)]
    pub only_in: Option<String>,
    /// Interfaces and possible types of a type that both environments have, where only this environment lists them.
    #[serde(skip)]
    pub partial: BTreeMap<String, String>,
}

/// A field of an object or an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Its arguments.
    #[serde(rename = "args", default)]
    pub arguments: Vec<Argument>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether it should not be used any more.
    #[serde(default)]
    pub is_deprecated: bool,
    /// Why it should not be used any more.
    pub deprecation_reason: Option<String>,
    /// The environment that has it, if the other one has not.
    #[serde(skip)]
    pub only_in: Option<String>,
}

impl Field {
    /// Whether it can be selected without arguments, in both environments if there are two.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let is_needed = |argument: &Argument| argument.is_required() || argument.is_required_in_one();
        self.only_in.is_none() && !self.arguments.iter().any(is_needed)
    }
}

/// An argument of a field or a directive, or a field of an input object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Its default, as a GraphQL literal.
    #[serde(rename = "defaultValue")]
    pub default: Option<String>,
    /// Whether it should not be used any more. Written to JSON only if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_deprecated: Option<bool>,
    /// Why it should not be used any more. Written to JSON only if it is there, as null or a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation_reason: Option<Option<String>>,
    /// The environment that has it, if the other one has not.
    #[serde(skip)]
    pub only_in: Option<String>,
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

    /// Why it should not be used any more.
    pub(crate) fn deprecation(&self) -> Option<String> {
        let reason = self.deprecation_reason.as_ref().and_then(Option::as_ref);
        deprecation(self.is_deprecated == Some(true), reason)
    }

    /// Whether it must be given. One that only one of two environments has cannot be given to the other.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.ty.is_nullable() && self.default.is_none() && self.only_in.is_none()
    }

    /// Whether one of two environments requires it, and the other one does not have it.
    #[must_use]
    pub fn is_required_in_one(&self) -> bool {
        !self.ty.is_nullable() && self.default.is_none() && self.only_in.is_some()
    }
}

/// A value of an enum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnumValue {
    /// As it is sent.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Whether it should not be used any more.
    #[serde(default)]
    pub is_deprecated: bool,
    /// Why it should not be used any more.
    pub deprecation_reason: Option<String>,
    /// The environment that has it, if the other one has not.
    #[serde(skip)]
    pub only_in: Option<String>,
}

/// A directive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Directive {
    /// Its name, without `@`.
    pub name: String,
    /// The schema's description.
    pub description: Option<String>,
    /// Where it can be used.
    #[serde(default)]
    pub locations: Vec<String>,
    /// Its arguments.
    #[serde(rename = "args", default)]
    pub arguments: Vec<Argument>,
    /// Whether it can be used more than once in a place. It is not written to JSON.
    #[serde(skip_serializing)]
    pub is_repeatable: Option<bool>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_not_true(value: &Option<bool>) -> bool {
    *value != Some(true)
}

/// A deprecation's reason, or GraphQL's default for it.
pub(crate) fn deprecation(is_deprecated: bool, reason: Option<&String>) -> Option<String> {
    is_deprecated.then(|| reason.map_or_else(|| "No longer supported".to_owned(), Clone::clone))
}

impl Schema {
    /// Reads a schema in either of its forms: the JSON of an introspection result, or, with the feature
    /// `sdl`, the schema definition language.
    ///
    /// # Errors
    /// Those of [`from_json`](Self::from_json), and when the SDL is not valid.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let first = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().next();
        match first.is_some_and(|first| first.is_ascii_alphabetic() || "\"#".contains(first)) {
            true => Self::from_sdl(text),
            false => Self::from_json(text),
        }
    }

    #[cfg(not(feature = "sdl"))]
    fn from_sdl(_: &str) -> Result<Self, Error> {
        Err(Error::Schema("the schema is no JSON; to read SDL, enable the feature `sdl`".to_owned()))
    }

    /// A type by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Type> {
        let index = self.types.binary_search_by(|ty| ty.name.as_str().cmp(name)).ok()?;
        self.types.get(index)
    }

    /// The name of the query type.
    #[must_use]
    pub fn query_type(&self) -> &str {
        self.query_type.as_ref().map_or("", |root| &root.name)
    }

    /// The name of the mutation type.
    #[must_use]
    pub fn mutation_type(&self) -> Option<&str> {
        self.mutation_type.as_ref().map(|root| root.name.as_str())
    }

    /// The name of the subscription type.
    #[must_use]
    pub fn subscription_type(&self) -> Option<&str> {
        self.subscription_type.as_ref().map(|root| root.name.as_str())
    }

    /// Whether a type is the query, the mutation or the subscription type.
    #[must_use]
    pub fn is_root(&self, name: &str) -> bool {
        let roots = [&self.query_type, &self.mutation_type, &self.subscription_type];
        roots.into_iter().flatten().any(|root| root.name == name)
    }

    /// The kind of a type; a scalar if there is no such type.
    #[must_use]
    pub fn kind(&self, name: &str) -> Kind {
        self.get(name).map_or(Kind::Scalar, |ty| ty.kind)
    }

    /// The fields of an object or an interface; none for other types.
    #[must_use]
    pub fn fields(&self, name: &str) -> &[Field] {
        self.get(name).and_then(|ty| ty.fields.as_deref()).unwrap_or_default()
    }

    /// A field of an object or an interface by its name. Like [`get`](Self::get), it needs the order of
    /// [`Schema::from_json`].
    #[must_use]
    pub fn field(&self, ty: &str, name: &str) -> Option<&Field> {
        let fields = self.fields(ty);
        let index = fields.binary_search_by(|field| field.name.as_str().cmp(name)).ok()?;
        fields.get(index)
    }

    /// The fields of an input object; none for other types.
    #[must_use]
    pub fn input_fields(&self, name: &str) -> &[Argument] {
        self.get(name).and_then(|ty| ty.input_fields.as_deref()).unwrap_or_default()
    }

    /// The values of an enum; none for other types.
    #[must_use]
    pub fn enum_values(&self, name: &str) -> &[EnumValue] {
        self.get(name).and_then(|ty| ty.enum_values.as_deref()).unwrap_or_default()
    }

    /// Whether an input object takes exactly one of its fields.
    #[must_use]
    pub fn is_one_of(&self, name: &str) -> bool {
        self.get(name).is_some_and(|ty| ty.is_one_of == Some(true))
    }

    /// The names of the object types of an interface or a union; none for other types.
    pub fn possible_types(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).and_then(|ty| ty.possible_types.as_ref()).into_iter().flatten().map(TypeRef::name)
    }

    /// Whether an object type implements an interface.
    #[must_use]
    pub fn implements(&self, object: &str, interface: &str) -> bool {
        let interfaces = self.get(object).and_then(|ty| ty.interfaces.as_ref());
        interfaces.into_iter().flatten().any(|implemented| implemented.name() == interface)
    }
}
