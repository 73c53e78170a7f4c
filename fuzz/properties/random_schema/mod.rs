//! Random schemas: every seed is a valid GraphQL schema, always the same one.
//!
//! They hold everything that the GraphQL specification allows, in the shapes that APIs have: connections,
//! payloads with errors, node lookups, each by several conventions. Names provoke collisions.

// Tests and fuzz targets use different parts.
#![allow(dead_code)]

mod convention;
mod input;
mod names;
mod output;
mod print;
mod random;
mod text;

use convention::Ways;
use names::Names;
pub(crate) use random::Random;
use std::collections::BTreeSet;

/// The schema of a seed, in the schema definition language.
pub(crate) fn random_schema(seed: u64) -> String {
    let mut builder = Builder::new(seed);
    builder.choose_ways();
    builder.input_types();
    builder.output_types();
    builder.roots();
    builder.implement();
    builder.schema.to_string()
}

/// A type with its wrappers.
#[derive(Clone, PartialEq)]
enum Ref {
    Named(String),
    List(Box<Ref>),
    NonNull(Box<Ref>),
}

impl Ref {
    fn named(name: &str) -> Self {
        Self::Named(name.to_owned())
    }

    fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    fn non_null(self) -> Self {
        match self {
            Self::NonNull(_) => self,
            other => Self::NonNull(Box::new(other)),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

#[derive(Clone, PartialEq)]
struct Argument {
    name: String,
    description: Option<String>,
    ty: Ref,
    default: Option<String>,
    deprecated: Option<Option<String>>,
}

impl Argument {
    fn new(name: &str, ty: Ref) -> Self {
        Self { name: name.to_owned(), description: None, ty, default: None, deprecated: None }
    }

    fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}

#[derive(Clone)]
struct Field {
    name: String,
    description: Option<String>,
    arguments: Vec<Argument>,
    ty: Ref,
    deprecated: Option<Option<String>>,
}

impl Field {
    fn new(name: &str, ty: Ref) -> Self {
        Self { name: name.to_owned(), description: None, arguments: Vec::new(), ty, deprecated: None }
    }

    fn with(mut self, arguments: impl IntoIterator<Item = Argument>) -> Self {
        self.arguments.extend(arguments);
        self
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Object,
    Interface,
    Union,
    Enum,
    Input,
    OneOf,
    Scalar,
}

struct Type {
    kind: Kind,
    name: String,
    description: Option<String>,
    /// The interfaces of an object or an interface; the types of a union.
    types: Vec<String>,
    fields: Vec<Field>,
    inputs: Vec<Argument>,
    values: Vec<Field>,
}

impl Type {
    fn new(kind: Kind, name: &str) -> Self {
        let name = name.to_owned();
        let (types, fields, inputs, values) = Default::default();
        Self { kind, name, description: None, types, fields, inputs, values }
    }
}

#[derive(Default)]
struct Schema {
    /// Of query, mutation and subscription.
    roots: [Option<String>; 3],
    types: Vec<Type>,
}

struct Builder {
    random: Random,
    schema: Schema,
    type_names: Names,
    /// How many names are taken without regard to those that become the same in Rust, in a thousand.
    hostility: usize,
    /// Names of input objects.
    inputs: Vec<String>,
    /// Names of objects, interfaces and unions.
    outputs: Vec<String>,
    /// Names of scalars and enums.
    leaves: Vec<String>,
    /// Names of connection types.
    connections: BTreeSet<String>,
    ways: Ways,
}

impl Builder {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let hostility = if random.one_in(4) { 40 } else { 0 };
        Self {
            type_names: Names::new(hostility),
            random,
            schema: Schema::default(),
            hostility,
            inputs: Vec::new(),
            outputs: Vec::new(),
            leaves: ["Boolean", "Float", "ID", "Int", "String"].map(str::to_owned).to_vec(),
            connections: BTreeSet::new(),
            ways: Ways::default(),
        }
    }

    fn names(&self) -> Names {
        Names::new(self.hostility)
    }

    fn get(&self, name: &str) -> Option<&Type> {
        self.schema.types.iter().find(|ty| ty.name == name)
    }

    /// Adds a type with a description or without one.
    fn add(&mut self, mut ty: Type) {
        ty.description = text::description(&mut self.random);
        self.schema.types.push(ty);
    }

    fn wrapped(&mut self, mut ty: Ref) -> Ref {
        for _ in 0..[0, 0, 0, 0, 1, 1, 2, 4][self.random.below(8)] {
            if self.random.one_in(2) {
                ty = ty.non_null();
            }
            ty = ty.list();
        }
        if self.random.one_in(2) { ty.non_null() } else { ty }
    }
}
