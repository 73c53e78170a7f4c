//! What is called: the root fields.

use super::builder::{Builder, is_node_field};
use super::file_assignment::FileAssignment;
use super::shape::connection_node;
use super::{Call, CallArgument, CallKind, Doc, File, Input, InputField, RustType, Selection};
use crate::Error;
use crate::names::{self, Scope};
use crate::schema::{Field, Kind};
use std::collections::BTreeMap;

/// The arguments by which a connection is paged; the runtime sets them.
pub(super) const PAGING_ARGUMENTS: [&str; 4] = ["after", "before", "first", "last"];

impl<'a> Builder<'a> {
    pub(super) fn calls(
        &self,
        files: &mut BTreeMap<String, File>,
        assignment: &mut FileAssignment,
        types: &mut Scope,
    ) -> Result<(), Error> {
        let mut functions = Scope::functions();
        let queries = self.schema.fields(&self.schema.query_type).iter().map(|field| (field, false));
        let mutations = self.mutation_fields().iter().map(|field| (field, true));
        for (field, is_mutation) in queries.chain(mutations) {
            let root = if is_mutation {
                self.schema.mutation_type.as_deref().unwrap_or_default()
            } else {
                &self.schema.query_type
            };
            let path = format!("{root}.{}", field.name);
            let by_runtime = !is_mutation && self.has_node_field && is_node_field(field);
            if by_runtime || self.overrides.skips.contains(&path) {
                continue;
            }
            let (call, arguments) = self.call(field, &path, is_mutation, &mut functions, types)?;
            let home = connection_node(self.schema, field.ty.name()).unwrap_or(field.ty.name());
            let is_type = self.rust_types.contains_key(home);
            let file = files.entry(assignment.file_of(if is_type { home } else { root })?).or_default();
            file.calls.push(call);
            file.inputs.extend(arguments);
        }
        Ok(())
    }

    fn call(
        &self,
        field: &'a Field,
        path: &str,
        is_mutation: bool,
        functions: &mut Scope,
        types: &mut Scope,
    ) -> Result<(Call, Option<Input>), Error> {
        let rust = self.member_name(functions, path, names::snake(&field.name))?;
        let node = if is_mutation { None } else { connection_node(self.schema, field.ty.name()) };
        let mut scope = Scope::setters();
        let mut arguments = Vec::new();
        let mut optional: Vec<InputField> = Vec::new();
        let (mut filter, mut view, mut order) = (None, None, None);
        for argument in &field.arguments {
            arguments.push(CallArgument {
                graphql: argument.name.clone(),
                ty: argument.ty.to_string(),
                line: argument.signature(),
                parameter: None,
            });
            if node.is_some() && PAGING_ARGUMENTS.contains(&argument.name.as_str()) {
                continue;
            }
            let input = self.input_field(path, argument, None, &mut scope)?;
            match argument.name.as_str() {
                _ if argument.is_required() => {
                    if let Some(argument) = arguments.last_mut() {
                        argument.parameter = Some((input.rust, input.ty));
                    }
                }
                "filter" if node.is_some() => filter = Some(input.ty),
                "view" if node.is_some() => view = Some(input.ty),
                "order" if node.is_some() && matches!(input.ty, RustType::List(_)) => order = item(input.ty),
                _ => optional.push(input),
            }
        }
        let keyword = if is_mutation { "mutation" } else { "query" };
        let target = node.unwrap_or(field.ty.name());
        let mut doc = self.type_doc(keyword, self.page(target), target);
        doc.description.clone_from(&field.description);
        doc.deprecation.clone_from(&field.deprecation);
        let extra = if optional.is_empty() {
            None
        } else {
            let rust = types.take(path, format!("{}Arguments", self.stem(path, &field.name)))?;
            Some(Input {
                graphql: field.name.clone(),
                rust,
                doc: Doc { graphql: format!("optional arguments of {}", field.name), ..Doc::default() },
                is_arguments: true,
                is_filter: false,
                fields: optional,
            })
        };
        let (kind, selection) = match node {
            Some(node) => {
                let marker = types.take(path, format!("{}Query", self.stem(path, &field.name)))?;
                let (node, selection) = self.whole(node, path)?;
                (CallKind::Connection { marker, node, filter, view, order }, selection)
            }
            None => {
                let (base, selection) = self.whole(field.ty.name(), path)?;
                let ty = RustType::wrapped(&field.ty, base);
                match selection {
                    // It is null only beside an error of the server, or in breach of the convention.
                    Selection::Object { graphql, rust } if is_mutation && self.reports_errors(&graphql) => {
                        (CallKind::Value(ty.without_null()), Selection::Payload { graphql, rust })
                    }
                    selection => (CallKind::Value(ty), selection),
                }
            }
        };
        let call = Call {
            graphql: field.name.clone(),
            document: names::file(&rust)?,
            rust,
            doc,
            is_mutation,
            ty: field.ty.to_string(),
            arguments,
            optional: extra.as_ref().map(|input| input.rust.clone()),
            selection,
            kind,
        };
        Ok((call, extra))
    }

    fn page(&self, name: &str) -> &'static str {
        match self.schema.kind(name) {
            Kind::Object { .. } => "object",
            Kind::Interface { .. } => "interface",
            Kind::Union { .. } => "union",
            Kind::Enum(_) => "enum",
            Kind::InputObject(_) => "input_object",
            Kind::Scalar => "scalar",
        }
    }

    /// Type and selection of something that is fetched in whole.
    fn whole(&self, name: &str, path: &str) -> Result<(RustType, Selection), Error> {
        match self.schema.kind(name) {
            Kind::Scalar | Kind::Enum(_) => Ok((self.leaf(name), Selection::Leaf)),
            Kind::Interface { .. } | Kind::Union { .. } => {
                Ok((RustType::Generated(self.rust_type(name)), self.interface_selection(name)))
            }
            Kind::Object { .. } if self.rust_types.contains_key(name) => {
                let rust = self.rust_type(name);
                Ok((RustType::Generated(rust.clone()), Selection::Object { graphql: name.to_owned(), rust }))
            }
            _ => Err(Error::WrongKind { place: path.to_owned(), name: name.to_owned(), usage: "an answer" }),
        }
    }
}

fn item(ty: RustType) -> Option<RustType> {
    match ty {
        RustType::List(item) => Some(item.without_null()),
        _ => None,
    }
}
