//! Builds the representation: names first, then types, then calls.

use super::input::Shared;
use super::output::{connection_node, paging_types, wrap};
use super::place::Places;
use super::{Call, CallKind, Doc, Enum, File, Input, InputField, Ir, RustType, Selection, Variant};
use crate::names::{self, Scope};
use crate::overrides::ScalarKind;
use crate::schema::{Argument, EnumValue, Field, Kind};
use crate::{Error, Overrides, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// The arguments by which a connection is paged; the runtime sets them.
const PAGING_ARGUMENTS: [&str; 4] = ["after", "before", "first", "last"];

pub(super) struct Builder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) overrides: &'a Overrides,
    /// GraphQL name -> Rust name, for every type that is generated.
    rust_types: BTreeMap<String, String>,
    /// Types that only serve connections.
    pub(super) paging: BTreeSet<String>,
    /// Object types that mutations return.
    pub(super) payloads: BTreeSet<String>,
    pub(super) has_node_field: bool,
}

pub(super) fn build(schema: &Schema, overrides: &Overrides) -> Result<Ir, Error> {
    let mut builder = Builder {
        schema,
        overrides,
        rust_types: BTreeMap::new(),
        paging: BTreeSet::new(),
        payloads: BTreeSet::new(),
        has_node_field: schema.fields(&schema.query_type).iter().any(is_node_field),
    };
    builder.check_overrides()?;
    builder.paging = paging_types(&builder);
    builder.payloads = builder.mutation_fields().iter().map(|field| field.ty.name().to_owned()).collect();
    let mut scope = Scope::types();
    builder.name_types(&mut scope)?;
    builder.files(scope)
}

/// `node(id: ID!)`, which the runtime calls for every type.
fn is_node_field(field: &Field) -> bool {
    let argument = |argument: &Argument| argument.name == "id" && argument.ty.to_string() == "ID!";
    field.name == "node"
        && field.ty.name() == "Node"
        && matches!(field.arguments.as_slice(), [id] if argument(id))
}

