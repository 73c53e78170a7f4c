//! Types of the representation.

use super::rust_type::RustType;
use crate::conventions::{ErrorList, NodeLookup};
use crate::schema::{self, Argument};
use std::collections::BTreeMap;

/// Counts for a progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Fields of the query type.
    pub queries: usize,
    /// Fields of the mutation type.
    pub mutations: usize,
    /// Fields of the subscription type.
    pub subscriptions: usize,
    /// Rust types.
    pub types: usize,
}

/// All files, in the order of their names.
pub(crate) struct Ir {
    pub(crate) files: BTreeMap<String, File>,
    /// The root types, as selections know them.
    pub(crate) roots: Vec<Object>,
    /// Paths of types that other crates declare.
    pub(crate) external: Vec<String>,
    /// The query of records by their ids, if there is one.
    pub(crate) node: Option<NodeLookup>,
    pub(crate) paging: Paging,
    /// What was concluded about the conventions.
    pub(crate) conventions: Vec<String>,
}

/// How connections are paginated, where it is not what the runtime and the derive know.
pub(crate) struct Paging {
    pub(crate) shapes: Vec<ConnectionShape>,
    /// For `#[derive(Select)]`: names with their values.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// A constant with the names of a connection's parts.
pub(crate) struct ConnectionShape {
    pub(crate) name: &'static str,
    pub(crate) list: String,
    /// The record of an edge, if the list is one of edges.
    pub(crate) node: Option<String>,
    pub(crate) page_info: String,
    pub(crate) has_next_page: String,
    pub(crate) end_cursor: String,
    pub(crate) total_count: Option<String>,
    pub(crate) first: String,
    pub(crate) after: String,
    pub(crate) max_page_size: u32,
}

impl Ir {
    pub(crate) fn summary(&self) -> Summary {
        let files = || self.files.values();
        let calls = |operation| {
            files().flat_map(|file| &file.calls).filter(|call| call.operation == operation).count()
        };
        let types = |file: &File| {
            let File { objects, interfaces, enums, orders, inputs, .. } = file;
            objects.len() + 2 * interfaces.len() + enums.len() + orders.len() + inputs.len()
        };
        Summary {
            queries: calls(Operation::Query),
            mutations: calls(Operation::Mutation),
            subscriptions: calls(Operation::Subscription),
            types: files().map(types).sum::<usize>() + self.external.len(),
        }
    }

    /// Every Rust path, and the path in the schema of what it means.
    pub(crate) fn names(&self) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let mut add = |rust: String, graphql: String| names.insert(rust, graphql);
        for file in self.files.values() {
            for it in &file.objects {
                add(it.rust.clone(), it.graphql.clone());
                for field in it.fields.iter().filter(|field| field.section == "fields") {
                    add(format!("{}.{}", it.rust, field.rust), format!("{}.{}", it.graphql, field.graphql));
                }
            }
            for it in &file.inputs {
                // A type can have the name of a root field.
                let path =
                    if it.is_arguments { format!("arguments of {}", it.graphql) } else { it.graphql.clone() };
                for field in &it.fields {
                    let name = &field.argument.name;
                    add(format!("{}::{}", it.rust, field.rust), format!("{path}.{name}"));
                }
                add(it.rust.clone(), path);
            }
            for it in &file.interfaces {
                add(it.object.rust.clone(), it.object.graphql.clone());
                add(it.types.rust.clone(), format!("__typename of {}", it.types.graphql));
            }
            for it in &file.enums {
                add(it.rust.clone(), it.graphql.clone());
            }
            for it in file.enums.iter().chain(file.interfaces.iter().map(|it| &it.types)) {
                for variant in &it.variants {
                    let value = &variant.value;
                    add(format!("{}::{}", it.rust, variant.rust), format!("{}.{value}", it.graphql));
                }
            }
            for it in &file.orders {
                add(it.rust.clone(), it.graphql.clone());
            }
            for call in &file.calls {
                let path = format!("{} {}", call.operation.keyword(), call.field.name);
                if let Some(connection) = &call.connection {
                    add(connection.marker.clone(), path.clone());
                }
                add(format!("Client::{}", call.rust), path);
            }
        }
        names
    }

