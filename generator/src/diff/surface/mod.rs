//! The surface of a schema: a flat list of everything in it that has a name, with the Rust for it.
//!
//! Names, kinds, defaults, deprecations and descriptions are those of the schema; Rust is that of the
//! representation.

mod index;
mod item;
mod rust;

pub(super) use item::{Item, Place, Role, Rust, written};

use crate::Generator;
use crate::ir::{Operation, USUAL};
use crate::schema::{Argument, BUILT_IN_SCALARS, Field, Kind, Schema, Type, deprecation};
use index::Index;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that has a name, by its key: `Team`, `Team.name`, `Team.members(first:)`, `query.teams`.
pub(super) struct Surface<'g> {
    pub(super) items: BTreeMap<String, Item<'g>>,
    /// What holds for the whole API, with a name for each. Those of pages only if there are connections.
    pub(super) conventions: BTreeMap<&'static str, String>,
}

/// The value of a convention that there is not.
pub(super) const NONE: &str = "none";

struct Builder<'g> {
    schema: &'g Schema,
    index: Index<'g>,
    /// The types that requests hold values of.
    sent: BTreeSet<&'g str>,
    /// The types of arguments of fields.
    constant: BTreeSet<&'g str>,
    items: BTreeMap<String, Item<'g>>,
}

impl<'g> Surface<'g> {
    pub(super) fn of(generator: &'g Generator) -> Self {
        let (schema, ir) = (&generator.schema, &generator.ir);
        let mut builder = Builder {
            schema,
            index: Index::of(ir),
            sent: arguments(schema).chain(inputs(schema)).collect(),
            constant: arguments(schema).collect(),
            items: BTreeMap::new(),
        };
        for ty in schema.types.iter().filter(|ty| is_own(ty)) {
            builder.ty(ty);
        }
        builder.directives();
        let lookup = ir.node.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string);
        let mut conventions = BTreeMap::from([("lookup of records", lookup)]);
        if builder.items.values().any(Item::is_connection) {
            conventions.extend(USUAL.map(|(name, usual)| (name, usual.to_owned())));
            conventions.extend(ir.paging.settings.iter().cloned());
        }
        Self { items: builder.items, conventions }
    }
}

/// Whether a type is one of the schema's own.
fn is_own(ty: &Type) -> bool {
    !ty.name.starts_with("__") && !BUILT_IN_SCALARS.contains(&ty.name.as_str())
}

/// The types of arguments.
fn arguments(schema: &Schema) -> impl Iterator<Item = &str> {
    let fields = schema.types.iter().flat_map(|ty| ty.fields.iter().flatten());
    fields.flat_map(|field| &field.arguments).map(|argument| argument.ty.name())
}

/// The types of fields of inputs.
fn inputs(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.types.iter().flat_map(|ty| ty.input_fields.iter().flatten()).map(|field| field.ty.name())
}

impl<'g> Builder<'g> {
    /// The operation of a root type, and the key of the type.
    fn root(&self, name: &str) -> (Option<Operation>, String) {
        let roots = [
            (Some(self.schema.query_type()), Operation::Query),
            (self.schema.mutation_type(), Operation::Mutation),
            (self.schema.subscription_type(), Operation::Subscription),
        ];
        match roots.into_iter().find(|(root, _)| *root == Some(name)) {
            Some((_, operation)) => (Some(operation), operation.keyword().to_owned()),
            None => (None, name.to_owned()),
        }
    }

    fn ty(&mut self, ty: &'g Type) {
        let name = ty.name.as_str();
        let (operation, key) = self.root(name);
        let rust = self.type_rust(ty);
        let role = match (operation, ty.kind) {
            (Some(operation), _) => Role::Root(operation),
            (_, Kind::Object) if rust.paths.is_empty() => Role::Paging,
            (_, Kind::Object) => Role::Object,
            (_, Kind::Interface) => Role::Interface,
            (_, Kind::Union) => Role::Union,
            (_, Kind::InputObject) => Role::Input,
            (_, Kind::Enum) => Role::Enum,
            (_, _) if rust.paths.is_empty() => Role::Scalar,
            _ => Role::Enum,
        };
        let record = self.index.record(name).to_owned();
        let detail = match role {
            Role::Input => self.input_kind(name).to_owned(),
            Role::Enum if ty.kind == Kind::Enum => "an enum".to_owned(),
            Role::Enum => "a scalar with known values".to_owned(),
            _ => ty.specified_by_url.clone().unwrap_or_default(),
        };
        let item = Item {
            role,
            path: name.to_owned(),
            name,
            record: record.clone(),
            description: ty.description.as_deref(),
            rust,
            is_sent: self.sent.contains(name),
            is_constant: self.constant.contains(name),
            detail,
            ..Item::default()
        };
        self.items.insert(key.clone(), item);
        for field in ty.fields.iter().flatten() {
            self.field(field, name, &key, operation);
        }
        for field in ty.input_fields.iter().flatten() {
            let rust = self.input_field_rust(name, field);
            let item =
                Item { role: Role::InputField, record: record.clone(), is_sent: true, ..argument(field) };
            let path = format!("{name}.{}", field.name);
            self.items.insert(path.clone(), Item { path, owner: key.clone(), rust, ..item });
        }
        self.values(ty, &record);
        let members = ty.possible_types.iter().flatten().filter(|_| ty.kind == Kind::Union);
        let interfaces = ty.interfaces.iter().flatten();
        let both = members.map(|it| (it.name(), name, it.name(), Role::Member));
        for (member, of, own, role) in
            both.chain(interfaces.map(|it| (name, it.name(), it.name(), Role::Implements)))
        {
            let path = match role {
                Role::Member => format!("{of} = {member}"),
                _ => format!("{member} implements {of}"),
            };
            let rust = self.possible_rust(of, member);
            let (owner, record) = (key.clone(), record.clone());
            let item = Item { role, path: path.clone(), name: own, owner, record, rust, ..Item::default() };
            self.items.insert(path, item);
        }
    }

