//! What comes back: objects, interfaces, unions, and the selection of each field.

use super::builder::Builder;
use super::{Doc, Interface, Object, OutputField, RustType, Selection};
use crate::Error;
use crate::schema::{Field, Kind};
use std::collections::BTreeSet;

impl<'a> Builder<'a> {
    /// Whether `node(id:)` can return a type.
    pub(super) fn is_node(&self, object: &str) -> bool {
        self.has_node_field && self.schema.implements(object, "Node")
    }

    fn has_id(&self, object: &str) -> bool {
        self.schema.fields(object).iter().any(|field| field.name == "id" && field.arguments.is_empty())
    }

    /// The object type that a field takes in whole, if it does.
    fn inlined(&self, owner: &str, field: &'a Field) -> Option<&'a str> {
        let name = field.ty.name();
        let is_object = matches!(self.schema.kind(name), Kind::Object { .. });
        if !is_object || self.paging.contains(name) || name == self.schema.query_type {
            return None;
        }
        let is_payload = self.payloads.contains(owner);
        // A list of things that cannot be fetched by id would be worth nothing as ids.
        let is_value = !self.has_id(name) || (field.ty.item().is_some() && !self.is_node(name));
        (is_payload || is_value).then_some(name)
    }

    /// Whether `to` can be reached from `from` through inlined fields.
    fn reaches(&self, from: &'a str, to: &str) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            if name == to {
                return true;
            }
            let fields = self.schema.fields(name).iter().filter(|field| field.deprecation.is_none());
            open.extend(
                fields.filter_map(|field| self.inlined(name, field)).filter(|next| seen.insert(next)),
            );
        }
        false
    }

    /// Type and selection of a field, or nothing when the default selection leaves it out.
    fn output_field(&self, owner: &str, field: &'a Field) -> Option<(RustType, Selection)> {
        let name = field.ty.name();
        if field.arguments.iter().any(|argument| argument.is_required()) || self.paging.contains(name) {
            return None;
        }
        let (base, selection) = match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => (self.leaf(name), Selection::Leaf),
            Kind::Interface { .. } | Kind::Union { .. } => {
                (RustType::Generated(self.rust_type(name)), self.interface_selection(name))
            }
            Kind::Object { .. } => match self.inlined(owner, field) {
                Some(inner) if self.reaches(inner, owner) => return None,
                Some(inner) => {
                    let selection =
                        Selection::Object { graphql: inner.to_owned(), rust: self.rust_type(inner) };
                    (RustType::Generated(self.rust_type(inner)), selection)
                }
                None if self.has_id(name) => (RustType::Ref(self.rust_type(name)), Selection::Reference),
                None => return None,
            },
            Kind::InputObject(_) => return None,
        };
        Some((RustType::wrapped(&field.ty, base), selection))
    }

    /// `... on Node` is valid inside an interface only when the two have a type in common.
    pub(super) fn interface_selection(&self, name: &str) -> Selection {
        let node = match self.schema.kind(name) {
            Kind::Interface { possible_types, .. } | Kind::Union { possible_types } => {
                possible_types.iter().any(|possible| self.is_node(possible))
            }
            _ => false,
        };
        Selection::Interface { node }
    }

    pub(super) fn object(&self, graphql: &str) -> Result<Object, Error> {
        let names = self.field_names(graphql)?;
        let mut fields = Vec::new();
        let mut connections = Vec::new();
        let mut deprecated = Vec::new();
        let mut others = Vec::new();
        for field in self.schema.fields(graphql) {
            let Some(rust) = names.get(field.name.as_str()) else { continue };
            // So that a call goes on when the server has removed the field.
            if field.deprecation.is_some() {
                deprecated.push(format!("`{}`", field.name));
                continue;
            }
            if self.paging.contains(field.ty.name()) {
                connections.push(format!("`{}`", field.name));
                continue;
            }
            let Some((ty, selection)) = self.output_field(graphql, field) else {
                others.push(format!("`{}`", field.name));
                continue;
            };
            fields.push(OutputField {
                rust: rust.clone(),
                graphql: field.name.clone(),
                doc: Doc {
                    description: field.description.clone(),
                    graphql: format!("{}: {}", field.name, field.ty),
                    ..Doc::default()
                },
                ty,
                selection,
            });
        }
        let mut doc = self.type_doc("type", "object", graphql);
        for (what, names) in [("Connections", connections), ("Also", others), ("Deprecated", deprecated)] {
            if !names.is_empty() {
                doc.notes.push(format!("{what}, not fetched by default: {}.", names.join(", ")));
            }
        }
        if self.reports_errors(graphql) {
            doc.notes.push(
                "The payload's `errors` are not a field: a payload with errors is an `Error`.".to_owned(),
            );
        }
        let rust = self.rust_type(graphql);
        Ok(Object { graphql: graphql.to_owned(), rust, doc, is_node: self.is_node(graphql), fields })
    }

    pub(super) fn interface(&self, graphql: &str, kind: &'static str, typename: &str) -> Interface {
        let mut doc = self.type_doc(kind, kind, graphql);
        doc.notes.push("Fetched as the name of its type and its id.".to_owned());
        let node = self.interface_selection(graphql) == Selection::Interface { node: true };
        Interface { rust: self.rust_type(graphql), doc, typename: typename.to_owned(), node }
    }
}
