//! The lookup of a record of any type by its id.

use crate::config;
use crate::names::nearest;
use crate::schema::{Argument, Field, Kind};
use crate::{Config, Error, Schema};
use std::fmt;

/// The root field, such as `node(id: ID!): Node`, which the runtime calls for every type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeLookup {
    /// The field of the query type.
    pub(crate) field: String,
    /// Its argument, which takes the id.
    pub(crate) argument: String,
    /// The GraphQL type of the argument.
    pub(crate) argument_type: String,
    /// The interface of all types that can be looked up.
    pub(crate) interface: String,
    /// The field of the interface with the id.
    pub(crate) id: String,
}

impl NodeLookup {
    /// The lookup of a schema, if it has one.
    ///
    /// # Errors
    /// When the configuration names what the schema does not have, or what is no lookup.
    pub(super) fn of(schema: &Schema, config: &Config) -> Result<Option<Self>, Error> {
        let config = &config.node;
        if !config.enabled {
            return Ok(None);
        }
        let fields = schema.fields(schema.query_type());
        let names = || fields.iter().map(|field| field.name.as_str());
        let name = config.field.as_deref().unwrap_or("node");
        let field = fields.iter().find(|field| field.name == name);
        let config::Node { argument, interface, id, .. } = config;
        let is_configured = [&config.field, argument, interface, id].into_iter().any(Option::is_some);
        match field {
            None if is_configured => Err(Error::unknown_name(name, nearest(name, names()))),
            None => Ok(None),
            Some(field) => {
                check(argument.as_ref(), field.arguments.iter().map(|it| &*it.name))?;
                check(interface.as_ref(), schema.types.iter().map(|it| &*it.name))?;
                check(id.as_ref(), schema.fields(field.ty.name()).iter().map(|it| &*it.name))?;
                match Self::read(schema, config, field) {
                    None if is_configured => Err(Error::Config(format!(
                        "takes `{name}` for the lookup of records: expected a query that needs one argument, \
                         an `ID` or `String`, and returns an interface with such a field"
                    ))),
                    lookup => Ok(lookup),
                }
            }
        }
    }

    fn read(schema: &Schema, config: &config::Node, field: &Field) -> Option<Self> {
        if field.only_in.is_some() || field.arguments.iter().any(Argument::is_required_in_one) {
            return None;
        }
        let mut required = field.arguments.iter().filter(|it| it.is_required());
        let argument = match (&config.argument, required.next(), required.next()) {
            (Some(name), first, None) if first.is_none_or(|it| it.name == *name) => {
                field.arguments.iter().find(|it| it.name == *name && it.only_in.is_none())?
            }
            (None, Some(argument), None) => argument,
            _ => return None,
        };
        let is_id = |ty: &str| matches!(ty.trim_end_matches('!'), "ID" | "String");
        let interface = field.ty.name();
        let is_interface = schema.kind(interface) == Kind::Interface
            && field.ty.item().is_none()
            && config.interface.as_ref().is_none_or(|name| name == interface);
        let fields = schema.fields(interface).iter();
        let mut ids = fields.filter(|field| is_id(&field.ty.to_string()) && field.is_free());
        let names = config.id.as_deref().map_or_else(|| vec!["id", argument.name.as_str()], |id| vec![id]);
        let id = names.iter().find_map(|name| ids.clone().find(|field| field.name == **name));
        let id = id.or_else(|| ids.next().filter(|_| config.id.is_none() && ids.next().is_none()))?;
        (is_interface && is_id(&argument.ty.to_string())).then(|| Self {
            field: field.name.clone(),
            argument: argument.name.clone(),
            argument_type: argument.ty.to_string(),
            interface: interface.to_owned(),
            id: id.name.clone(),
        })
    }

    /// Whether it is the one that the runtime calls by default.
    pub(crate) fn is_usual(&self) -> bool {
        let Self { field, argument, argument_type, interface, id } = self;
        [field.as_str(), argument, argument_type, interface, id] == ["node", "id", "ID!", "Node", "id"]
    }

    /// The object types that can be looked up.
    pub(crate) fn types<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = &'a str> {
        schema.possible_types(&self.interface)
    }
}

/// Checks that a name of the configuration is among those that are known.
fn check<'n>(name: Option<&String>, known: impl Iterator<Item = &'n str> + Clone) -> Result<(), Error> {
    match name.filter(|name| !known.clone().any(|known| known == **name)) {
        None => Ok(()),
        Some(name) => Err(Error::unknown_name(name, nearest(name, known))),
    }
}

/// `node(id: ID!): Node`
impl fmt::Display for NodeLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, argument, argument_type, interface, id } = self;
        write!(f, "`{field}({argument}: {argument_type}): {interface}`")?;
        if id == "id" { Ok(()) } else { write!(f, " with `{id}`") }
    }
}
