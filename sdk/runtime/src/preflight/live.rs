//! The types of a server, as introspection describes them.

use crate::client::ClientCore;
use crate::error::{Error, ErrorKind, Result};
use crate::raw::RawQuery;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Types in one request.
const MAX_TYPES: usize = 50;

/// Whether a server describes deprecated inputs only when it is asked to, and inputs of one field.
const ABILITIES: &str = "query preflight { __schema { queryType { name } mutationType { name } \
    subscriptionType { name } } type: __type(name: \"__Type\") { fields { name args { name } } } \
    field: __type(name: \"__Field\") { fields { name args { name } } } \
    input: __type(name: \"__InputValue\") { fields { name } } }";

const REFERENCE: &str = "fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind \
    name ofType { kind name ofType { kind name ofType { kind name } } } } } } }";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LiveType {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) fields: Option<Vec<LiveField>>,
    pub(super) input_fields: Option<Vec<LiveInput>>,
    pub(super) enum_values: Option<Vec<LiveValue>>,
    pub(super) possible_types: Option<Vec<Named>>,
    #[serde(default)]
    pub(super) is_one_of: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LiveField {
    pub(super) name: String,
    #[serde(default)]
    pub(super) args: Vec<LiveInput>,
    #[serde(rename = "type")]
    pub(super) ty: TypeRef,
    #[serde(flatten)]
    pub(super) deprecation: Deprecation,
}

/// An argument, or a field of an input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LiveInput {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: TypeRef,
    pub(super) default_value: Option<String>,
    #[serde(flatten)]
    pub(super) deprecation: Deprecation,
}

#[derive(Debug, Deserialize)]
pub(super) struct LiveValue {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) deprecation: Deprecation,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Deprecation {
    is_deprecated: Option<bool>,
    deprecation_reason: Option<String>,
}

impl Deprecation {
    /// The reason, empty without one, if it is deprecated.
    pub(super) fn reason(&self) -> Option<&str> {
        let reason = self.deprecation_reason.as_deref().unwrap_or_default().trim();
        self.is_deprecated.unwrap_or_default().then_some(reason)
    }
}

/// A type with its wrappers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeRef {
    pub(super) kind: String,
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    pub(super) fn is_non_null(&self) -> bool {
        self.kind == "NON_NULL"
    }

    /// The type inside `NON_NULL`.
    pub(super) fn nullable(&self) -> &Self {
        match &self.of_type {
            Some(inner) if self.is_non_null() => inner,
            _ => self,
        }
    }

    /// The type of the items, of a nullable list.
    pub(super) fn item(&self) -> Option<&Self> {
        self.of_type.as_deref().filter(|_| self.kind == "LIST")
    }

    /// The number of lists around it.
    pub(super) fn lists(&self) -> usize {
        self.of_type.as_deref().map_or(0, |inner| usize::from(self.kind == "LIST") + inner.lists())
    }

    /// The type without wrappers.
    pub(super) fn base(&self) -> &Self {
        self.of_type.as_deref().map_or(self, Self::base)
    }

    pub(super) fn name(&self) -> &str {
        self.base().name.as_deref().unwrap_or_default()
    }

    /// Whether it has fields.
    pub(super) fn is_composite(&self) -> bool {
        matches!(self.base().kind.as_str(), "OBJECT" | "INTERFACE" | "UNION")
    }
}

#[cfg(test)]
impl Live {
    /// Types as a server describes them.
    pub(super) fn of(types: impl IntoIterator<Item = serde_json::Value>) -> Self {
        let types = types.into_iter().filter_map(|ty| serde_json::from_value::<LiveType>(ty).ok());
        Self { types: types.map(|ty| (ty.name.clone(), Some(ty))).collect(), ..Self::default() }
    }
}

#[cfg(test)]
impl TypeRef {
    /// A type in the syntax of a schema.
    pub(super) fn parse(text: &str, kind: &str) -> Self {
        let wrapped =
            |kind: &str, inner| Self { kind: kind.to_owned(), name: None, of_type: Some(Box::new(inner)) };
        match (text.strip_suffix('!'), text.strip_prefix('[').and_then(|it| it.strip_suffix(']'))) {
            (Some(inner), _) => wrapped("NON_NULL", Self::parse(inner, kind)),
            (None, Some(inner)) => wrapped("LIST", Self::parse(inner, kind)),
            (None, None) => Self { kind: kind.to_owned(), name: Some(text.to_owned()), of_type: None },
        }
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind.as_str(), &self.of_type) {
            ("NON_NULL", Some(inner)) => write!(f, "{inner}!"),
            ("LIST", Some(inner)) => write!(f, "[{inner}]"),
            _ => f.write_str(self.name.as_deref().unwrap_or("?")),
        }
    }
}

/// What is known of the types of a server.
#[derive(Debug, Default)]
pub(super) struct Live {
    abilities: Abilities,
    /// None for a type that the server does not have.
    types: BTreeMap<String, Option<LiveType>>,
    pub(super) query: Option<String>,
    pub(super) mutation: Option<String>,
    pub(super) subscription: Option<String>,
}

