//! The intermediate representation: every decision about the schema, none about how it is printed.

mod build;
mod builder;
mod call;
mod input;
mod output;
mod place;
mod select;
mod shape;

pub(crate) use select::Selectable;

use crate::overrides::ScalarKind;
use crate::schema::WrappedType;
use crate::{Error, Overrides, Schema, Summary};
use std::collections::{BTreeMap, BTreeSet};

/// All files, in the order of their names.
pub(crate) struct Ir {
    pub(crate) files: BTreeMap<String, File>,
    /// The root types, as selections know them.
    pub(crate) roots: Vec<Selectable>,
    /// Paths of types that other crates declare.
    pub(crate) external: Vec<String>,
}

impl Ir {
    pub(crate) fn new(schema: &Schema, overrides: &Overrides) -> Result<Self, Error> {
        build::build(schema, overrides)
    }

    pub(crate) fn summary(&self) -> Summary {
        let files = || self.files.values();
        let calls =
            |mutation| files().flat_map(|file| &file.calls).filter(move |call| call.is_mutation == mutation);
        Summary {
            queries: calls(false).count(),
            mutations: calls(true).count(),
            types: files()
                .map(|file| {
                    file.objects.len()
                        + file.enums.len()
                        + file.inputs.len()
                        + file.interfaces.len()
                        + file.orders.len()
                })
                .sum::<usize>()
                + self.external.len(),
        }
    }

    /// Every Rust path, and the path in the schema of what it means.
    pub(crate) fn names(&self) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for file in self.files.values() {
            for it in &file.objects {
                names.insert(it.rust.clone(), it.graphql.clone());
                let field = |field: &OutputField| {
                    (format!("{}.{}", it.rust, field.rust), format!("{}.{}", it.graphql, field.graphql))
                };
                names.extend(it.fields.iter().map(field));
            }
            for it in &file.inputs {
                names.insert(it.rust.clone(), it.graphql.clone());
                let field = |field: &InputField| {
                    (format!("{}::{}", it.rust, field.rust), format!("{}.{}", it.graphql, field.graphql))
                };
                names.extend(it.fields.iter().map(field));
            }
            for it in &file.enums {
                names.insert(it.rust.clone(), it.doc.graphql.clone());
                let variant = |variant: &Variant| {
                    (format!("{}::{}", it.rust, variant.rust), format!("{}.{}", it.graphql, variant.value))
                };
                names.extend(it.variants.iter().map(variant));
            }
            names.extend(file.interfaces.iter().map(|it| (it.rust.clone(), it.doc.graphql.clone())));
            names.extend(file.orders.iter().map(|it| (it.rust.clone(), it.doc.graphql.clone())));
            for call in &file.calls {
                let root = if call.is_mutation { "mutation" } else { "query" };
                let path = format!("{root} {}", call.graphql);
                if let CallKind::Connection { marker, .. } = &call.kind {
                    names.insert(marker.clone(), path.clone());
                }
                names.insert(format!("Client::{}", call.rust), path);
            }
        }
        names
    }

    pub(crate) fn object(&self, graphql: &str) -> Option<&Object> {
        self.files.values().flat_map(|file| &file.objects).find(|object| object.graphql == graphql)
    }
}

/// One generated file: a record with everything that is named after it.
#[derive(Default)]
pub(crate) struct File {
    pub(crate) objects: Vec<Object>,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) orders: Vec<Order>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) calls: Vec<Call>,
    pub(crate) selectables: Vec<Selectable>,
    /// Rust types of other files that this one names.
    pub(crate) imports: BTreeSet<String>,
}

/// What the documentation of an item says.
#[derive(Default, Clone)]
pub(crate) struct Doc {
    /// The schema's own words.
    pub(crate) description: Option<String>,
    /// What the item is in GraphQL.
    pub(crate) graphql: String,
    /// Xurrent's page about it.
    pub(crate) link: Option<String>,
    /// More paragraphs, in Markdown of ours.
    pub(crate) notes: Vec<String>,
    /// Why it should not be used.
    pub(crate) deprecation: Option<String>,
}