    /// All objects, by their GraphQL names.
    pub(crate) fn objects(&self) -> BTreeMap<&str, &Object> {
        let objects = self.files.values().flat_map(|file| &file.objects);
        objects.map(|object| (object.graphql.as_str(), object)).collect()
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
}

/// What the documentation of an item says.
#[derive(Default)]
pub(crate) struct Doc {
    /// The schema's own words.
    pub(crate) description: Option<String>,
    /// The address of its reference page.
    pub(crate) link: Option<String>,
    /// Why it should not be used.
    pub(crate) deprecation: Option<String>,
}

/// What is selected inside a field.
pub(crate) enum Selection {
    Leaf,
    /// A record by the field with its id.
    Reference(String),
    /// All of an object's own fields, by its GraphQL name.
    Object(String),
    Interface {
        node: bool,
    },
}

/// An output type, or a root type for selections on it.
pub(crate) struct Object {
    /// `node`, `payload`, `object`, `interface`, `union`, `query` or `mutation`.
    pub(crate) kind: &'static str,
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// The type of its id in references, where it is not `ID!`.
    pub(crate) id: Option<RustType>,
    /// The list of a payload's errors, which is not among the fields.
    #[cfg_attr(not(feature = "select"), allow(dead_code, reason = "documents of users can select it"))]
    pub(crate) errors: Option<String>,
    pub(crate) fields: Vec<OutputField>,
    /// Fields that return a root type: those of the root type are functions of the client.
    pub(crate) left_out: Vec<String>,
}

impl Object {
    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind, "query" | "mutation")
    }
}

/// A field that can be selected.
pub(crate) struct OutputField {
    pub(crate) graphql: String,
    pub(crate) rust: String,
    pub(crate) doc: Doc,
    /// `fields` for those that an object fetches by default, `deprecated`, `connections`, or `also`.
    pub(crate) section: &'static str,
    /// Its GraphQL type.
    pub(crate) declared: String,
    pub(crate) ty: RustType,
    pub(crate) selection: Selection,
    /// The errors of the payload, if it is one of a mutation with errors of its own.
    pub(crate) errors: Option<ErrorList>,
    /// But for those by which a connection is paged. With the values of an enum; `~` where the server
    /// takes any text.
    pub(crate) arguments: Vec<(InputField, Option<String>)>,
}

/// An interface or a union: an alias, and an enum of the possible types.
pub(crate) struct Interface {
    pub(crate) object: Object,
    /// The possible types; by the GraphQL name of the interface.
    pub(crate) types: Enum,
    /// The Rust names of the possible types.
    pub(crate) possible: Vec<String>,
    /// Which of what `node(id:)` returns can be among them: `none`, `some` or `any`.
    pub(crate) nodes: &'static str,
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
    /// Whether exactly one of its fields is given.
    pub(crate) is_one_of: bool,
    /// Whether it filters a connection.
    pub(crate) is_filter: bool,
    /// Why its function `new` should not be used.
    pub(crate) new: Option<String>,
    pub(crate) fields: Vec<InputField>,
}

/// A field of an input object, or an argument.
pub(crate) struct InputField {
    pub(crate) argument: Argument,
    pub(crate) rust: String,
    /// Without the outermost `Option`.
    pub(crate) ty: RustType,
}

/// The kinds of operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Query,
    Mutation,
    Subscription,
}

impl Operation {
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }

    /// The folder of its documents.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Query => "queries",
            Self::Mutation => "mutations",
            Self::Subscription => "subscriptions",
        }
    }
}

/// A root field.
pub(crate) struct Call {
    pub(crate) field: schema::Field,
    /// Name of the function.
    pub(crate) rust: String,
    /// Name of the file with its document, without extension.
    pub(crate) document: String,
    pub(crate) doc: Doc,
    pub(crate) operation: Operation,
    /// The arguments that must be given.
    pub(crate) parameters: Vec<InputField>,
    /// Rust name of the type of the optional arguments.
    pub(crate) optional: Option<String>,
    /// What it returns; the nodes of a connection.
    pub(crate) ty: RustType,
    pub(crate) selection: Selection,
    /// The errors of the payload, if it returns one with errors of its own.
    pub(crate) errors: Option<ErrorList>,
    pub(crate) connection: Option<Connection>,
}

/// What a root field with pages has in addition.
pub(crate) struct Connection {
    /// Rust name of the type that stands for the field.
    pub(crate) marker: String,
    /// The constant with the names of its parts, unless the runtime knows it, and whether it has a total count.
    pub(crate) shape: Option<(String, bool)>,
    /// The arguments for `.filter(..)`, `.view(..)` and `.order(..)`.
    pub(crate) options: Vec<ConnectionOption>,
}

/// An argument with a function of its own.
pub(crate) struct ConnectionOption {
    /// `filter`, `view` or `order`.
    pub(crate) function: &'static str,
    /// The name of the argument.
    pub(crate) argument: String,
    pub(crate) ty: RustType,
}

impl Call {
    /// The section of its declaration.
    pub(crate) fn section(&self) -> &'static str {
        match (&self.connection, self.operation) {
            (Some(_), _) => "connections",
            (None, Operation::Query) => "queries",
            (None, Operation::Mutation) => "mutations",
            (None, Operation::Subscription) => "subscriptions",
        }
    }
}
