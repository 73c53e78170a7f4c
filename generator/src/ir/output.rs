//! What comes back: objects, interfaces, unions, and the selection of each field.

use super::builder::Builder;
use super::call::PAGING_ARGUMENTS;
use super::shape::connection_node;
use super::{Doc, Enum, FieldArgument, Interface, Object, OutputField, Root, RustType, Selection};
use crate::Error;
use crate::names::{self, Scope};
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

    /// A field as it is declared, and whether it is fetched by default. Nothing for what cannot be selected.
    fn output_field(
        &self,
        owner: &str,
        field: &'a Field,
        rust: &str,
    ) -> Result<Option<(OutputField, bool)>, Error> {
        let name = field.ty.name();
        let node = connection_node(self.schema, name);
        let whole = |name: &str| {
            let rust = self.rust_type(name);
            (RustType::Generated(rust.clone()), Selection::Object { graphql: name.to_owned(), rust })
        };
        let mut is_default =
            field.deprecation.is_none() && !field.arguments.iter().any(|argument| argument.is_required());
        let (base, selection) = match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => (self.leaf(name), Selection::Leaf),
            Kind::Interface { .. } | Kind::Union { .. } => {
                (RustType::Generated(self.rust_type(name)), self.interface_selection(name))
            }
            Kind::Object { .. } if node.is_some() => {
                is_default = false;
                (RustType::Nodes(self.rust_type(node.unwrap_or_default())), Selection::Leaf)
            }
            Kind::Object { .. } if self.paging.contains(name) || !self.rust_types.contains_key(name) => {
                return Ok(None);
            }
            Kind::Object { .. } => match self.inlined(owner, field) {
                Some(inner) => {
                    is_default &= !self.reaches(inner, owner);
                    whole(inner)
                }
                None if self.has_id(name) => (RustType::Ref(self.rust_type(name)), Selection::Reference),
                None => {
                    is_default = false;
                    whole(name)
                }
            },
            Kind::InputObject(_) => return Ok(None),
        };
        let ty = if node.is_some() { base } else { RustType::wrapped(&field.ty, base) };
        let output = OutputField {
            graphql: field.name.clone(),
            rust: rust.to_owned(),
            doc: Doc::default(),
            line: format!("{}: {}", field.name, field.ty),
            ty,
            selection,
            reports_errors: self.reports_errors(name),
            arguments: self.field_arguments(owner, field, node.is_some())?,
        };
        Ok(Some((output, is_default)))
    }

    /// The arguments of a field, but for those by which a connection is paged.
    fn field_arguments(
        &self,
        owner: &str,
        field: &'a Field,
        is_connection: bool,
    ) -> Result<Vec<FieldArgument>, Error> {
        let mut scope = Scope::setters();
        let is_paging = |name: &str| is_connection && PAGING_ARGUMENTS.contains(&name);
        let arguments = field.arguments.iter().filter(|argument| !is_paging(&argument.name));
        arguments
            .map(|argument| {
                let path = format!("{owner}.{}.{}", field.name, argument.name);
                let name = argument.ty.name();
                let values = match self.schema.kind(name) {
                    Kind::Enum(values) => {
                        let values: Vec<_> = values.iter().map(|value| value.name.as_str()).collect();
                        Some(values.join(", "))
                    }
                    _ => self.is_enum(name).then(|| "~".to_owned()),
                };
                Ok(FieldArgument {
                    rust: self.member_name(&mut scope, &path, names::snake(&argument.name))?,
                    ty: RustType::wrapped(&argument.ty, self.input_base(&path, name, None, "")?)
                        .without_null(),
                    line: argument.signature(),
                    values,
                })
            })
            .collect()
    }

    /// The fields of a type of which no struct is made.
    fn selectable_fields(&self, owner: &str) -> Result<Vec<OutputField>, Error> {
        let names = self.field_names(owner)?;
        let mut fields = Vec::new();
        for field in self.schema.fields(owner) {
            if let Some(rust) = names.get(field.name.as_str())
                && let Some((field, _)) = self.output_field(owner, field, rust)?
            {
                fields.push(field);
            }
        }
        Ok(fields)
    }

    /// The root types.
    pub(super) fn roots(&self) -> Result<Vec<Root>, Error> {
        let query = Some((self.schema.query_type.as_str(), "query"));
        let mutation = self.schema.mutation_type.as_deref().map(|name| (name, "mutation"));
        let roots = query.into_iter().chain(mutation);
        roots
            .map(|(name, kind)| {
                Ok(Root { kind, graphql: name.to_owned(), fields: self.selectable_fields(name)? })
            })
            .collect()
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
        let (mut fields, mut connections) = (Vec::new(), Vec::new());
        let (mut deprecated, mut also, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for field in self.schema.fields(graphql) {
            let Some(rust) = names.get(field.name.as_str()) else { continue };
            let Some((mut output, is_default)) = self.output_field(graphql, field, rust)? else {
                others.push(format!("`{}`", field.name));
                continue;
            };
            if is_default {
                output.doc.description.clone_from(&field.description);
            }
            let fields = match (&output.ty, is_default) {
                (_, true) => &mut fields,
                // So that a call goes on when the server has removed the field.
                _ if field.deprecation.is_some() => &mut deprecated,
                (RustType::Nodes(_), _) => &mut connections,
                _ => &mut also,
            };
            fields.push(output);
        }
        let mut doc = self.type_doc("type", "object", graphql);
        if !others.is_empty() {
            doc.notes.push(format!("Also, not fetched by default: {}.", others.join(", ")));
        }
        let kind = match self.is_node(graphql) {
            _ if self.reports_errors(graphql) => "payload",
            true => "node",
            false => "object",
        };
        let rust = self.rust_type(graphql);
        Ok(Object { graphql: graphql.to_owned(), rust, doc, kind, fields, connections, also, deprecated })
    }

    pub(super) fn interface(&self, keyword: &'static str, types: Enum) -> Result<Interface, Error> {
        let graphql = &types.graphql;
        let nodes = match self.interface_selection(graphql) {
            _ if self.has_node_field && graphql == "Node" => "any",
            Selection::Interface { node: true } => "some",
            _ => "none",
        };
        Ok(Interface {
            rust: self.rust_type(graphql),
            doc: self.type_doc(keyword, keyword, graphql),
            keyword,
            possible: types.variants.iter().map(|variant| self.rust_type(&variant.value)).collect(),
            nodes,
            fields: self.selectable_fields(graphql)?,
            types,
        })
    }
}
