//! What is called: the root fields.

use super::build::Assignment;
use super::builder::Builder;
use super::{Call, Connection, ConnectionOption, Doc, Input, Operation, RustType, Selection};
use crate::Error;
use crate::conventions;
use crate::names::{self, Scope};
use crate::schema::{Argument, Field, Kind, deprecation};
use std::collections::BTreeMap;

/// Suffixes of the types that are made for root fields.
const ARGUMENTS: &str = "Arguments";
const QUERY: &str = "Query";

/// A root field that becomes a function.
struct Called<'a> {
    root: &'a str,
    operation: Operation,
    field: &'a Field,
    path: String,
    /// The connection, if it becomes a stream.
    streamed: Option<&'a conventions::Connection<'a>>,
}

/// What becomes of an argument of a root field.
#[derive(PartialEq)]
enum Role {
    /// The runtime gives it.
    Paging,
    /// A parameter of the function.
    Parameter,
    /// A function of the connection query.
    Option(&'static str),
    /// A field of the optional arguments.
    Optional,
}

impl<'a> Builder<'a> {
    pub(super) fn calls(&self, files: &mut Assignment, types: &mut Scope<'_>) -> Result<(), Error> {
        let mut functions = Scope::new(names::FUNCTIONS).also(&self.config.reserved.functions);
        let contested = self.contested_functions();
        functions.block(&contested);
        for called in self.called() {
            let Called { root, field, path, .. } = &called;
            let (own, stem) = self.function(&called, &contested);
            let name = self.member_name(&mut functions, path, own)?;
            let (call, arguments) = self.call(&called, (name, stem), types)?;
            let home = self.connection_node(field.ty.name()).unwrap_or(field.ty.name());
            let is_type = self.rust_types.contains_key(home);
            let file = files.file_of(if is_type { home } else { root })?;
            file.calls.push(call);
            file.inputs.extend(arguments);
        }
        Ok(())
    }

    /// The root fields that become functions.
    fn called(&self) -> impl Iterator<Item = Called<'_>> {
        let lookup = self.conventions.node.as_ref();
        let fields = self.roots().flat_map(|(root, operation)| {
            let fields = self.schema.fields(root).iter();
            fields.map(move |field| (root, operation, field, format!("{root}.{}", field.name)))
        });
        let called = fields.filter(move |(_, operation, field, path)| {
            let is_query = *operation == Operation::Query;
            let by_runtime = is_query && lookup.is_some_and(|node| node.field == field.name);
            !by_runtime && !self.returns_root(field) && !self.config.skips.contains(path)
        });
        called.map(|(root, operation, field, path)| {
            let connection = self.conventions.connections.streamed(field);
            let streamed = connection.filter(|_| operation == Operation::Query);
            Called { root, operation, field, path, streamed }
        })
    }

    /// The name of a function, and what the names of types begin with that are made for it.
    fn function(&self, called: &Called<'_>, contested: &BTreeMap<String, String>) -> (String, String) {
        let Called { operation, field, path, .. } = called;
        let name = function(*operation, &field.name);
        let (own, stem) = (names::snake(&name), self.stem(path, &name));
        if !contested.contains_key(&own) || self.config.renames.contains_key(path) {
            return (own, stem);
        }
        let kind = if *operation == Operation::Query { "query" } else { "mutation" };
        (format!("{own}_{kind}"), names::with_suffix(&stem, &names::type_name(kind)))
    }

    /// The names of the types that are made for root fields, with the paths of these.
    pub(super) fn made_for_calls(&self) -> Vec<(String, String)> {
        let contested = self.contested_functions();
        let made = |called: Called<'_>| {
            let (_, stem) = self.function(&called, &contested);
            let mut roles = called.field.arguments.iter().map(|argument| self.role(&called, argument));
            let arguments = roles.any(|role| role == Role::Optional).then_some(ARGUMENTS);
            let suffixes = arguments.into_iter().chain(called.streamed.map(|_| QUERY));
            let name = |suffix| (names::with_suffix(&stem, suffix), called.path.clone());
            suffixes.map(name).collect::<Vec<_>>()
        };
        self.called().flat_map(made).collect()
    }

    fn role(&self, called: &Called<'_>, argument: &Argument) -> Role {
        let connections = &self.conventions.connections;
        let is_streamed = called.streamed.is_some();
        match connections.names.function(&argument.name).filter(|_| is_streamed) {
            _ if is_streamed && connections.is_paging_argument(called.field, &argument.name) => Role::Paging,
            _ if argument.is_required() => Role::Parameter,
            Some("order") if argument.ty.kind != Some(Kind::List) => Role::Optional,
            Some(function) => Role::Option(function),
            None => Role::Optional,
        }
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
        called: &Called<'_>,
        (rust, stem): (String, String),
        types: &mut Scope<'_>,
    ) -> Result<(Call, Option<Input>), Error> {
        let Called { operation, field, ref path, streamed, .. } = *called;
        let mut scope = Scope::new(names::SETTERS);
        let (mut parameters, mut fields, mut options) = (Vec::new(), Vec::new(), Vec::new());
        for argument in &field.arguments {
            let role = self.role(called, argument);
            if role == Role::Paging {
                continue;
            }
            let input = self.input_field(path, argument, None, &mut scope)?;
            match role {
                Role::Parameter => parameters.push(input),
                Role::Option(function) => {
                    let ty = match input.ty {
                        RustType::List(item) if function == "order" => item.without_null(),
                        ty => ty,
                    };
                    options.push(ConnectionOption { function, argument: argument.name.clone(), ty });
                }
                Role::Optional | Role::Paging => fields.push(input),
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
        let mut take = |suffix| types.take(path, self.made_for_call(&stem, suffix));
        let optional = if fields.is_empty() { None } else { Some(take(ARGUMENTS)?) };
        let connection = match streamed {
            Some(connection) => {
                let shape = self.shape(connection.shape).map(|name| (name, connection.shape.has_total));
                Some(Connection { marker: take(QUERY)?, shape, options })
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
            new: None,
            fields,
        });
        Ok((call, input))
    }

    /// The folder of a type's reference page.
    pub(super) fn page(&self, name: &str) -> &'static str {
        match self.kind(name) {
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
