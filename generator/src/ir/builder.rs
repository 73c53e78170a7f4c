//! What every part of the representation is built from: the schema, the overrides, the names.

use super::shape::{Shared, input_fields, shared};
use super::{Doc, RustType};
use crate::names::{self, Scope};
use crate::overrides::ScalarKind;
use crate::schema::{Argument, Field, Kind};
use crate::{Error, Overrides, Schema};
use std::collections::{BTreeMap, BTreeSet};

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
        let exists = |path: &str| match path.split_once('.') {
            None => self.schema.types.contains_key(path),
            Some((owner, field)) => match self.schema.kind(owner) {
                Kind::InputObject(fields) => fields.iter().any(|it| it.name == field),
                Kind::Enum(values) => values.iter().any(|it| it.name == field),
                _ => self.schema.fields(owner).iter().any(|it| it.name == field),
            },
        };
        let Overrides { renames, skips, fields, .. } = self.overrides;
        if let Some(path) = renames.keys().chain(skips).chain(fields.keys()).find(|path| !exists(path)) {
            return Err(Error::UnknownOverride(path.clone()));
        }
        match fields.keys().find(|path| !self.is_scalar_input(path)) {
            Some(path) => Err(Error::BadFieldType(path.clone())),
            None => Ok(()),
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
                true if !scope.take_exactly(to) => "that name is reserved or taken",
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
                self.rust_types.insert(name.to_owned(), scope.take(names::type_name(name)));
            }
        }
        Ok(())
    }

    pub(super) fn rust_type(&self, graphql: &str) -> String {
        self.rust_types.get(graphql).cloned().unwrap_or_else(|| names::type_name(graphql))
    }

    /// The Rust name of a field: that of the overrides, or the first free one.
    pub(super) fn field_name(&self, scope: &mut Scope, path: &str, graphql: &str) -> Result<String, Error> {
        let Some(to) = self.overrides.renames.get(path) else {
            return Ok(scope.take(names::snake(graphql)));
        };
        if names::is_identifier(to) && scope.take_exactly(to) {
            return Ok(to.clone());
        }
        let reason = "that name is no identifier, reserved or taken";
        Err(Error::BadRename { from: path.to_owned(), to: to.clone(), reason })
    }

    /// Whether a leaf type becomes an enum.
    pub(super) fn is_enum(&self, name: &str) -> bool {
        match self.schema.kind(name) {
            Kind::Enum(_) => true,
            Kind::Scalar => self.overrides.values.contains_key(name),
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

    /// What the JSON of a leaf looks like; empty when its GraphQL name says so.
    pub(super) fn leaf_kind(&self, name: &str) -> String {
        if self.is_enum(name) {
            return "Enum".to_owned();
        }
        scalar_kind(self.scalar(name), name)
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

/// What the JSON of a scalar looks like; empty when its GraphQL name says so.
pub(super) fn scalar_kind(scalar: ScalarKind, name: &str) -> String {
    let kind = match scalar {
        ScalarKind::String => "String",
        ScalarKind::Id => "ID",
        ScalarKind::Int => "Int",
        ScalarKind::Float => "Float",
        ScalarKind::Boolean => "Boolean",
        ScalarKind::Decimal => "Decimal",
        ScalarKind::Date => "Date",
        ScalarKind::Time => "Time",
        ScalarKind::Timestamp => "Timestamp",
        ScalarKind::Json => "Json",
    };
    if kind == name { String::new() } else { kind.to_owned() }
}
