//! What every part of the representation is built from: the schema, the configuration, the names.

use super::defaults::Defaults;
use super::shape::filter;
use super::{Doc, Operation, RustType, Selection};
use crate::config::{Scalar, ScalarKind};
use crate::conventions::{Conventions, ErrorList, scalars};
use crate::names::{self, Scope};
use crate::schema::{Field, Kind};
use crate::{Config, Error, Schema};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) struct Builder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) config: &'a Config,
    /// The kinds of all types: a hash map, since most of a large schema is not in the caches of a processor.
    kinds: HashMap<&'a str, Kind>,
    /// GraphQL name -> Rust name, for every type that is generated.
    pub(super) rust_types: HashMap<&'a str, String>,
    pub(super) conventions: Conventions<'a>,
    /// The ids of objects, which every field that returns one needs.
    pub(super) ids: HashMap<&'a str, &'a Field>,
    /// Interfaces and unions that can be something that `node(id:)` returns.
    pub(super) with_nodes: BTreeSet<&'a str>,
    pub(super) defaults: Defaults<'a>,
    /// Rust names that a type of the schema and one that is made for an interface or a root field would both have.
    contested: BTreeMap<String, String>,
}

impl<'a> Builder<'a> {
    /// Checks the configuration and names the types, in `scope`.
    pub(super) fn new(schema: &'a Schema, config: &'a Config, scope: &mut Scope<'_>) -> Result<Self, Error> {
        let conventions = Conventions::of(schema, config)?;
        let mut this = Self {
            schema,
            config,
            kinds: schema.types.iter().map(|ty| (ty.name.as_str(), ty.kind)).collect(),
            rust_types: HashMap::new(),
            ids: HashMap::new(),
            with_nodes: BTreeSet::new(),
            defaults: Defaults::default(),
            contested: BTreeMap::new(),
            conventions,
        };
        this.check_config()?;
        let names = || schema.types.iter().map(|ty| ty.name.as_str());
        this.ids = names().filter_map(|name| Some((name, this.id_field(name)?))).collect();
        let is_always =
            |name: &str, possible: &str| !this.is_partial(name, possible) && this.is_always_node(possible);
        let can_be_node = |name: &&str| this.possible_types(name).any(|possible| is_always(name, possible));
        this.with_nodes = names().filter(can_be_node).collect();
        let objects = names().filter(|name| this.is_record(name)).collect();
        let parts = |name| schema.fields(name).iter().filter_map(|field| this.part(name, field)).collect();
        this.defaults = Defaults::of(config.selections, objects, parts);
        let names: Vec<&str> = this.generated().map(|(name, _)| name).collect();
        for (from, to) in config.renames.iter().filter(|(from, _)| !from.contains('.')) {
            this.rust_types.insert(from, scope.rename(from, to)?);
        }
        let own = names.iter().filter(|name| !this.rust_types.contains_key(*name));
        let own: BTreeSet<String> = own.map(|name| names::type_name(name)).collect();
        let abstracts =
            names.iter().filter(|name| matches!(schema.kind(name), Kind::Interface | Kind::Union));
        let contested = abstracts.map(|name| (this.typename_name(name), (*name).to_owned()));
        let contested = contested.chain(this.made_for_calls());
        this.contested = contested.filter(|(rust, _)| own.contains(rust)).collect();
        scope.block(&this.contested);
        for name in names {
            if !this.rust_types.contains_key(name) {
                let own = names::type_name(name);
                let own = if this.contested.contains_key(&own) { format!("{own}_") } else { own };
                this.rust_types.insert(name, scope.take(name, own)?);
            }
        }
        Ok(this)
    }

    fn check_config(&self) -> Result<(), Error> {
        let Config { renames, skips, fields, scalars, values, external, .. } = self.config;
        for path in renames.keys().chain(skips).chain(fields.keys()) {
            // A value of a list can have a dot in it.
            let (first, rest) = path.split_once('.').unwrap_or(("", path));
            let (owner, name) = path.rsplit_once('.').unwrap_or(("", path));
            let known = self.names_below(owner);
            if !known.contains(&name) && !self.names_below(first).contains(&rest) {
                let dot = if owner.is_empty() { "" } else { "." };
                let nearest = names::nearest(name, known.into_iter());
                let nearest = nearest.map(|name| format!("{owner}{dot}{name}"));
                return Err(Error::unknown_name(path, nearest.as_deref()));
            }
        }
        for name in scalars.keys().chain(values.keys()).chain(external.keys()) {
            let fits = |kind| kind == Kind::Scalar || kind == Kind::Enum && !scalars.contains_key(name);
            let fitting = self.schema.types.iter().filter(|ty| fits(ty.kind));
            let mut known = fitting.map(|ty| ty.name.as_str());
            if !known.clone().any(|known| known == name) {
                return Err(Error::unknown_name(name, names::nearest(name, &mut known)));
            }
        }
        match fields.keys().find(|path| !self.is_scalar_input(path)) {
            Some(path) => Err(Error::Config(format!(
                "gives `{path}` a type: only a field of an input whose type is a scalar can have one"
            ))),
            None => Ok(()),
        }
    }