    /// The values of an enum, also of one that the configuration makes of a scalar.
    fn values(&mut self, ty: &'g Type, record: &str) {
        let name = ty.name.as_str();
        let is_sent = self.sent.contains(name);
        let described = ty.enum_values.iter().flatten().map(|value| {
            let reason = deprecation(value.is_deprecated, value.deprecation_reason.as_ref());
            (value.name.as_str(), value.description.as_deref(), reason)
        });
        let listed = self.index.enums.get(name).filter(|_| ty.kind == Kind::Scalar);
        let listed = listed.into_iter().flat_map(|it| &it.variants);
        let listed = listed.map(|variant| (variant.value.as_str(), None, None));
        for (value, description, deprecation) in described.chain(listed).collect::<Vec<_>>() {
            let path = format!("{name}.{value}");
            let item = Item {
                role: Role::Value,
                path: path.clone(),
                name: value,
                owner: name.to_owned(),
                record: record.to_owned(),
                deprecation,
                description,
                rust: self.value_rust(name, value),
                is_sent,
                ..Item::default()
            };
            self.items.insert(path, item);
        }
    }

    fn field(&mut self, field: &'g Field, owner: &'g str, owner_key: &str, operation: Option<Operation>) {
        let (path, key) = (format!("{owner}.{}", field.name), format!("{owner_key}.{}", field.name));
        let target = field.ty.name();
        let is_type = self.schema.get(target).is_some_and(|ty| !ty.kind.is_leaf());
        let record = match operation {
            Some(_) if is_type => self.index.record(target),
            _ => self.index.record(owner),
        };
        let rust = self.field_rust(owner, field, operation);
        let item = Item {
            role: Role::Field(operation),
            path: path.clone(),
            name: &field.name,
            owner: owner_key.to_owned(),
            record: record.to_owned(),
            ty: Some(&field.ty),
            deprecation: deprecation(field.is_deprecated, field.deprecation_reason.as_ref()),
            description: field.description.as_deref(),
            rust,
            ..Item::default()
        };
        self.items.insert(key.clone(), item);
        let role = if operation.is_some() { Role::RootArgument } else { Role::Argument };
        for it in &field.arguments {
            let item = Item {
                role,
                path: format!("{path}({}:)", it.name),
                owner: key.clone(),
                record: record.to_owned(),
                rust: self.argument_rust(owner, field, it, operation),
                is_sent: true,
                ..argument(it)
            };
            self.items.insert(format!("{key}({}:)", it.name), item);
        }
    }

    fn directives(&mut self) {
        for directive in &self.schema.directives {
            let key = format!("@{}", directive.name);
            let mut locations: Vec<&str> = directive.locations.iter().map(String::as_str).collect();
            locations.sort_unstable();
            let repeatable = if directive.is_repeatable == Some(true) { "repeatable on " } else { "on " };
            let item = Item {
                role: Role::Directive,
                path: key.clone(),
                name: &directive.name,
                record: "directives".to_owned(),
                description: directive.description.as_deref(),
                detail: format!("{repeatable}{}", locations.join(" | ")),
                ..Item::default()
            };
            self.items.insert(key.clone(), item);
            for it in &directive.arguments {
                let path = format!("{key}({}:)", it.name);
                let item = Item {
                    role: Role::DirectiveArgument,
                    path: path.clone(),
                    owner: key.clone(),
                    record: "directives".to_owned(),
                    ..argument(it)
                };
                self.items.insert(path, item);
            }
        }
    }
}

/// What an argument and a field of an input have in common.
fn argument(argument: &Argument) -> Item<'_> {
    let reason = argument.deprecation_reason.as_ref().and_then(Option::as_ref);
    Item {
        name: &argument.name,
        ty: Some(&argument.ty),
        default: argument.default.as_deref(),
        deprecation: deprecation(argument.is_deprecated == Some(true), reason),
        description: argument.description.as_deref(),
        ..Item::default()
    }
}
