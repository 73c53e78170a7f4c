//! Types of the representation.

use crate::Summary;
use crate::overrides::ScalarKind;
use crate::schema::WrappedType;
use std::collections::{BTreeMap, BTreeSet};

/// All files, in the order of their names.
pub(crate) struct Ir {
    pub(crate) files: BTreeMap<String, File>,
    /// The root types, as selections know them.
    pub(crate) roots: Vec<Root>,
    /// Paths of types that other crates declare.
    pub(crate) external: Vec<String>,
}

impl Ir {
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
                        + 2 * file.interfaces.len()
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
            for it in file.enums.iter().chain(file.interfaces.iter().map(|it| &it.types)) {
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
    /// The address of its reference page.
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
    /// The nodes of a connection.
    Nodes(String),
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
    pub(super) fn wrapped(ty: &WrappedType, base: Self) -> Self {
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

    pub(super) fn collect(&self, names: &mut BTreeSet<String>) {
        match self {
            Self::Scalar(_) | Self::Nodes(_) => {}
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
    /// `node`, `payload` or `object`.
    pub(crate) kind: &'static str,
    pub(crate) fields: Vec<OutputField>,
    /// Connections, which are not fetched by default.
    pub(crate) connections: Vec<OutputField>,
    /// Other fields that are not fetched by default.
    pub(crate) also: Vec<OutputField>,
    pub(crate) deprecated: Vec<OutputField>,
}

/// A root type, for selections on it.
pub(crate) struct Root {
    /// `query` or `mutation`.
    pub(crate) kind: &'static str,
    pub(crate) graphql: String,
    pub(crate) fields: Vec<OutputField>,
}

/// A field that can be selected.
pub(crate) struct OutputField {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// `name: Type`, as in the schema.
    pub(crate) line: String,
    pub(crate) ty: RustType,
    pub(crate) selection: Selection,
    /// Whether it is a mutation's payload with errors of its own.
    pub(crate) reports_errors: bool,
    /// But for those by which a connection is paged.
    pub(crate) arguments: Vec<FieldArgument>,
}

/// An argument of a field that can be selected.
pub(crate) struct FieldArgument {
    pub(crate) rust: String,
    pub(crate) ty: RustType,
    /// `name: Type = default`, as in the schema.
    pub(crate) line: String,
    /// The values of an enum; `~` where the server takes any text.
    pub(crate) values: Option<String>,
}

/// An interface or a union: an alias, and an enum of the possible types.
pub(crate) struct Interface {
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// `interface` or `union`.
    pub(crate) keyword: &'static str,
    /// The possible types; by the GraphQL name of the interface.
    pub(crate) types: Enum,
    /// The Rust names of the possible types.
    pub(crate) possible: Vec<String>,
    /// Which of what `node(id:)` returns can be among them: `none`, `some` or `any`.
    pub(crate) nodes: &'static str,
    pub(crate) fields: Vec<OutputField>,
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
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) field: RustType,
}

/// An input object, or the optional arguments of a root field.
pub(crate) struct Input {
    /// Its name; that of the root field for optional arguments.
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    pub(crate) is_arguments: bool,
    /// Whether it filters a connection.
    pub(crate) is_filter: bool,
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
    /// `name: Type = default`, as in the schema.
    pub(crate) line: String,
}

/// A root field.
pub(crate) struct Call {
    pub(crate) graphql: String,
    /// Name of the function.
    pub(crate) rust: String,
    /// Name of the file with its document, without extension.
    pub(crate) document: String,
    pub(crate) doc: Doc,
    pub(crate) is_mutation: bool,
    /// Its GraphQL type.
    pub(crate) ty: String,
    pub(crate) arguments: Vec<CallArgument>,
    /// Rust name of the type of the optional arguments.
    pub(crate) optional: Option<String>,
    pub(crate) selection: Selection,
    pub(crate) kind: CallKind,
}

/// An argument of a root field.
pub(crate) struct CallArgument {
    pub(crate) graphql: String,
    /// Its GraphQL type.
    pub(crate) ty: String,
    /// `name: Type = default`, as in the schema.
    pub(crate) line: String,
    /// Name and type of the parameter, where it must be given.
    pub(crate) parameter: Option<(String, RustType)>,
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
