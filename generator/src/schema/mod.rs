//! The schema: an introspection result with everything in canonical order.

mod introspection;

use crate::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
