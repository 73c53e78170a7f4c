//! What a surface consists of.

use crate::ir::{Operation, RustType};
use crate::schema::TypeRef;

/// One thing in a schema that has a name, with its Rust.
#[derive(Default)]
pub(crate) struct Item<'g> {
    pub(crate) role: Role,
    /// The path for people: `Query.people(view:)`.
    pub(crate) path: String,
    /// Its own name in the schema.
    pub(crate) name: &'g str,
    /// The key of what it belongs to. Empty for types and directives.
    pub(crate) owner: String,
    /// The record that it is grouped under.
    pub(crate) record: String,
    pub(crate) ty: Option<&'g TypeRef>,
    pub(crate) default: Option<&'g str>,
    pub(crate) deprecation: Option<String>,
    pub(crate) description: Option<&'g str>,
    pub(crate) rust: Rust,
    /// Whether requests hold values of the type, or of this value of an enum.
    pub(crate) is_sent: bool,
    /// Whether selections hold constants of the type: it is that of an argument of a field.
    pub(crate) is_constant: bool,
    /// A directive's locations and whether it can be repeated, a scalar's specification, the kind of an input.
    pub(crate) detail: String,
}

/// What a thing is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Scalar,
    Enum,
    Object,
    Interface,
    Union,
    Input,
    /// A connection, an edge or a page that the runtime handles: there is no struct.
    Paging,
    /// The root type of an operation.
    Root(Operation),
    /// A field of an output type; of a root type if there is an operation.
    Field(Option<Operation>),
    /// An argument of a root field.
    RootArgument,
    /// An argument of another field.
    Argument,
    InputField,
    Value,
    /// A type that a union can be.
    Member,
    /// An interface that a type implements.
    Implements,
    Directive,
    DirectiveArgument,
}

impl Role {
    pub(crate) fn is_type(self) -> bool {
        matches!(
            self,
            Self::Scalar
                | Self::Enum
                | Self::Object
                | Self::Interface
                | Self::Union
                | Self::Input
                | Self::Paging
                | Self::Root(_)
        )
    }

    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Enum => "enum",
            Self::Object | Self::Paging => "object type",
            Self::Root(_) => "root type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Input => "input",
            Self::Field(None) => "field",
            Self::Field(Some(Operation::Query)) => "query",
            Self::Field(Some(Operation::Mutation)) => "mutation",
            Self::Field(Some(Operation::Subscription)) => "subscription",
            Self::RootArgument | Self::Argument | Self::DirectiveArgument => "argument",
            Self::InputField => "input field",
            Self::Value => "value",
            Self::Member => "possible type",
            Self::Implements => "implementation",
            Self::Directive => "directive",
        }
    }
}

/// What stands for a thing in Rust.
#[derive(Default)]
pub(crate) struct Rust {
    /// Its paths, without the crate. Empty if it has no name in Rust.
    pub(crate) paths: Vec<String>,
    /// Its own name in Rust.
    pub(crate) name: Option<String>,
    pub(crate) ty: Option<RustType>,
    pub(crate) place: Place,
    /// What is selected inside: `{ id }`, `{ .. }`, or the errors of a payload.
    pub(crate) selection: String,
    /// The errors of a mutation's payload.
    pub(crate) errors: Option<String>,
    /// If the function of a root field is a stream of pages: whether there is a total count.
    pub(crate) pages: Option<bool>,
}

/// Where a thing stands in Rust.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// It has no Rust of its own.
    #[default]
    Nowhere,
    /// A field of the struct of its type.
    Struct,
    /// It is there for selections only.
    Selected,
    /// A function of the client.
    Function,
    /// A parameter of a function.
    Parameter,
    /// A function of a connection's query: `filter`, `view` or `order`.
    Option(&'static str),
    /// A function that sets it.
    Setter,
    /// A function that makes an input of which it is the one field.
    Case,
    /// The runtime gives it: it paginates.
    Paging,
    /// A type, or a variant of one.
    Named,
}

impl Item<'_> {
    /// Whether it is a field of records in pages.
    pub(crate) fn is_connection(&self) -> bool {
        self.rust.pages.is_some() || matches!(self.rust.ty.as_ref(), Some(RustType::Nodes { .. }))
    }

    /// Its name in Rust, or else in the schema.
    pub(crate) fn rust_name(&self) -> &str {
        self.rust.name.as_deref().unwrap_or(self.name)
    }
}

/// A Rust type as users write it.
pub(crate) fn written(ty: &RustType) -> String {
    match ty {
        RustType::Nodes { node, whole: Some(whole), .. } => format!("{whole} of [{node}]"),
        RustType::Nodes { node, .. } => format!("[{node}]"),
        ty => crate::emit::rust_type(ty).replace("rt::", ""),
    }
}
