//! Kinds of types, and a type where it is used: with lists and `!`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Kinds of types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A scalar.
    #[default]
    Scalar,
    /// An object type.
    Object,
    /// An interface.
    Interface,
    /// A union.
    Union,
    /// An enum.
    Enum,
    /// An input object.
    InputObject,
    /// A list, in a [`TypeRef`].
    List,
    /// A type without null, in a [`TypeRef`].
    NonNull,
}

impl Kind {
    /// Whether values of the type have no fields: a scalar or an enum.
    #[must_use]
    pub fn is_leaf(self) -> bool {
        matches!(self, Self::Scalar | Self::Enum)
    }
}

/// A type with its lists and its nullability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeRef {
    /// `LIST`, `NON_NULL`, or the kind of a named type.
    pub kind: Option<Kind>,
    /// The name of a named type.
    pub name: Option<String>,
    /// The type in a list or a `!`.
    pub of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    /// The type in a list or a `!`.
    fn inner(&self, wrapper: Kind) -> Option<&Self> {
        self.of_type.as_deref().filter(|_| self.kind == Some(wrapper))
    }

    /// The innermost name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.item() {
            Some(item) => item.name(),
            None => self.nullable().name.as_deref().unwrap_or_default(),
        }
    }

    /// Whether null is allowed.
    #[must_use]
    pub fn is_nullable(&self) -> bool {
        self.kind != Some(Kind::NonNull)
    }

    /// Without the outermost `!`.
    #[must_use]
    pub fn nullable(&self) -> &Self {
        self.inner(Kind::NonNull).unwrap_or(self)
    }

    /// The type of the items, when it is a list.
    #[must_use]
    pub fn item(&self) -> Option<&Self> {
        self.nullable().inner(Kind::List)
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.inner(Kind::NonNull), self.inner(Kind::List)) {
            (Some(inner), _) => write!(f, "{inner}!"),
            (None, Some(inner)) => write!(f, "[{inner}]"),
            (None, None) => f.write_str(self.name()),
        }
    }
}
