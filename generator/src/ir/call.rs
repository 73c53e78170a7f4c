//! What is called: the root fields.

use super::build::Assignment;
use super::builder::Builder;
use super::{Call, Connection, ConnectionOption, Doc, Input, InputField, Operation, RustType, Selection};
use crate::Error;
use crate::names::{self, Scope};
use crate::schema::{Field, Kind, deprecation};
use std::collections::BTreeMap;

impl<'a> Builder<'a> {
    pub(super) fn calls(&self, files: &mut Assignment, types: &mut Scope<'_>) -> Result<(), Error> {
        let mut functions = Scope::new(names::FUNCTIONS).also(&self.config.reserved.functions);
        let contested = self.contested_functions();
        functions.block(&contested);
        for (root, operation) in self.roots() {
            for field in self.schema.fields(root) {
                let path = format!("{root}.{}", field.name);
                let node = self.conventions.node.as_ref();
                let by_runtime =
                    operation == Operation::Query && node.is_some_and(|node| node.field == field.name);
                if by_runtime || self.returns_root(field) || self.config.skips.contains(&path) {
                    continue;
                }
                let name = function(operation, &field.name);
                let (mut own, mut stem) = (names::snake(&name), self.stem(&path, &name));
                if contested.contains_key(&own) && !self.config.renames.contains_key(&path) {
                    let kind = if operation == Operation::Query { "query" } else { "mutation" };
                    (own, stem) =
                        (format!("{own}_{kind}"), names::with_suffix(&stem, &names::type_name(kind)));
                }
                let name = self.member_name(&mut functions, &path, own)?;
                let (call, arguments) = self.call(field, &path, operation, (name, stem), types)?;
                let home = self.connection_node(field.ty.name()).unwrap_or(field.ty.name());
                let is_type = self.rust_types.contains_key(home);
                let file = files.file_of(if is_type { home } else { root })?;
                file.calls.push(call);
                file.inputs.extend(arguments);
            }
        }
        Ok(())
    }

    /// Names of both a query and a mutation, with one of their paths. Two queries of one name are a collision.
    fn contested_functions(&self) -> BTreeMap<String, String> {
        let plain = |(root, _): (&'a str, Operation)| {
            let own = |field: &Field| (names::snake(&field.name), format!("{root}.{}", field.name));
            let own = self.schema.fields(root).iter().map(own);
            let is_plain =
                |path: &String| !self.config.renames.contains_key(path) && !self.config.skips.contains(path);
            own.filter(|(_, path)| is_plain(path)).collect::<BTreeMap<_, _>>()
        };
        let roots = self.roots().filter(|(_, operation)| *operation != Operation::Subscription);
        names::contested(roots.flat_map(plain))
    }

    fn call(
        &self,
        field: &Field,
        path: &str,
        operation: Operation,
        (rust, stem): (String, String),
        types: &mut Scope<'_>,
    ) -> Result<(Call, Option<Input>), Error> {
        let connections = &self.conventions.connections;
        let streamed = connections.streamed(field).filter(|_| operation == Operation::Query);
        let mut scope = Scope::new(names::SETTERS);
        let (mut parameters, mut fields, mut options) = (Vec::new(), Vec::new(), Vec::new());
        for argument in &field.arguments {
            if streamed.is_some() && connections.is_paging_argument(field, &argument.name) {
                continue;
            }
            let input = self.input_field(path, argument, None, &mut scope)?;
            let function = connections.names.function(&argument.name).filter(|_| streamed.is_some());
            let option = |function, ty| ConnectionOption { function, argument: argument.name.clone(), ty };
            match (function, input) {
                (_, input) if argument.is_required() => parameters.push(input),
                (Some("order"), InputField { ty: RustType::List(item), .. }) => {
                    options.push(option("order", item.without_null()));
                }
                (Some(function), input) if function != "order" => options.push(option(function, input.ty)),
                (_, input) => fields.push(input),
            }
        }
        options.sort_by_key(|option| {
            ["filter", "view"].iter().position(|it| *it == option.function).unwrap_or(2)
        });
        let target = streamed.map_or(field.ty.name(), |connection| connection.node);
        let doc = Doc {
            description: field.description.clone(),
            deprecation: deprecation(field.is_deprecated, field.deprecation_reason.as_ref()),
            ..self.type_doc(self.page(target), target)
        };
        let mut take = |suffix| types.take(path, names::with_suffix(&stem, suffix));
        let optional = if fields.is_empty() { None } else { Some(take("Arguments")?) };
        let connection = match streamed {
            Some(connection) => {
                let shape = self.shape(connection.shape).map(|name| (name, connection.shape.has_total));
                Some(Connection { marker: take("Query")?, shape, options })
            }
            None => None,
        };
        let (base, selection) = self.whole(target).ok_or_else(|| {
            Error::Schema(format!("{path} is of type `{target}`, which cannot be used for an answer"))
        })?;
        let is_object = matches!(selection, Selection::Object(_));
        let returns_payload = operation == Operation::Mutation && is_object;
        let errors = self.errors(target).filter(|_| returns_payload).cloned();
        let ty = match streamed {
            Some(_) => base,
            // It is null only beside an error of the server, or in breach of the convention.
            None if errors.is_some() => RustType::wrapped(&field.ty, base).without_null(),
            None => RustType::wrapped(&field.ty, base),
        };
        let call = Call {
            field: field.clone(),
            document: names::file(&rust)?,
            rust,
            doc,
            operation,
            parameters,
            optional: optional.clone(),
            ty,
            selection,
            errors,
            connection,
        };
        let input = optional.map(|rust| Input {
            graphql: field.name.clone(),
            rust,
            doc: Doc::default(),
            is_arguments: true,
            is_one_of: false,
            is_filter: false,
            fields,
        });
        Ok((call, input))
    }

    /// The folder of a type's reference page.
    pub(super) fn page(&self, name: &str) -> &'static str {
        match self.schema.kind(name) {
            Kind::Object => "object",
            Kind::Interface => "interface",
            Kind::Union => "union",
            Kind::Enum => "enum",
            Kind::InputObject => "input_object",
            Kind::Scalar | Kind::List | Kind::NonNull => "scalar",
        }
    }
}

/// What a function of the client is named after. In many schemas, a query has the name of a subscription.
fn function(operation: Operation, name: &str) -> String {
    match operation {
        Operation::Subscription => format!("subscribe_{name}"),
        Operation::Query | Operation::Mutation => name.to_owned(),
    }
}