/// A Rust type in a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RustType {
    Scalar(ScalarKind),
    /// A generated type, by its Rust name.
    Generated(String),
    /// A reference to a record.
    Ref(String),
    /// A filter over values, with or without comparisons.
    Filter {
        values: Box<RustType>,
        ranges: bool,
    },
    List(Box<RustType>),
    Nullable(Box<RustType>),
}

impl RustType {
    /// The wrappers of GraphQL around a Rust type: what is not `!` becomes an `Option`.
    fn wrapped(ty: &WrappedType, base: Self) -> Self {
        match ty {
            WrappedType::NonNull(inner) => Self::wrapped(inner, base).without_null(),
            WrappedType::Named(_) => Self::Nullable(Box::new(base)),
            WrappedType::List(inner) => {
                Self::Nullable(Box::new(Self::List(Box::new(Self::wrapped(inner, base)))))
            }
        }
    }

    pub(crate) fn without_null(self) -> Self {
        match self {
            Self::Nullable(inner) => *inner,
            other => other,
        }
    }

    fn collect(&self, names: &mut BTreeSet<String>) {
        match self {
            Self::Scalar(_) => {}
            Self::Generated(name) | Self::Ref(name) => {
                names.insert(name.clone());
            }
            Self::Filter { values: inner, .. } | Self::List(inner) | Self::Nullable(inner) => {
                inner.collect(names)
            }
        }
    }
}

/// What is selected inside a field.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    Leaf,
    Reference,
    /// All of an object's own fields, by its GraphQL name and its Rust name.
    Object {
        graphql: String,
        rust: String,
    },
    Payload {
        graphql: String,
        rust: String,
    },
    Interface {
        node: bool,
    },
}

/// An output type: a struct with all leaf fields.
pub(crate) struct Object {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// Whether `node(id:)` can return it.
    pub(crate) is_node: bool,
    pub(crate) fields: Vec<OutputField>,
}

pub(crate) struct OutputField {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) ty: RustType,
    pub(crate) selection: Selection,
}

/// An interface or a union: an alias, and an enum of the possible types in `enums`.
pub(crate) struct Interface {
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// Rust name of the enum of the possible types.
    pub(crate) typename: String,
    /// Whether a `Node` can be among them.
    pub(crate) node: bool,
}

pub(crate) struct Enum {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) variants: Vec<Variant>,
}

pub(crate) struct Variant {
    pub(crate) value: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
}

/// An input of a field and a direction: an alias of the runtime's `Order`.
pub(crate) struct Order {
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) field: RustType,
}

/// An input object, or the optional arguments of a root field.
pub(crate) struct Input {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) fields: Vec<InputField>,
}

pub(crate) struct InputField {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// Without the outermost `Option`.
    pub(crate) ty: RustType,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    /// Name, type and kind, as the runtime checks JSON against them.
    pub(crate) line: String,
    /// Rust name of the input object inside.
    pub(crate) nested: Option<String>,
}

/// A root field.
pub(crate) struct Call {
    pub(crate) graphql: String,
    /// Name of the function.
    pub(crate) rust: String,
    /// Name of the constant that describes the root field.
    pub(crate) constant: String,
    /// Name of the file with its document, without extension.
    pub(crate) document: String,
    pub(crate) doc: Doc,
    pub(crate) is_mutation: bool,
    /// Names and GraphQL types of all arguments.
    pub(crate) arguments: Vec<(String, String)>,
    /// Those that must be given.
    pub(crate) required: Vec<InputField>,
    pub(crate) selection: Selection,
    pub(crate) kind: CallKind,
}

pub(crate) enum CallKind {
    /// Answers with one value.
    Value(RustType),
    /// Answers with pages.
    Connection {
        /// Rust name of the type that stands for the field.
        marker: String,
        node: RustType,
        filter: Option<RustType>,
        view: Option<RustType>,
        order: Option<RustType>,
    },
}
