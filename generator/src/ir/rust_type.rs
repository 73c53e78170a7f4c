//! Rust types of fields, parameters and results.

use crate::config::ScalarKind;
use crate::schema::TypeRef;
use std::collections::BTreeSet;

/// A Rust type in a signature.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum RustType {
    Scalar(ScalarKind),
    /// A type of the user's own, by its path.
    Path(String),
    /// A generated type, by its Rust name.
    Generated(String),
    /// A reference to a record: its Rust name, and the type of its id.
    Ref(String, Box<RustType>),
    /// The nodes of a connection, with the constant for it and its own type, unless the derive knows it.
    Nodes {
        node: String,
        shape: Option<String>,
        whole: Option<String>,
    },
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
    pub(super) fn wrapped(ty: &TypeRef, base: Self) -> Self {
        let whole = match ty.item() {
            Some(item) => Self::List(Box::new(Self::wrapped(item, base))),
            None => base,
        };
        if ty.is_nullable() { Self::Nullable(Box::new(whole)) } else { whole }
    }

    /// Whether it is that of an id, unless the schema has another one.
    pub(crate) fn is_id(&self) -> bool {
        matches!(self, Self::Scalar(ScalarKind::Id))
    }

    pub(crate) fn without_null(self) -> Self {
        match self {
            Self::Nullable(inner) => *inner,
            other => other,
        }
    }

    /// Adds the names of the generated types in this one.
    pub(crate) fn collect<'n>(&'n self, names: &mut BTreeSet<&'n str>) {
        match self {
            Self::Scalar(_) | Self::Path(_) | Self::Nodes { .. } => {}
            Self::Generated(name) => {
                names.insert(name);
            }
            Self::Ref(name, id) => {
                names.insert(name);
                id.collect(names);
            }
            Self::Filter { values: inner, .. } | Self::List(inner) | Self::Nullable(inner) => {
                inner.collect(names)
            }
        }
    }
}
