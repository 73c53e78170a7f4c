//! What is called: the root fields.

use super::build::Assignment;
use super::builder::Builder;
use super::{Call, Connection, Doc, Input, InputField, RustType, Selection};
use crate::Error;
use crate::names::{self, Scope};
use crate::schema::{Field, Kind, deprecation};
use std::collections::BTreeMap;

impl<'a> Builder<'a> {
    pub(super) fn calls(&self, files: &mut Assignment, types: &mut Scope) -> Result<(), Error> {
        let mut functions = Scope::new(names::FUNCTIONS);
        let mutation = self.schema.mutation_type().map(|root| (root, true));
        let roots = || [(self.schema.query_type(), false)].into_iter().chain(mutation);
        // Names of a query and a mutation. Two queries of one name are a collision.
        let plain = |root: &'a str| {
            let own = |field: &Field| (names::snake(&field.name), format!("{root}.{}", field.name));
            let own = self.schema.fields(root).iter().map(own);
            let is_plain =
                |path: &String| !self.config.renames.contains_key(path) && !self.config.skips.contains(path);
            own.filter(|(_, path)| is_plain(path)).collect::<BTreeMap<_, _>>()
        };
        let contested = names::contested(roots().flat_map(|(root, _)| plain(root)));
        functions.block(&contested);
        for (root, is_mutation) in roots() {
            for field in self.schema.fields(root) {
                let path = format!("{root}.{}", field.name);
                let node = self.conventions.node.as_ref();
                let by_runtime = !is_mutation && node.is_some_and(|node| node.field == field.name);
                if by_runtime || self.returns_root(field) || self.config.skips.contains(&path) {
                    continue;
                }
                let (mut own, mut stem) = (names::snake(&field.name), self.stem(&path, &field.name));
                if contested.contains_key(&own) && !self.config.renames.contains_key(&path) {
                    let kind = if is_mutation { "mutation" } else { "query" };
                    (own, stem) = (format!("{own}_{kind}"), format!("{stem}{}", names::type_name(kind)));
                }
                let name = self.member_name(&mut functions, &path, own)?;
                let (call, arguments) = self.call(field, &path, is_mutation, (name, stem), types)?;
                let home = self.connection_node(field.ty.name()).unwrap_or(field.ty.name());
                let is_type = self.rust_types.contains_key(home);
                let file = files.file_of(if is_type { home } else { root })?;
                file.calls.push(call);
                file.inputs.extend(arguments);
            }
        }
        Ok(())
    }

    fn call(
        &self,
        field: &Field,
        path: &str,
        is_mutation: bool,
        (rust, stem): (String, String),
        types: &mut Scope,
    ) -> Result<(Call, Option<Input>), Error> {
        let node = self.connection_node(field.ty.name()).filter(|_| !is_mutation);
        let mut scope = Scope::new(names::SETTERS);
        let (mut parameters, mut fields) = (Vec::new(), Vec::new());
        let mut options = [("filter", None), ("view", None), ("order", None)];
        for argument in &field.arguments {
            if node.is_some() && self.conventions.connections.is_paging_argument(&argument.name) {
                continue;
            }
            let input = self.input_field(path, argument, None, &mut scope)?;
            let option = options.iter_mut().find(|(name, _)| node.is_some() && *name == argument.name);
            match (option, input) {
                (_, input) if argument.is_required() => parameters.push(input),
                (Some(("order", order)), InputField { ty: RustType::List(item), .. }) => {
                    *order = Some(item.without_null());
                }
                (Some((name, option)), input) if *name != "order" => *option = Some(input.ty),
                (_, input) => fields.push(input),
            }
        }
        let target = node.unwrap_or(field.ty.name());
        let doc = Doc {
            description: field.description.clone(),
            deprecation: deprecation(field.is_deprecated, field.deprecation_reason.as_ref()),
            ..self.type_doc(self.page(target), target)
        };
        let mut take = |suffix| types.take(path, format!("{stem}{suffix}"));
        let optional = if fields.is_empty() { None } else { Some(take("Arguments")?) };
        let connection = match node {
            Some(_) => Some(Connection { marker: take("Query")?, options }),
            None => None,
        };
        let (base, selection) = self.whole(target).ok_or_else(|| {
            Error::Schema(format!("{path} is of type `{target}`, which cannot be used for an answer"))
        })?;
        let is_object = matches!(selection, Selection::Object(_));
        let errors = self.errors(target).filter(|_| is_mutation && is_object).cloned();
        let ty = match node {
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
            is_mutation,
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
