//! Schema description of one type, and of its fields and arguments.

use crate::rust_type::field_type;
use proc_macro2::Literal;

/// Kind of the type that a selection is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TypeKind {
    /// An object without a `node(id:)` of its own.
    Object,
    /// A record that `node(id:)` returns.
    Node,
    Payload,
    Interface,
    /// The interface of everything that `node(id:)` returns.
    AnyNode,
    Query,
    Mutation,
}

/// How connections are paginated, in all of a schema.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The argument for the size of a page.
    pub(crate) first: String,
    /// The argument for the cursor.
    pub(crate) after: String,
    pub(crate) max_page_size: u64,
    /// The largest number of nodes in a request, if it is not the runtime's default.
    pub(crate) max_nodes: Option<u64>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { first: "first".to_owned(), after: "after".to_owned(), max_page_size: 100, max_nodes: None }
    }
}

pub(crate) struct Type {
    pub(crate) kind: TypeKind,
    pub(crate) name: String,
    /// Its Rust path below the SDK.
    pub(crate) rust: String,
    /// The concrete types of an interface or a union, with their Rust names.
    pub(crate) possible: Vec<(String, String)>,
    /// Those of them that are deprecated, with the reasons.
    pub(crate) deprecated: Vec<(String, Literal)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) typename: Field,
    pub(crate) paging: Paging,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) enum FieldKind {
    #[default]
    Leaf,
    Object,
    Connection,
    Payload,
}

/// A field of a type, or an argument of a field, which is declared alike.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) rust_name: String,
    pub(crate) ty: WrappedType,
    /// Rust name of the inner type; empty when it has none.
    pub(crate) rust: String,
    pub(crate) kind: FieldKind,
    /// Of a connection, the constant with the names of its parts, unless these are the runtime's.
    pub(crate) shape: Option<String>,
    /// Of a connection, the Rust name of its own type, if that is generated.
    pub(crate) whole: Option<String>,
    /// The list of a payload's errors, in GraphQL.
    pub(crate) errors: String,
    pub(crate) arguments: Vec<Field>,
    /// The values of an argument that is an enum.
    pub(crate) values: Vec<String>,
    /// Those of them that are deprecated, with the reasons.
    pub(crate) deprecated_values: Vec<(String, Literal)>,
    pub(crate) has_default: bool,
    /// Why it is deprecated.
    pub(crate) deprecated: Option<Literal>,
}

/// A GraphQL type in schema syntax: `[String!]`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct WrappedType(pub(crate) String);

const NULLABLE: u32 = 1;
const LIST: u32 = 2;

impl WrappedType {
    pub(crate) fn is_nullable(&self) -> bool {
        !self.0.ends_with('!')
    }

    /// The type of the items of a list.
    pub(crate) fn item(&self) -> Option<Self> {
        let nullable = self.0.strip_suffix('!').unwrap_or(&self.0);
        let item = nullable.strip_prefix('[')?.strip_suffix(']')?;
        Some(Self(item.to_owned()))
    }

    pub(crate) fn base(&self) -> &str {
        self.0.trim_matches(['[', ']', '!'])
    }

    /// The wrappers of the Rust type, the outermost in the lowest two bits.
    pub(crate) fn wrappers(&self) -> u32 {
        let inner = self.item().map_or(0, |item| item.wrappers() << 2 | LIST);
        if self.is_nullable() { inner << 2 | NULLABLE } else { inner }
    }
}

/// The Rust syntax of wrappers: the text before and after the inner type.
pub(crate) fn rust_wrappers(mut wrappers: u32) -> (String, String) {
    let (mut open, mut close) = (String::new(), String::new());
    while wrappers != 0 {
        open.push_str(if wrappers & 3 == NULLABLE { "Option<" } else { "Vec<" });
        close.push('>');
        wrappers >>= 2;
    }
    (open, close)
}

impl Type {
    pub(crate) fn is_abstract(&self) -> bool {
        matches!(self.kind, TypeKind::Interface | TypeKind::AnyNode)
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self.kind, TypeKind::Query | TypeKind::Mutation)
    }

    /// The field with this name in GraphQL or in Rust. The error has the GraphQL names of all candidates.
    pub(crate) fn field(&self, name: &str) -> Result<Option<&Field>, Vec<&str>> {
        find_unique(&self.fields, name)
    }

    /// The field with this name in GraphQL, also `__typename`.
    pub(crate) fn field_named(&self, name: &str) -> Option<&Field> {
        let typename = (!self.is_root()).then_some(&self.typename);
        self.fields.iter().chain(typename).find(|field| field.name == name)
    }
}

impl Field {
    pub(crate) fn is_paged(&self) -> bool {
        self.kind == FieldKind::Connection
    }

    /// The connection's own type, if a field of this Rust type selects it in place of its nodes.
    pub(crate) fn whole_for(&self, ty: &syn::Type) -> Option<&str> {
        const CONNECTION: u32 = 3;
        let whole = self.whole.as_deref()?;
        let wrappers = field_type(ty).0;
        let inner = if wrappers & 3 == NULLABLE { wrappers >> 2 } else { wrappers };
        (!matches!(inner, LIST | CONNECTION)).then_some(whole)
    }

    pub(crate) fn argument(&self, name: &str) -> Result<Option<&Field>, Vec<&str>> {
        find_unique(&self.arguments, name)
    }

    /// Whether a call needs it, if it is an argument.
    pub(crate) fn is_required(&self) -> bool {
        !self.ty.is_nullable() && !self.has_default
    }
}

/// The field with this name in GraphQL or in Rust; `_` may follow the latter. A name that fits two fields is
/// ambiguous: choosing one would change its meaning when the schema grows.
fn find_unique<'t>(all: &'t [Field], name: &str) -> Result<Option<&'t Field>, Vec<&'t str>> {
    let mut found = all.iter().filter(|field| {
        let rest = name.strip_prefix(&*field.rust_name);
        name == field.name || matches!(rest, Some("" | "_"))
    });
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => {
            Err([first, second].into_iter().chain(found).map(|field| &*field.name).collect())
        }
        (first, _) => Ok(first),
    }
}

#[cfg(test)]
mod tests {
    use super::{WrappedType, rust_wrappers};

    #[test]
    fn reads_wrappers() {
        let ty = |graphql: &str| WrappedType(graphql.to_owned());
        for (graphql, open, close, base) in [
            ("A!", "", "", "A"),
            ("A", "Option<", ">", "A"),
            ("[A!]!", "Vec<", ">", "A"),
            ("[A!]", "Option<Vec<", ">>", "A"),
            ("[[A]!]", "Option<Vec<Vec<Option<", ">>>>", "A"),
        ] {
            let wrappers = rust_wrappers(ty(graphql).wrappers());
            assert_eq!(wrappers, (open.to_owned(), close.to_owned()), "{graphql}");
            assert_eq!(ty(graphql).base(), base);
        }
        assert_eq!(ty("[A!]!").item(), Some(ty("A!")));
        assert_eq!(ty("A!").item(), None);
    }
}