impl<'a> Builder<'a> {
    fn mutation_fields(&self) -> &'a [Field] {
        self.schema.mutation_type.as_deref().map_or(&[], |name| self.schema.fields(name))
    }

    fn check_overrides(&self) -> Result<(), Error> {
        let exists = |path: &str| match path.split_once('.') {
            None => self.schema.types.contains_key(path),
            Some((owner, field)) => match self.schema.kind(owner) {
                Kind::InputObject(fields) => fields.iter().any(|it| it.name == field),
                Kind::Enum(values) => values.iter().any(|it| it.name == field),
                _ => self.schema.fields(owner).iter().any(|it| it.name == field),
            },
        };
        let mut paths = self.overrides.renames.keys().chain(&self.overrides.skips);
        match paths.find(|path| !exists(path)) {
            Some(path) => Err(Error::UnknownOverride(path.clone())),
            None => Ok(()),
        }
    }

    /// The types that become Rust types, with their kinds.
    fn generated(&self) -> impl Iterator<Item = (&'a str, &'a Kind)> {
        let roots = [Some(self.schema.query_type.as_str()), self.schema.mutation_type.as_deref()];
        self.schema.types.iter().map(|(name, ty)| (name.as_str(), &ty.kind)).filter(move |(name, kind)| {
            match kind {
                Kind::Scalar => self.is_enum(name),
                Kind::Object { .. } => !roots.contains(&Some(name)) && !self.paging.contains(*name),
                Kind::InputObject(_) => !matches!(self.shared(name), Some(Shared::Filter { .. })),
                _ => true,
            }
        })
    }

    fn name_types(&mut self, scope: &mut Scope) -> Result<(), Error> {
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
        let kind = match self.scalar(name) {
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

    pub(super) fn type_doc(&self, keyword: &str, page: &str, graphql: &str) -> Doc {
        let description = self.schema.types.get(graphql).and_then(|ty| ty.description.clone());
        let link =
            self.overrides.reference.as_ref().map(|base| {
                format!("{}/{page}/{}/", base.trim_end_matches('/'), graphql.to_ascii_lowercase())
            });
        Doc { description, graphql: format!("{keyword} {graphql}"), link, ..Doc::default() }
    }

    fn files(&self, mut types: Scope) -> Result<Ir, Error> {
        let objects = || self.generated().filter(|(_, kind)| matches!(kind, Kind::Object { .. }));
        let records = objects().map(|(name, _)| name).filter(|name| !self.payloads.contains(*name));
        let mut places = Places::new(records);
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        let filtered = self.filtered_records();
        for (name, kind) in self.generated() {
            let file = files.entry(places.of(name)).or_default();
            match kind {
                Kind::Object { .. } => file.objects.push(self.object(name)?),
                Kind::Scalar => file.enums.push(self.value_list(name)),
                Kind::Enum(values) => {
                    let doc = self.type_doc("enum", "enum", name);
                    file.enums.push(enumeration(name, self.rust_type(name), doc, values));
                }
                Kind::InputObject(_) => match self.shared(name) {
                    Some(Shared::Order { field }) => file.orders.push(self.order(name, field)),
                    _ => file.inputs.push(self.input(name, &filtered)?),
                },
                Kind::Interface { possible_types, .. } | Kind::Union { possible_types } => {
                    let keyword = if matches!(kind, Kind::Union { .. }) { "union" } else { "interface" };
                    let rust = types.take(format!("{}Type", self.rust_type(name)));
                    file.interfaces.push(self.interface(name, keyword, &rust));
                    file.enums.push(self.typename(name, rust, possible_types));
                }
            }
        }
        self.calls(&mut files, &mut places, &mut types)?;
        import(&mut files);
        Ok(Ir { files })
    }

    /// A scalar whose values are known.
    fn value_list(&self, name: &str) -> Enum {
        let known = self.overrides.values.get(name).into_iter().flatten();
        let values: BTreeSet<&String> = known.collect();
        let value = |name: &String| EnumValue { name: name.clone(), description: None, deprecation: None };
        let values: Vec<EnumValue> = values.into_iter().map(value).collect();
        // Said to be an enum, like its twin of a schema in which it is one: to a user it is.
        enumeration(name, self.rust_type(name), self.type_doc("enum", "enum", name), &values)
    }

    /// The enum of the types that an interface or a union can be.
    fn typename(&self, interface: &str, rust: String, possible_types: &BTreeSet<String>) -> Enum {
        let value = |name: &String| EnumValue { name: name.clone(), description: None, deprecation: None };
        let values: Vec<EnumValue> = possible_types.iter().map(value).collect();
        let doc = Doc { graphql: format!("__typename of {interface}"), ..Doc::default() };
        enumeration(interface, rust, doc, &values)
    }

    /// Filter input -> the record it filters, where all its root fields agree.
    fn filtered_records(&self) -> BTreeMap<String, String> {
        let mut records: BTreeMap<String, Option<String>> = BTreeMap::new();
        for field in self.schema.fields(&self.schema.query_type) {
            let filter = field.arguments.iter().find(|argument| argument.name == "filter");
            if let (Some(filter), Some(node)) = (filter, connection_node(self, field.ty.name())) {
                records
                    .entry(filter.ty.name().to_owned())
                    .and_modify(|known| {
                        if known.as_deref() != Some(node) {
                            *known = None;
                        }
                    })
                    .or_insert_with(|| Some(node.to_owned()));
            }
        }
        records.into_iter().filter_map(|(filter, record)| Some((filter, record?))).collect()
    }

    fn calls(
        &self,
        files: &mut BTreeMap<String, File>,
        places: &mut Places,
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
            let home = connection_node(self, field.ty.name()).unwrap_or(field.ty.name());
            let is_type = self.rust_types.contains_key(home);
            let file = files.entry(places.of(if is_type { home } else { root })).or_default();
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
        let rust = self.field_name(functions, path, &field.name)?;
        let node = if is_mutation { None } else { connection_node(self, field.ty.name()) };
        let mut scope = Scope::fields();
        let mut required = Vec::new();
        let mut optional: Vec<InputField> = Vec::new();
        let (mut filter, mut view, mut order) = (None, None, None);
        for argument in &field.arguments {
            if node.is_some() && PAGING_ARGUMENTS.contains(&argument.name.as_str()) {
                continue;
            }
            let input = self.input_field(path, argument, None, &mut scope)?;
            match argument.name.as_str() {
                _ if argument.is_required() => required.push(input),
                "filter" if node.is_some() => filter = Some(input.ty),
                "view" if node.is_some() => view = Some(input.ty),
                "order" if node.is_some() && matches!(input.ty, RustType::List(_)) => order = item(input.ty),
                _ => optional.push(input),
            }
        }
        let arguments = field.arguments.iter();
        let signature: Vec<String> = arguments
            .clone()
            .map(|argument| match &argument.default {
                Some(default) => format!("{}: {} = {default}", argument.name, argument.ty),
                None => format!("{}: {}", argument.name, argument.ty),
            })
            .collect();
        let signature =
            if signature.is_empty() { String::new() } else { format!("({})", signature.join(", ")) };
        let keyword = if is_mutation { "mutation" } else { "query" };
        let target = node.unwrap_or(field.ty.name());
        let mut doc = self.type_doc(keyword, self.page(target), target);
        doc.description.clone_from(&field.description);
        doc.deprecation.clone_from(&field.deprecation);
        doc.graphql = format!("{keyword} {}{signature}: {}", field.name, field.ty);
        let extra = if optional.is_empty() {
            None
        } else {
            let rust = types.take(format!("{}Arguments", names::type_name(&names::variant(&field.name))));
            doc.notes.push(format!("More arguments: [`{rust}`], given to `.arguments(..)`."));
            let doc = Doc { graphql: format!("optional arguments of {}", field.name), ..Doc::default() };
            Some(Input { graphql: rust.clone(), rust, doc, fields: optional })
        };
        doc.notes.push(cost(node.is_some(), is_mutation).to_owned());
        let (kind, selection) = match node {
            Some(node) => {
                let marker = types.take(format!("{}Query", names::variant(&field.name)));
                let (node, selection) = self.whole(node, path)?;
                (CallKind::Connection { marker, node, filter, view, order }, selection)
            }
            None => {
                let (base, selection) = self.whole(field.ty.name(), path)?;
                let ty = wrap(&field.ty, base);
                let (ty, selection) =
                    if is_mutation { (ty.without_null(), self.payload(selection)) } else { (ty, selection) };
                (CallKind::Value(ty), selection)
            }
        };
        let call = Call {
            graphql: field.name.clone(),
            constant: rust.trim_end_matches('_').to_ascii_uppercase(),
            rust,
            doc,
            is_mutation,
            arguments: arguments.map(|argument| (argument.name.clone(), argument.ty.to_string())).collect(),
            required,
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

    /// A payload that reports errors of its own is asked for them.
    fn payload(&self, selection: Selection) -> Selection {
        let Selection::Object { graphql, rust } = selection else { return selection };
        let errors = self.schema.fields(&graphql).iter().find(|field| field.name == "errors");
        let has = |name: &str| {
            errors.is_some_and(|errors| {
                self.schema.fields(errors.ty.name()).iter().any(|field| field.name == name)
            })
        };
        if has("message") && has("path") {
            Selection::Payload { graphql, rust }
        } else {
            Selection::Object { graphql, rust }
        }
    }
}

/// What a call costs, for its documentation.
fn cost(is_connection: bool, is_mutation: bool) -> &'static str {
    match (is_connection, is_mutation) {
        (true, _) => "Costs one request per page.",
        (_, true) => "Costs one request, which is never sent twice.",
        _ => "Costs one request.",
    }
}

fn item(ty: RustType) -> Option<RustType> {
    match ty {
        RustType::List(item) => Some(item.without_null()),
        _ => None,
    }
}

fn enumeration(graphql: &str, rust: String, doc: Doc, values: &[EnumValue]) -> Enum {
    let mut scope = Scope::variants();
    let variants = values
        .iter()
        .map(|value| Variant {
            value: value.name.clone(),
            rust: scope.take(names::variant(&value.name)),
            doc: Doc {
                description: value.description.clone(),
                graphql: value.name.clone(),
                deprecation: value.deprecation.clone(),
                ..Doc::default()
            },
        })
        .collect();
    Enum { graphql: graphql.to_owned(), rust, doc, variants }
}

/// Notes for every file which types of other files it names.
fn import(files: &mut BTreeMap<String, File>) {
    for file in files.values_mut() {
        let mut used = BTreeSet::new();
        let mut own = BTreeSet::new();
        for object in &file.objects {
            own.insert(object.rust.clone());
            object.fields.iter().for_each(|field| field.ty.collect(&mut used));
        }
        for interface in &file.interfaces {
            own.insert(interface.rust.clone());
        }
        own.extend(file.enums.iter().map(|it| it.rust.clone()));
        for order in &file.orders {
            own.insert(order.rust.clone());
            order.field.collect(&mut used);
        }
        for input in &file.inputs {
            own.insert(input.rust.clone());
            input.fields.iter().for_each(|field| field.ty.collect(&mut used));
        }
        for call in &file.calls {
            call.required.iter().for_each(|argument| argument.ty.collect(&mut used));
            match &call.kind {
                CallKind::Value(ty) => ty.collect(&mut used),
                CallKind::Connection { node, filter, view, order, .. } => {
                    let types = [Some(node), filter.as_ref(), view.as_ref(), order.as_ref()];
                    types.into_iter().flatten().for_each(|ty| ty.collect(&mut used));
                }
            }
        }
        file.imports = used.difference(&own).cloned().collect();
    }
}
