//! What every part of the representation is built from: the schema, the overrides, the names.

use super::shape::{Shared, input_fields, shared};
use super::{Doc, RustType};
use crate::names::{self, Scope};
use crate::overrides::ScalarKind;
use crate::schema::{Argument, Field, Kind};
use crate::{Error, Overrides, Schema};
use std::collections::{BTreeMap, BTreeSet};

const BUILT_IN_SCALARS: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

pub(super) struct Builder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) overrides: &'a Overrides,
    /// GraphQL name -> Rust name, for every type that is generated.
    pub(super) rust_types: BTreeMap<String, String>,
    /// Types that only serve connections.
    pub(super) paging: BTreeSet<String>,
    /// Object types that mutations return.
    pub(super) payloads: BTreeSet<String>,
    pub(super) has_node_field: bool,
}

/// `node(id: ID!)`, which the runtime calls for every type.
pub(super) fn is_node_field(field: &Field) -> bool {
    let argument = |argument: &Argument| argument.name == "id" && argument.ty.to_string() == "ID!";
    field.name == "node"
        && field.ty.name() == "Node"
        && matches!(field.arguments.as_slice(), [id] if argument(id))
}

impl<'a> Builder<'a> {
    pub(super) fn mutation_fields(&self) -> &'a [Field] {
        self.schema.mutation_type.as_deref().map_or(&[], |name| self.schema.fields(name))
    }

    pub(super) fn check_overrides(&self) -> Result<(), Error> {
        let Overrides { renames, skips, fields, scalars, values, external, .. } = self.overrides;
        for path in renames.keys().chain(skips).chain(fields.keys()) {
            // A value of a list can have a dot in it.
            let (first, rest) = path.split_once('.').unwrap_or(("", path));
            let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
            let known = self.names_below(owner);
            if !known.contains(&name) && !self.names_below(first).contains(&rest) {
                let nearest = names::nearest(name, known.into_iter());
                let nearest = nearest.map(|name| match owner {
                    "" => name.to_owned(),
                    owner => format!("{owner}.{name}"),
                });
                return Err(Error::UnknownOverride { name: path.clone(), nearest });
            }
        }
        for name in scalars.keys().chain(values.keys()).chain(external.keys()) {
            let is_list = !scalars.contains_key(name);
            let fits = |kind: &Kind| matches!(kind, Kind::Scalar) || is_list && matches!(kind, Kind::Enum(_));
            let in_schema = self.schema.types.iter().filter(|(_, ty)| fits(&ty.kind));
            let mut known = in_schema.map(|(name, _)| name.as_str()).chain(BUILT_IN_SCALARS);
            if !known.clone().any(|known| known == name) {
                let nearest = names::nearest(name, &mut known).map(str::to_owned);
                return Err(Error::UnknownOverride { name: name.clone(), nearest });
            }
        }
        match fields.keys().find(|path| !self.is_scalar_input(path)) {
            Some(path) => Err(Error::BadFieldType(path.clone())),
            None => Ok(()),
        }
    }

    /// What can stand behind `owner.` in the overrides: fields, values or arguments; without an
    /// owner, types.
    fn names_below(&self, owner: &str) -> Vec<&'a str> {
        if owner.is_empty() {
            return self.schema.types.keys().map(String::as_str).collect();
        }
        if let Some((owner, field)) = owner.split_once('.') {
            let field = self.schema.fields(owner).iter().find(|it| it.name == field);
            return field.iter().flat_map(|field| &field.arguments).map(|it| it.name.as_str()).collect();
        }
        match self.schema.kind(owner) {
            Kind::InputObject(fields) => fields.iter().map(|it| it.name.as_str()).collect(),
            Kind::Enum(values) => values.iter().map(|it| it.name.as_str()).collect(),
            Kind::Scalar => {
                self.overrides.values.get(owner).into_iter().flatten().map(String::as_str).collect()
            }
            _ => self.schema.fields(owner).iter().map(|it| it.name.as_str()).collect(),
        }
    }

    fn is_scalar_input(&self, path: &str) -> bool {
        let Some((owner, name)) = path.split_once('.') else { return false };
        let field = input_fields(self.schema, owner).iter().find(|field| field.name == name);
        field.is_some_and(|field| {
            let of = field.ty.name();
            matches!(self.schema.kind(of), Kind::Scalar) && !self.is_enum(of)
        })
    }

    /// The types that become Rust types, with their kinds.
    pub(super) fn generated(&self) -> impl Iterator<Item = (&'a str, &'a Kind)> {
        let roots = [Some(self.schema.query_type.as_str()), self.schema.mutation_type.as_deref()];
        self.schema.types.iter().map(|(name, ty)| (name.as_str(), &ty.kind)).filter(move |(name, kind)| {
            match kind {
                Kind::Scalar => self.is_enum(name),
                Kind::Object { .. } => !roots.contains(&Some(name)) && !self.paging.contains(*name),
                Kind::InputObject(_) => !matches!(shared(self.schema, name), Some(Shared::Filter { .. })),
                _ => true,
            }
        })
    }

    pub(super) fn name_types(&mut self, scope: &mut Scope) -> Result<(), Error> {
        for (from, to) in &self.overrides.renames {
            if from.contains('.') {
                continue;
            }
            let reason = match names::is_identifier(to) {
                false => "that is no name for a type",
                true if !scope.take_exactly(from, to) => "that name is reserved or taken",
                true => {
                    self.rust_types.insert(from.clone(), to.clone());
                    continue;
                }
            };
            return Err(Error::BadRename { from: from.clone(), to: to.clone(), reason });
        }
        let names: Vec<&str> = self.generated().map(|(name, _)| name).collect();
        for name in names {
            if !self.rust_types.contains_key(name) {
                let rust = scope.take(name, names::type_name(name))?;
                self.rust_types.insert(name.to_owned(), rust);
            }
        }
        Ok(())
    }

    /// The path of a type that another crate declares.
    pub(super) fn external(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(path) = self.overrides.external.get(name) else { return Ok(None) };
        let rust = self.rust_type(name);
        let is_path = path.split("::").all(names::is_identifier);
        match is_path && path.rsplit_once("::").is_some_and(|(_, last)| last == rust) {
            true => Ok(Some(path.clone())),
            false => Err(Error::BadExternal { name: name.to_owned(), path: path.clone(), rust }),
        }
    }

    pub(super) fn rust_type(&self, graphql: &str) -> String {
        self.rust_types.get(graphql).cloned().unwrap_or_else(|| names::type_name(graphql))
    }

    /// What the names of types that are made for a type or a root field begin with: its name in the
    /// overrides, or else in the schema.
    pub(super) fn stem(&self, path: &str, graphql: &str) -> String {
        names::type_name(self.overrides.renames.get(path).map_or(graphql, String::as_str))
    }

    /// The Rust name of a field, an argument or a value: that of the overrides, or its own.
    pub(super) fn member_name(&self, scope: &mut Scope, path: &str, own: String) -> Result<String, Error> {
        let Some(to) = self.overrides.renames.get(path) else {
            return scope.take(path, own);
        };
        if names::is_identifier(to) && scope.take_exactly(path, to) {
            return Ok(to.clone());
        }
        let reason = "that name is no identifier, reserved or taken";
        Err(Error::BadRename { from: path.to_owned(), to: to.clone(), reason })
    }

    /// The Rust names of all fields of a type that can be selected, by their names in the schema.
    pub(super) fn field_names(&self, owner: &str) -> Result<BTreeMap<&'a str, String>, Error> {
        let mut scope = Scope::fields();
        let fields = self.schema.fields(owner).iter().map(|field| (field, format!("{owner}.{}", field.name)));
        fields
            .filter(|(field, path)| !self.overrides.skips.contains(path) && !self.is_errors(owner, field))
            .map(|(field, path)| {
                Ok((field.name.as_str(), self.member_name(&mut scope, &path, names::snake(&field.name))?))
            })
            .collect()
    }

    /// Whether a field of a mutation's payload is the list of its errors, by the convention that the
    /// runtime knows: a list of objects with `message` and `path`. The runtime asks for it itself.
    pub(super) fn is_errors(&self, owner: &str, field: &Field) -> bool {
        let items = self.schema.fields(field.ty.name());
        let has = |name: &str, fits: fn(&Field) -> bool| {
            items.iter().any(|field| {
                let is_leaf = matches!(self.schema.kind(field.ty.name()), Kind::Scalar | Kind::Enum(_));
                let is_free = !field.arguments.iter().any(Argument::is_required);
                field.name == name && is_leaf && is_free && fits(field)
            })
        };
        field.name == "errors"
            && self.payloads.contains(owner)
            && field.ty.item().is_some_and(|item| item.item().is_none())
            && !field.arguments.iter().any(Argument::is_required)
            && has("message", |message| message.ty.item().is_none())
            && has("path", |_| true)
    }

    /// Whether a mutation that returns this type reports its errors in it.
    pub(super) fn reports_errors(&self, name: &str) -> bool {
        self.schema.fields(name).iter().any(|field| self.is_errors(name, field))
    }

    /// Whether a leaf type becomes an enum.
    pub(super) fn is_enum(&self, name: &str) -> bool {
        match self.schema.kind(name) {
            Kind::Enum(_) => true,
            Kind::Scalar => {
                self.overrides.values.contains_key(name) || self.overrides.external.contains_key(name)
            }
            _ => false,
        }
    }

    pub(super) fn leaf(&self, name: &str) -> RustType {
        if self.is_enum(name) {
            RustType::Generated(self.rust_type(name))
        } else {
            RustType::Scalar(self.scalar(name))
        }
    }

    fn scalar(&self, name: &str) -> ScalarKind {
        match (self.overrides.scalars.get(name), name) {
            (Some(kind), _) => *kind,
            (None, "Boolean") => ScalarKind::Boolean,
            (None, "Float") => ScalarKind::Float,
            (None, "ID") => ScalarKind::Id,
            (None, "Int") => ScalarKind::Int,
            (None, "String") => ScalarKind::String,
            (None, _) => ScalarKind::Json,
        }
    }

    pub(super) fn type_doc(&self, keyword: &str, page: &str, graphql: &str) -> Doc {
        let description = self.schema.types.get(graphql).and_then(|ty| ty.description.clone());
        let link =
            self.overrides.reference.as_ref().map(|base| {
                format!("{}/{page}/{}/", base.trim_end_matches('/'), graphql.to_ascii_lowercase())
            });
        Doc { description, graphql: format!("{keyword} {graphql}"), link, ..Doc::default() }
    }
}