#[derive(Debug, Default)]
struct Abilities {
    deprecated_arguments: bool,
    deprecated_inputs: bool,
    deprecation_of_inputs: bool,
    one_of: bool,
}

impl Live {
    /// Asks a server what its introspection offers. Costs one request.
    pub(super) async fn new(client: &ClientCore) -> Result<Self> {
        #[derive(Deserialize)]
        struct Data {
            #[serde(rename = "__schema")]
            schema: Option<Schema>,
            #[serde(rename = "type")]
            ty: Option<Meta>,
            field: Option<Meta>,
            input: Option<Meta>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Schema {
            query_type: Option<Named>,
            mutation_type: Option<Named>,
            subscription_type: Option<Named>,
        }
        #[derive(Deserialize)]
        struct Meta {
            fields: Option<Vec<MetaField>>,
        }
        #[derive(Deserialize)]
        struct MetaField {
            name: String,
            #[serde(default)]
            args: Vec<Named>,
        }
        let takes_deprecated = |meta: &Option<Meta>, name: &str| {
            let fields = meta.as_ref().and_then(|meta| meta.fields.as_deref()).unwrap_or_default();
            let mut arguments = fields.iter().filter(|field| field.name == name).flat_map(|it| &it.args);
            arguments.any(|argument| argument.name == "includeDeprecated")
        };
        let has = |meta: &Option<Meta>, name: &str| {
            let fields = meta.as_ref().and_then(|meta| meta.fields.as_deref()).unwrap_or_default();
            fields.iter().any(|field| field.name == name)
        };
        let data: Data = ask(client, ABILITIES.to_owned()).await?;
        let Some(schema) = data.schema else {
            let message = "the server does not describe its schema: a preflight needs introspection, which is \
                disabled for this user";
            return Err(Error::new(ErrorKind::GraphQl, message));
        };
        let name = |named: Option<Named>| named.map(|named| named.name);
        Ok(Self {
            abilities: Abilities {
                deprecated_arguments: takes_deprecated(&data.field, "args"),
                deprecated_inputs: takes_deprecated(&data.ty, "inputFields"),
                deprecation_of_inputs: has(&data.input, "isDeprecated"),
                one_of: has(&data.ty, "isOneOf"),
            },
            types: BTreeMap::new(),
            query: name(schema.query_type),
            mutation: name(schema.mutation_type),
            subscription: name(schema.subscription_type),
        })
    }

    /// The type with this name: none before it is fetched, `Some(None)` if the server does not have it.
    pub(super) fn get(&self, name: &str) -> Option<Option<&LiveType>> {
        self.types.get(name).map(Option::as_ref)
    }

    /// Fetches types. Costs one request for 50 of them.
    pub(super) async fn fetch(&mut self, client: &ClientCore, names: BTreeSet<String>) -> Result<()> {
        // Names of the server go into a document.
        let is_name = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let (names, invalid): (Vec<_>, Vec<_>) = names.into_iter().partition(is_name);
        self.types.extend(invalid.into_iter().map(|name| (name, None)));
        for names in names.chunks(MAX_TYPES) {
            let mut fields = String::from("query preflight {");
            for (index, name) in names.iter().enumerate() {
                fields.push_str(&format!(" t{index}: __type(name: \"{name}\") {{ ...T }}"));
            }
            fields.push_str(" } ");
            fields.push_str(&self.fragment());
            fields.push_str(REFERENCE);
            let mut data: BTreeMap<String, Option<LiveType>> = ask(client, fields).await?;
            for (index, name) in names.iter().enumerate() {
                self.types.insert(name.clone(), data.remove(&format!("t{index}")).flatten());
            }
        }
        Ok(())
    }

    fn fragment(&self) -> String {
        let Abilities { deprecated_arguments, deprecated_inputs, deprecation_of_inputs, one_of } =
            self.abilities;
        let all = |holds: bool| if holds { "(includeDeprecated: true)" } else { "" };
        let deprecation = if deprecation_of_inputs { " isDeprecated deprecationReason" } else { "" };
        let input = format!("{{ name defaultValue type {{ ...R }}{deprecation} }}");
        let one_of = if one_of { " isOneOf" } else { "" };
        format!(
            "fragment T on __Type {{ kind name{one_of} fields(includeDeprecated: true) {{ name isDeprecated \
             deprecationReason type {{ ...R }} args{} {input} }} inputFields{} {input} \
             enumValues(includeDeprecated: true) {{ name isDeprecated deprecationReason }} \
             possibleTypes {{ name }} }} ",
            all(deprecated_arguments),
            all(deprecated_inputs),
        )
    }
}

async fn ask<T: serde::de::DeserializeOwned>(client: &ClientCore, document: String) -> Result<T> {
    let call = RawQuery::new(client, document, serde_json::json!({})).operation_name("preflight");
    let data = call.send().await.map_err(|error| match error.kind() {
        ErrorKind::GraphQl | ErrorKind::Status => {
            error.with_detail("; a preflight needs introspection, which the server may refuse to this user")
        }
        _ => error,
    })?;
    data.parse().map_err(|error: serde_json::Error| {
        let message = "the response to an introspection does not fit the specification of GraphQL";
        Error::decode_failed(message, error)
    })
}
