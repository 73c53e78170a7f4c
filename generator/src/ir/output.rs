//! What comes back: objects, interfaces, unions, and the selection of each field.

use super::builder::Builder;
use super::{Doc, Enum, InputField, Interface, Object, OutputField, RustType, Selection};
use crate::Error;
use crate::names::{self, Scope};
use crate::schema::{Argument, Field, Kind};
use std::collections::BTreeSet;

impl<'a> Builder<'a> {
    /// Whether `node(id:)` can return a type.
    fn is_node(&self, object: &str) -> bool {
        self.conventions.node.as_ref().is_some_and(|node| self.schema.implements(object, &node.interface))
    }

    fn has_id(&self, object: &str) -> bool {
        self.schema.fields(object).iter().any(|field| field.name == "id" && field.arguments.is_empty())
    }

    /// The object type that a field takes in whole, if it does.
    fn inlined(&self, owner: &str, field: &'a Field) -> Option<&'a str> {
        let name = field.ty.name();
        let connections = &self.conventions.connections;
        if connections.is_page(name) {
            return None;
        }
        // The records of a connection that is fetched in whole.
        let is_payload = self.conventions.payloads.contains(owner) || connections.is_part(owner);
        // A list of things that cannot be fetched by id would be worth nothing as ids.
        let is_value = !self.has_id(name) || (field.ty.item().is_some() && !self.is_node(name));
        (self.is_record(name) && (is_payload || is_value)).then_some(name)
    }

    /// Whether `to` can be reached from `from` through inlined fields.
    fn reaches(&self, from: &'a str, to: &str) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            if name == to {
                return true;
            }
            let fields = self.schema.fields(name).iter().filter(|field| !field.is_deprecated);
            open.extend(
                fields.filter_map(|field| self.inlined(name, field)).filter(|next| seen.insert(next)),
            );
        }
        false
    }

    /// The fields of a type that can be selected, under its name.
    fn output(&self, kind: &'static str, owner: &str) -> Result<Object, Error> {
        let mut scope = Scope::new(&[]);
        let mut fields = Vec::new();
        for field in self.schema.fields(owner) {
            let path = format!("{owner}.{}", field.name);
            if !self.config.skips.contains(&path) && !self.is_errors(owner, field) {
                let rust = self.member_name(&mut scope, &path, names::snake(&field.name))?;
                fields.extend(self.output_field(owner, field, &path, rust)?);
            }
        }
        Ok(Object {
            kind,
            graphql: owner.to_owned(),
            rust: self.rust_type(owner),
            doc: Doc::default(),
            errors: self.errors(owner).map(|list| list.field.clone()),
            fields,
        })
    }

    /// A field as it is declared. Nothing for what cannot be selected.
    fn output_field(
        &self,
        owner: &str,
        field: &'a Field,
        path: &str,
        rust: String,
    ) -> Result<Option<OutputField>, Error> {
        let name = field.ty.name();
        let connections = &self.conventions.connections;
        let node = connections.nested(field).filter(|_| Some(owner) != self.schema.mutation_type());
        let mut is_default = !field.is_deprecated && !field.arguments.iter().any(Argument::is_required);
        is_default &= !connections.repeats_nodes(owner, field);
        let (ty, selection) = if let Some(connection) = node {
            is_default = false;
            (self.nodes(connection, field), Selection::Leaf)
        } else {
            let Some((mut base, mut selection)) = self.whole(name) else { return Ok(None) };
            if matches!(selection, Selection::Object(_)) {
                match self.inlined(owner, field) {
                    Some(inner) => is_default &= !self.reaches(inner, owner),
                    None if self.has_id(name) => {
                        (base, selection) = (RustType::Ref(self.rust_type(name)), Selection::Reference);
                    }
                    None => is_default = false,
                }
            }
            (RustType::wrapped(&field.ty, base), selection)
        };
        let section = match node {
            _ if is_default => "fields",
            // So that a call goes on when the server has removed the field.
            _ if field.is_deprecated => "deprecated",
            Some(_) => "connections",
            None => "also",
        };
        let description = field.description.as_ref().filter(|_| is_default && self.is_record(owner));
        Ok(Some(OutputField {
            graphql: field.name.clone(),
            rust,
            doc: Doc { description: description.cloned(), ..Doc::default() },
            section,
            declared: field.ty.to_string(),
            arguments: self.field_arguments(
                path,
                field,
                matches!(ty, RustType::Nodes { shape: None, .. }),
            )?,
            ty,
            selection,
            errors: self.errors(name).cloned(),
        }))
    }

    /// The arguments of a field, but for those that the derive adds to a connection.
    fn field_arguments(
        &self,
        path: &str,
        field: &Field,
        is_usual: bool,
    ) -> Result<Vec<(InputField, Option<String>)>, Error> {
        let mut scope = Scope::new(names::SETTERS);
        let is_paging = |name: &str| is_usual && self.conventions.connections.is_paging_argument(field, name);
        let arguments = field.arguments.iter().filter(|argument| !is_paging(&argument.name));
        arguments
            .map(|argument| {
                let name = argument.ty.name();
                let values: Vec<_> =
                    self.schema.enum_values(name).iter().map(|it| it.name.as_str()).collect();
                let values = match self.schema.kind(name) {
                    Kind::Enum => Some(values.join(", ")),
                    _ => self.is_enum(name).then(|| "~".to_owned()),
                };
                Ok((self.input_field(path, argument, None, &mut scope)?, values))
            })
            .collect()
    }

    pub(super) fn root(&self, kind: &'static str, graphql: &str) -> Result<Object, Error> {
        Ok(Object { rust: graphql.to_owned(), ..self.output(kind, graphql)? })
    }

    pub(super) fn object(&self, graphql: &str) -> Result<Object, Error> {
        let kind = match self.is_node(graphql) {
            _ if self.errors(graphql).is_some() => "payload",
            true => "node",
            false => "object",
        };
        Ok(Object { doc: self.type_doc("object", graphql), ..self.output(kind, graphql)? })
    }

    /// `... on Node` is valid inside an interface only when the two have a type in common.
    pub(super) fn interface_selection(&self, name: &str) -> Selection {
        Selection::Interface { node: self.schema.possible_types(name).any(|possible| self.is_node(possible)) }
    }

    pub(super) fn interface(&self, graphql: &str, types: Enum) -> Result<Interface, Error> {
        let kind = self.page(graphql);
        let nodes = match self.interface_selection(graphql) {
            _ if self.conventions.node.as_ref().is_some_and(|node| node.interface == graphql) => "any",
            Selection::Interface { node: true } => "some",
            _ => "none",
        };
        Ok(Interface {
            object: Object { doc: self.type_doc(kind, graphql), ..self.output(kind, graphql)? },
            possible: types.variants.iter().map(|variant| self.rust_type(&variant.value)).collect(),
            nodes,
            types,
        })
    }
}
