//! What comes back: objects, interfaces, unions, and the selection of each field.

use super::builder::Builder;
use super::defaults::{Inlining, Part};
use super::{Doc, Enum, InputField, Interface, Object, OutputField, RustType, Selection};
use crate::Error;
use crate::conventions::NodeLookup;
use crate::names::{self, Scope};
use crate::schema::{Field, Kind, deprecation};
use std::collections::BTreeSet;

impl<'a> Builder<'a> {
    /// Whether the lookup of records can return a type, in every environment that has it.
    pub(super) fn is_always_node(&self, object: &str) -> bool {
        let node = self.conventions.node.as_ref();
        node.is_some_and(|node| self.is_node(object) && !self.is_partial(object, &node.interface))
    }

    /// Whether the lookup of records can return a type.
    pub(super) fn is_node(&self, object: &str) -> bool {
        self.conventions.node.as_ref().is_some_and(|node| self.schema.implements(object, &node.interface))
    }

    /// Whether declarations need not name the lookup.
    fn has_usual_lookup(&self) -> bool {
        self.conventions.node.as_ref().is_none_or(NodeLookup::is_usual)
    }

    /// The field with the id by which an object is referred to: a leaf without arguments. It is that by which the
    /// object is looked up, or else `id`.
    pub(super) fn id_field(&self, object: &str) -> Option<&'a Field> {
        let lookup = self.conventions.node.as_ref().filter(|_| self.is_node(object));
        let name = lookup.map_or("id", |node| &node.id);
        let id = self.schema.field(object, name)?;
        let is_id = id.only_in.is_none()
            && id.arguments.is_empty()
            && !id.is_deprecated
            && id.ty.item().is_none()
            && self.kind(id.ty.name()).is_leaf()
            && !self.config.skips.contains(&format!("{object}.{name}"));
        is_id.then_some(id)
    }

    /// The name and the type of an object's id.
    fn id(&self, object: &str) -> Option<(&'a str, RustType)> {
        let id = *self.ids.get(object)?;
        Some((&id.name, RustType::wrapped(&id.ty, self.leaf(id.ty.name()))))
    }

    /// The object type that a field takes in whole, if it does.
    pub(super) fn inlined(&self, owner: &str, field: &'a Field) -> Option<&'a str> {
        let name = field.ty.name();
        let connections = &self.conventions.connections;
        // The records of a connection that is fetched in whole.
        let is_payload = self.conventions.payloads.contains(owner) || connections.is_part(owner);
        // A list of things that cannot be fetched by id would be worth nothing as ids.
        let is_value = connections.is_page(name)
            || !self.ids.contains_key(name)
            || (field.ty.item().is_some() && !self.is_node(name));
        (self.is_record(name) && (is_payload || is_value)).then_some(name)
    }

    /// What a field adds to the default selection of its type, if cycles and limits allow it.
    pub(super) fn part(&self, owner: &str, field: &'a Field) -> Option<Part<'a>> {
        if !self.can_be_default(owner, field) {
            return None;
        }
        let name = field.ty.name();
        match self.kind(name) {
            kind if kind.is_leaf() => Some(Part::Fixed(0, 1)),
            Kind::Interface | Kind::Union => {
                Some(Part::Fixed(1, if self.with_nodes.contains(name) { 3 } else { 2 }))
            }
            _ => match self.inlined(owner, field) {
                Some(inner) => Some(Part::Object(inner)),
                None => (self.is_record(name) && self.ids.contains_key(name)).then_some(Part::Fixed(1, 2)),
            },
        }
    }

    /// Whether a field can be in the default selection of its type.
    pub(super) fn can_be_default(&self, owner: &str, field: &Field) -> bool {
        !field.is_deprecated
            && field.is_free()
            && !self.conventions.connections.is_page(field.ty.name())
            && !self.conventions.connections.repeats_nodes(owner, field)
            && !self.is_errors(owner, field)
            && !self.config.skips.contains(&format!("{owner}.{}", field.name))
    }

    /// The fields that the limits leave out of the default selection of a type.
    pub(super) fn beyond_limits(&self, owner: &str) -> Vec<&'a str> {
        if !self.defaults.is_limited(owner) {
            return Vec::new();
        }
        let fields = self.schema.fields(owner).iter();
        let beyond = fields.filter(|field| match self.part(owner, field) {
            Some(Part::Object(inner)) => self.defaults.inlining(owner, inner) == Inlining::Limit,
            _ => false,
        });
        beyond.map(|field| field.name.as_str()).collect()
    }

    /// The fields of a type that can be selected, under its name.
    fn output(&self, kind: &'static str, owner: &str) -> Result<Object, Error> {
        let mut scope = Scope::new(&[]);
        let (mut fields, mut left_out) = (Vec::new(), Vec::new());
        for field in self.schema.fields(owner) {
            let path = format!("{owner}.{}", field.name);
            if self.config.skips.contains(&path) || self.is_errors(owner, field) {
                continue;
            }
            if self.returns_root(field) {
                left_out.push(format!("{}: {}", field.name, field.ty));
            } else {
                let rust = self.member_name(&mut scope, &path, names::snake(&field.name))?;
                fields.extend(self.output_field(owner, field, &path, rust)?);
            }
        }
        Ok(Object {
            kind,
            graphql: owner.to_owned(),
            rust: self.rust_type(owner),
            doc: Doc::default(),
            id: None,
            errors: self.errors(owner).map(|list| list.field.clone()),
            fields,
            left_out,
        })
    }

    /// A field as it is declared. Nothing for what cannot be selected.
    fn output_field(
        &self,
        owner: &str,
        field: &'a Field,
        path: &str,
        rust: String,
    ) -> Result<Option<OutputField>, Error> {
        let name = field.ty.name();
        let connections = &self.conventions.connections;
        let node = connections.nested(field).filter(|_| Some(owner) != self.schema.mutation_type());
        let mut is_default = self.can_be_default(owner, field);
        let (ty, selection) = if let Some(connection) = node {
            (self.nodes(connection, field), Selection::Leaf)
        } else {
            let Some((mut base, mut selection)) = self.whole(name) else { return Ok(None) };
            if matches!(selection, Selection::Object(_)) {
                match (self.inlined(owner, field), self.id(name)) {
                    (Some(inner), _) => {
                        is_default &= self.defaults.inlining(owner, inner) == Inlining::Whole;
                    }
                    (None, Some((id, ty))) => {
                        base = RustType::Ref(self.rust_type(name), Box::new(ty));
                        selection = Selection::Reference(id.to_owned());
                    }
                    (None, None) => is_default = false,
                }
            }
            (RustType::wrapped(&field.ty, base), selection)
        };
        let section = match node {
            _ if is_default => "fields",
            // So that a call goes on when the server has removed the field.
            _ if field.is_deprecated => "deprecated",
            Some(_) => "connections",
            None => "also",
        };
        let description = field.description.as_ref().filter(|_| is_default && self.is_record(owner));
        Ok(Some(OutputField {
            graphql: field.name.clone(),
            rust,
            doc: Doc {
                description: description.cloned(),
                deprecation: deprecation(field.is_deprecated, field.deprecation_reason.as_ref()),
                link: None,
            },
            section,
            declared: field.ty.to_string(),
            arguments: self.field_arguments(
                path,
                field,
                matches!(ty, RustType::Nodes { shape: None, .. }),
            )?,
            ty,
            selection,
            errors: self.errors(name).cloned(),
        }))
    }

    /// The arguments of a field, but for those that the derive adds to a connection.
    fn field_arguments(
        &self,
        path: &str,
        field: &Field,
        is_usual: bool,
    ) -> Result<Vec<(InputField, Option<String>)>, Error> {
        let mut scope = Scope::new(names::SETTERS);
        let is_paging = |name: &str| is_usual && self.conventions.connections.is_paging_argument(field, name);
        let arguments = field.arguments.iter().filter(|argument| !is_paging(&argument.name));
        arguments
            .map(|argument| {
                let name = argument.ty.name();
                let values: Vec<_> =
                    self.schema.enum_values(name).iter().map(|it| it.name.as_str()).collect();
                let values = match self.kind(name) {
                    Kind::Enum => Some(values.join(", ")),
                    _ => self.is_enum(name).then(|| "~".to_owned()),
                };
                Ok((self.input_field(path, argument, None, &mut scope)?, values))
            })
            .collect()
    }

    pub(super) fn root(&self, kind: &'static str, graphql: &str) -> Result<Object, Error> {
        Ok(Object { rust: graphql.to_owned(), ..self.output(kind, graphql)? })
    }

    /// The object types of which a field is a reference.
    pub(super) fn referenced(&self) -> BTreeSet<&'a str> {
        let fields = |owner: &'a str| self.schema.fields(owner).iter().map(move |field| (owner, field));
        let fields = self.schema.types.iter().flat_map(|ty| fields(&ty.name));
        let is_whole = |owner: &str, field: &'a Field| self.inlined(owner, field).is_some();
        fields.filter(|(owner, field)| !is_whole(owner, field)).map(|(_, field)| field.ty.name()).collect()
    }

    /// `referenced` are the types of which a field is a reference: the others need no optional id.
    pub(super) fn object(&self, graphql: &str, referenced: &BTreeSet<&str>) -> Result<Object, Error> {
        let kind = match self.is_node(graphql) {
            _ if self.errors(graphql).is_some() => "payload",
            true if self.has_usual_lookup() => "node",
            true => "node(super::NODE_LOOKUP)",
            false => "object",
        };
        let is_declared = |id: &RustType| match id {
            RustType::Nullable(_) => referenced.contains(graphql),
            id => !id.is_id(),
        };
        let id = self.id(graphql).map(|(_, ty)| ty).filter(is_declared);
        let mut doc = self.type_doc("object", graphql);
        let left_out = self.beyond_limits(graphql).join(", ");
        if !left_out.is_empty() {
            let note =
                format!("Left out of the default selection, which has limits of depth and size: {left_out}.");
            doc.description =
                Some(doc.description.into_iter().chain([note]).collect::<Vec<_>>().join("\n\n"));
        }
        Ok(Object { doc, id, ..self.output(kind, graphql)? })
    }

    /// `... on Node` is valid inside an interface only when the two have a type in common.
    pub(super) fn interface_selection(&self, name: &str) -> Selection {
        Selection::Interface { node: self.with_nodes.contains(name) }
    }

    pub(super) fn interface(&self, graphql: &str, types: Enum) -> Result<Interface, Error> {
        let kind = self.page(graphql);
        let is_lookup = self.conventions.node.as_ref().is_some_and(|node| node.interface == graphql);
        let nodes = match (self.interface_selection(graphql), self.has_usual_lookup()) {
            (_, true) if is_lookup => "any",
            (_, false) if is_lookup => "any(super::NODE_LOOKUP)",
            (Selection::Interface { node: true }, true) => "some",
            (Selection::Interface { node: true }, false) => "some(super::NODE_LOOKUP)",
            _ => "none",
        };
        Ok(Interface {
            object: Object { doc: self.type_doc(kind, graphql), ..self.output(kind, graphql)? },
            possible: types.variants.iter().map(|variant| self.rust_type(&variant.value)).collect(),
            nodes,
            types,
        })
    }
}
