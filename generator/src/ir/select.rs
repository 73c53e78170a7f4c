//! What the derive of selections is told about each type: its fields, a line each.
//!
//! ```text
//! node Request Request
//! requestedFor Person o Person
//! notes NoteConnection c Note
//! subject String l String
//! ```
//!
//! The first line has the kind of the type, its GraphQL name and its Rust name; an interface or a
//! union has its concrete types in a second line. A field has its name, its GraphQL type, `l` for a
//! leaf, `o` for an object, `c` for a connection or `p` for a mutation's payload, the Rust name of
//! the type inside, and its arguments. Where the Rust name of a field or an argument is another one
//! than that in snake case, with or without a `_` behind it, it follows the name: `_id=_id`. The four
//! arguments of paging are understood for `c`.

use super::RustType;
use super::builder::{Builder, is_node_field};
use super::call::PAGING_ARGUMENTS;
use super::shape::connection_node;
use crate::Error;
use crate::names::{self, Scope};
use crate::schema::{Argument, Field, Kind};
use heck::ToSnakeCase;

/// A type that can be selected on.
pub(crate) struct Selectable {
    pub(crate) graphql: String,
    /// Its description, as above.
    pub(crate) text: String,
}

/// Rust paths of the root types, below the crate that holds the generated code.
const QUERY: &str = "__private::root::Query";
const MUTATION: &str = "__private::root::Mutation";

impl<'a> Builder<'a> {
    /// A type of which values are generated.
    pub(super) fn selectable(&self, name: &str) -> Result<Selectable, Error> {
        let rust = self.rust_type(name);
        let kind = match self.schema.kind(name) {
            Kind::Interface { .. } | Kind::Union { .. } if self.has_node_field && name == "Node" => "any",
            Kind::Interface { .. } | Kind::Union { .. } => "interface",
            _ if self.reports_errors(name) => "payload",
            _ if self.is_node(name) => "node",
            _ => "object",
        };
        let mut text = format!("{kind} {name} {rust}");
        if let Kind::Interface { possible_types, .. } | Kind::Union { possible_types } =
            self.schema.kind(name)
        {
            text.push_str("\n=");
            for possible in possible_types {
                text.push_str(&format!(" {possible}={}", self.rust_type(possible)));
            }
        }
        self.lines(&mut text, name)?;
        Ok(Selectable { graphql: name.to_owned(), text })
    }

    /// The root types.
    pub(super) fn selectable_roots(&self) -> Result<Vec<Selectable>, Error> {
        let query = Some((self.schema.query_type.as_str(), "query", QUERY));
        let mutation = self.schema.mutation_type.as_deref().map(|name| (name, "mutation", MUTATION));
        let roots = query.into_iter().chain(mutation);
        roots
            .map(|(name, kind, rust)| {
                let mut text = format!("{kind} {name} {rust}");
                self.lines(&mut text, name)?;
                Ok(Selectable { graphql: name.to_owned(), text })
            })
            .collect()
    }

    fn lines(&self, text: &mut String, owner: &str) -> Result<(), Error> {
        let names = self.field_names(owner)?;
        for field in self.schema.fields(owner) {
            if let Some(rust) = names.get(field.name.as_str())
                && let Some(line) = self.line(&format!("{owner}.{}", field.name), field, rust)?
            {
                text.push('\n');
                text.push_str(&line);
            }
        }
        Ok(())
    }

    fn line(&self, path: &str, field: &'a Field, rust_field: &str) -> Result<Option<String>, Error> {
        let name = field.ty.name();
        let node = connection_node(self.schema, name);
        let (code, rust) = match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => ("l", rust_name(&self.leaf(name))),
            Kind::Interface { .. } | Kind::Union { .. } => ("o", Some(self.rust_type(name))),
            Kind::Object { .. } => match node {
                Some(node) => ("c", Some(self.rust_type(node))),
                None if self.paging.contains(name) || !self.rust_types.contains_key(name) => ("", None),
                None if self.reports_errors(name) => ("p", Some(self.rust_type(name))),
                None => ("o", Some(self.rust_type(name))),
            },
            Kind::InputObject(_) => ("", None),
        };
        let Some(rust) = rust else { return Ok(None) };
        let mut line = format!("{} {} {code} {rust}", spelled(&field.name, rust_field), field.ty);
        let mut scope = Scope::setters();
        for argument in &field.arguments {
            if node.is_none() || !PAGING_ARGUMENTS.contains(&argument.name.as_str()) || is_node_field(field) {
                let path = format!("{path}.{}", argument.name);
                let rust = self.member_name(&mut scope, &path, names::snake(&argument.name))?;
                line.push(' ');
                line.push_str(&self.select_argument(argument, &rust));
            }
        }
        Ok(Some(line))
    }

    /// `name:type=rust`, with the values of an enum in braces.
    fn select_argument(&self, argument: &Argument, rust_argument: &str) -> String {
        let name = argument.ty.name();
        let rust = self.input_type(name).and_then(|ty| rust_name(&ty)).unwrap_or_default();
        let mut text = format!("{}:{}={rust}", spelled(&argument.name, rust_argument), argument.ty);
        if let Kind::Enum(values) = self.schema.kind(name) {
            let values: Vec<_> = values.iter().map(|value| value.name.as_str()).collect();
            text.push_str(&format!("{{{}}}", values.join(",")));
        } else if self.is_enum(name) {
            // Known values, but the server takes any text.
            text.push_str("{~}");
        }
        if argument.default.is_some() {
            text.push('?');
        }
        text
    }

    /// The Rust type of an input, where it has a name.
    fn input_type(&self, name: &str) -> Option<RustType> {
        match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => Some(self.leaf(name)),
            Kind::InputObject(_) if self.rust_types.contains_key(name) => {
                Some(RustType::Generated(self.rust_type(name)))
            }
            _ => None,
        }
    }
}

/// A name with the Rust name behind it, where that does not follow from it.
fn spelled(graphql: &str, rust: &str) -> String {
    let snake = graphql.to_snake_case();
    match rust.strip_prefix(snake.as_str()) {
        Some("" | "_") => graphql.to_owned(),
        _ => format!("{graphql}={rust}"),
    }
}

/// The Rust name of a leaf: a scalar's is the runtime's or the language's.
fn rust_name(ty: &RustType) -> Option<String> {
    let name = match ty {
        RustType::Scalar(kind) => kind.rust_name(),
        RustType::Generated(name) => name,
        _ => return None,
    };
    Some(name.to_owned())
}