    /// What can stand behind `owner.` in the configuration: fields, values or arguments; without an
    /// owner, types.
    fn names_below(&self, owner: &str) -> Vec<&'a str> {
        if owner.is_empty() {
            return self.schema.types.iter().map(|ty| ty.name.as_str()).collect();
        }
        if let Some((owner, field)) = owner.split_once('.') {
            let field = self.schema.fields(owner).iter().find(|it| it.name == field);
            return field.iter().flat_map(|field| &field.arguments).map(|it| it.name.as_str()).collect();
        }
        let fields = self.schema.fields(owner).iter().map(|it| it.name.as_str());
        let inputs = self.schema.input_fields(owner).iter().map(|it| it.name.as_str());
        let values = self.schema.enum_values(owner).iter().map(|it| it.name.as_str());
        let is_list = self.kind(owner) == Kind::Scalar;
        let list = self.config.values.get(owner).into_iter().flatten().filter(|_| is_list);
        fields.chain(inputs).chain(values).chain(list.map(String::as_str)).collect()
    }

    fn is_scalar_input(&self, path: &str) -> bool {
        let Some((owner, name)) = path.split_once('.') else { return false };
        let field = self.schema.input_fields(owner).iter().find(|field| field.name == name);
        field
            .is_some_and(|field| self.kind(field.ty.name()) == Kind::Scalar && !self.is_enum(field.ty.name()))
    }

    /// The kind of a type; a scalar if there is no such type.
    pub(super) fn kind(&self, name: &str) -> Kind {
        self.kinds.get(name).copied().unwrap_or(Kind::Scalar)
    }

    /// The types that become Rust types, with their kinds.
    pub(super) fn generated(&self) -> impl Iterator<Item = (&'a str, Kind)> {
        let types = self.schema.types.iter().map(|ty| (ty.name.as_str(), ty.kind));
        types.filter(move |(name, kind)| match kind {
            Kind::Scalar => self.is_enum(name),
            Kind::Object => self.is_record(name),
            Kind::InputObject => filter(self.schema, name).is_none(),
            _ => true,
        })
    }

    /// Whether a type is an object type with a struct: no root, and not for paging only.
    pub(super) fn is_record(&self, name: &str) -> bool {
        self.kind(name) == Kind::Object
            && !self.schema.is_root(name)
            && !self.conventions.connections.is_only_paging(name)
    }

    /// Whether a field returns a root type, or pages of one. Its fields are functions of the client, so the field
    /// is left out.
    pub(super) fn returns_root(&self, field: &Field) -> bool {
        let name = field.ty.name();
        self.schema.is_root(self.connection_node(name).unwrap_or(name))
    }

    /// The types of an interface or a union that have a struct.
    pub(super) fn possible_types(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.schema.possible_types(name).filter(|name| !self.schema.is_root(name))
    }

    /// Whether only one of two environments lists `other` among the interfaces or the possible types of a type.
    pub(super) fn is_partial(&self, name: &str, other: &str) -> bool {
        self.schema.get(name).is_some_and(|ty| ty.partial.contains_key(other))
    }

    /// The root types.
    pub(super) fn roots(&self) -> impl Iterator<Item = (&'a str, Operation)> {
        let query = Some((self.schema.query_type(), Operation::Query));
        let mutation = self.schema.mutation_type().map(|root| (root, Operation::Mutation));
        let subscription = self.schema.subscription_type().map(|root| (root, Operation::Subscription));
        [query, mutation, subscription].into_iter().flatten()
    }

    /// The path of a type that another crate declares.
    pub(super) fn external(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(path) = self.config.external.get(name) else { return Ok(None) };
        let rust = self.rust_type(name);
        let is_path = path.split("::").all(names::is_identifier);
        match is_path && path.rsplit_once("::").is_some_and(|(_, last)| last == rust) {
            true => Ok(Some(path.clone())),
            false => Err(Error::Config(format!(
                "takes `{name}` from `{path}`: expected a path such as `some_crate::{rust}`"
            ))),
        }
    }

    pub(super) fn rust_type(&self, graphql: &str) -> String {
        self.rust_types.get(graphql).cloned().unwrap_or_else(|| names::type_name(graphql))
    }

    /// The name of the enum of the types that an interface or a union can be.
    pub(super) fn typename_name(&self, name: &str) -> String {
        match self.made_for(name, name, "Type") {
            plain if self.contested.contains_key(&plain) => self.made_for(name, name, "Typename"),
            plain => plain,
        }
    }

    /// The name of a type that is made for a root field.
    pub(super) fn made_for_call(&self, stem: &str, suffix: &str) -> String {
        match names::with_suffix(stem, suffix) {
            plain if self.contested.contains_key(&plain) => {
                names::with_suffix(stem, &format!("Root{suffix}"))
            }
            plain => plain,
        }
    }

    /// The name in the configuration of a type or a root field, or else that in the schema, as a type.
    pub(super) fn stem(&self, path: &str, graphql: &str) -> String {
        names::type_name(self.config.renames.get(path).map_or(graphql, String::as_str))
    }

    /// The name of a type that is made for a type or a root field.
    pub(super) fn made_for(&self, path: &str, graphql: &str, suffix: &str) -> String {
        names::with_suffix(&self.stem(path, graphql), suffix)
    }

    /// The Rust name of a field, an argument or a value: that of the configuration, or its own.
    pub(super) fn member_name(
        &self,
        scope: &mut Scope<'_>,
        path: &str,
        own: String,
    ) -> Result<String, Error> {
        match self.config.renames.get(path) {
            Some(to) => scope.rename(path, to),
            None => scope.take(path, own),
        }
    }

    /// The list of errors of a payload.
    pub(super) fn errors(&self, payload: &str) -> Option<&ErrorList> {
        self.conventions.payload_errors.of_payload(payload)
    }

    /// Whether a field of a type is the list of errors of a mutation's payload.
    pub(super) fn is_errors(&self, owner: &str, field: &Field) -> bool {
        self.errors(owner).is_some_and(|list| list.field == field.name)
    }

    /// What a connection connects to; nothing for other types.
    pub(super) fn connection_node(&self, name: &str) -> Option<&'a str> {
        self.conventions.connections.get(name).map(|connection| connection.node)
    }

    /// Whether a leaf type becomes an enum.
    pub(super) fn is_enum(&self, name: &str) -> bool {
        let Config { values, external, .. } = self.config;
        match self.kind(name) {
            Kind::Scalar => values.contains_key(name) || external.contains_key(name),
            kind => kind == Kind::Enum,
        }
    }

    pub(super) fn leaf(&self, name: &str) -> RustType {
        if self.is_enum(name) {
            return RustType::Generated(self.rust_type(name));
        }
        let kind = match self.config.scalars.get(name) {
            Some(Scalar::Path(path)) => return RustType::Path(path.clone()),
            Some(Scalar::Kind(kind)) => Some(*kind),
            None => None,
        };
        RustType::Scalar(match (kind, name) {
            (Some(kind), _) => kind,
            (None, "Boolean") => ScalarKind::Boolean,
            (None, "Float") => ScalarKind::Float,
            (None, "ID") => ScalarKind::Id,
            (None, "Int") => ScalarKind::Int,
            (None, "String") => ScalarKind::String,
            (None, name) => scalars::by_name(name).unwrap_or(ScalarKind::Json),
        })
    }

    /// The type and selection of a value with all its leaf fields. `None` for inputs and objects without a struct.
    pub(super) fn whole(&self, name: &str) -> Option<(RustType, Selection)> {
        let selection = match self.kind(name) {
            kind if kind.is_leaf() => return Some((self.leaf(name), Selection::Leaf)),
            Kind::Interface | Kind::Union => self.interface_selection(name),
            _ if self.is_record(name) => Selection::Object(name.to_owned()),
            _ => return None,
        };
        Some((RustType::Generated(self.rust_type(name)), selection))
    }

    /// The documentation of a type. `page` is the folder of its reference page.
    pub(super) fn type_doc(&self, page: &str, graphql: &str) -> Doc {
        let base = self.config.reference.as_ref().map(|base| base.trim_end_matches('/'));
        Doc {
            description: self.schema.get(graphql).and_then(|ty| ty.description.clone()),
            link: base.map(|base| format!("{base}/{page}/{}/", graphql.to_ascii_lowercase())),
            deprecation: None,
        }
    }
}
