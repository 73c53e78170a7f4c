//! Connections: types whose records come in pages.

use super::connection_names::Names;
use super::report::counted;
use crate::config::{Config, Scalar, ScalarKind};
use crate::schema::{Argument, Field, Kind, Type};
use crate::{Error, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// The connections of a schema.
pub(crate) struct Connections<'a> {
    schema: &'a Schema,
    pub(crate) names: Names,
    pub(crate) max_page_size: u32,
    pub(crate) max_nodes: Option<u64>,
    types: BTreeMap<&'a str, Connection<'a>>,
    /// All types that have the end of a page, with connections that the runtime cannot page.
    pages: BTreeSet<&'a str>,
    /// The types of which connections consist: themselves, their edges, and the ends of pages.
    parts: BTreeSet<&'a str>,
    /// Of these, those that become no Rust types, since the runtime pages by them and they have nothing else.
    only_paging: BTreeSet<&'a str>,
}

/// A connection type.
pub(crate) struct Connection<'a> {
    /// The type of its records.
    pub(crate) node: &'a str,
    /// The names of its parts.
    pub(crate) shape: Shape,
    /// Whether it or its edges have more than records and pages, or records in edges alone: cursors of records
    /// are in edges.
    has_more: bool,
}

/// Where the records of a connection are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    /// Whether they are in edges.
    pub(crate) in_edges: bool,
    /// Whether the connection has the number of all.
    pub(crate) has_total: bool,
}

impl<'a> Connections<'a> {
    pub(crate) fn of(schema: &'a Schema, config: &Config) -> Result<Self, Error> {
        let names = Names::of(schema, &config.connections)?;
        let mut this = Self {
            schema,
            names,
            max_page_size: config.connections.max_page_size,
            max_nodes: config.connections.max_nodes,
            types: BTreeMap::new(),
            pages: BTreeSet::new(),
            parts: BTreeSet::new(),
            only_paging: BTreeSet::new(),
        };
        if config.connections.enabled {
            for ty in schema.types.iter().filter(|ty| !schema.is_root(&ty.name)) {
                this.add(config, ty);
            }
            this.only_paging = this.find_only_paging();
        }
        Ok(this)
    }

    /// Adds a type, if it is a connection.
    fn add(&mut self, config: &Config, ty: &'a Type) -> Option<()> {
        let schema = self.schema;
        if ty.kind != Kind::Object {
            return None;
        }
        let Names { nodes, edges, node, page_info, has_next_page, end_cursor, total_count, .. } = &self.names;
        let free = |owner: &str, name: &str| schema.field(owner, name).filter(|field| field.is_free());
        let page_info = free(&ty.name, page_info).filter(|field| field.ty.item().is_none())?;
        let leaf = |name| {
            let found = free(page_info.ty.name(), name)?;
            (schema.kind(found.ty.name()).is_leaf() && found.ty.item().is_none()).then(|| found.ty.name())
        };
        if leaf(has_next_page) != Some("Boolean") {
            return None;
        }
        self.pages.insert(&ty.name);
        leaf(end_cursor).filter(|cursor| {
            schema.kind(cursor) == Kind::Scalar && !matches!(*cursor, "Boolean" | "Int" | "Float")
        })?;
        let list = |name| {
            let field = free(&ty.name, name)?;
            field.ty.item().is_some_and(|item| item.item().is_none()).then(|| field.ty.name())
        };
        let is_record = |name: &&str| {
            matches!(schema.kind(name), Kind::Object | Kind::Interface | Kind::Union) && !schema.is_root(name)
        };
        let edge = list(edges).filter(|edge| schema.kind(edge) == Kind::Object && !schema.is_root(edge));
        let of_edge = edge.and_then(|edge| free(edge, node));
        let of_edge =
            of_edge.filter(|node| node.ty.item().is_none()).map(|node| node.ty.name()).filter(is_record);
        let listed =
            list(nodes).filter(is_record).filter(|listed| of_edge.is_none_or(|node| node == *listed));
        let record = listed.or(of_edge)?;
        let is_int = |field: &Field| match config.scalars.get(field.ty.name()) {
            Some(kind) => *kind == Scalar::Kind(ScalarKind::Int),
            None => field.ty.name() == "Int",
        };
        let total = free(&ty.name, total_count);
        let has_total = total.is_some_and(|total| is_int(total) && total.ty.item().is_none());
        let shape = Shape { in_edges: listed.is_none(), has_total };
        let is_known =
            |field: &Field| [nodes, edges, total_count].contains(&&field.name) || field == page_info;
        let is_plain = |field: &Field| field.name == *node || field.name == "cursor";
        let edge = edge.filter(|_| of_edge.is_some());
        let has_more = shape.in_edges
            || !schema.fields(&ty.name).iter().all(is_known)
            || edge.is_some_and(|edge| !schema.fields(edge).iter().all(is_plain));
        self.types.insert(&ty.name, Connection { node: record, shape, has_more });
        self.parts.extend([ty.name.as_str(), page_info.ty.name()].into_iter().chain(edge));
        Some(())
    }

    /// A connection type; nothing for other types.
    pub(crate) fn get(&self, name: &str) -> Option<&Connection<'a>> {
        self.types.get(name)
    }

    /// The connection that a root field streams, if it does.
    pub(crate) fn streamed(&self, field: &Field) -> Option<&Connection<'a>> {
        let after = self.argument(field, &self.names.after, &["Int", "Float", "Boolean"]);
        self.nested(field)
            .filter(|_| after.is_some_and(|after| !after.is_required() && after.only_in.is_none()))
    }

    /// The connection that a field of another type is, whose first records can be selected.
    pub(crate) fn nested(&self, field: &Field) -> Option<&Connection<'a>> {
        let connection = self.get(field.ty.name()).filter(|_| field.ty.item().is_none())?;
        let first = self.argument(field, &self.names.first, &["String", "ID", "Boolean"]);
        first.filter(|first| first.only_in.is_none()).map(|_| connection)
    }

    /// The argument of this name, if it takes one scalar of another type than these.
    fn argument<'f>(&self, field: &'f Field, name: &str, refused: &[&str]) -> Option<&'f Argument> {
        let argument = field.arguments.iter().find(|argument| argument.name == name)?;
        let is_scalar = self.schema.kind(argument.ty.name()) == Kind::Scalar && argument.ty.item().is_none();
        (is_scalar && !refused.contains(&argument.ty.name())).then_some(argument)
    }

    /// Whether a type has the end of a page: its records are many, and are not fetched by default.
    pub(crate) fn is_page(&self, name: &str) -> bool {
        self.pages.contains(name)
    }

    /// Whether a type is part of connections.
    pub(crate) fn is_part(&self, name: &str) -> bool {
        self.parts.contains(name)
    }

    /// Whether a type only serves to page, so that no Rust type is made for it.
    pub(crate) fn is_only_paging(&self, name: &str) -> bool {
        self.only_paging.contains(name)
    }

    /// Whether a field of a connection has the edges of records that another field lists.
    pub(crate) fn repeats_nodes(&self, owner: &str, field: &Field) -> bool {
        self.get(owner).is_some_and(|it| !it.shape.in_edges && field.name == self.names.edges)
    }

    /// Whether an argument of a connection pages it; the runtime sets these.
    pub(crate) fn is_paging_argument(&self, field: &Field, name: &str) -> bool {
        let Names { first, after, .. } = &self.names;
        let is_like = |other: &str| {
            let [one, other] = [name, other].map(|name| self.argument(field, name, &[]));
            one.map(|one| one.ty.name()) == other.map(|other| other.ty.name())
        };
        name == *first
            || name == *after
            || (name == "last" && first == "first" && is_like(first))
            || (name == "before" && after == "after" && is_like(after))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Whether the runtime knows the names of a connection's parts.
    pub(crate) fn is_usual_shape(&self, shape: Shape) -> bool {
        self.names.are_usual() && self.max_page_size == 100 && !shape.in_edges && shape.has_total
    }

    /// Whether `#[derive(Select)]` knows how a field is paginated, with no more than the name of its node.
    pub(crate) fn is_usual(&self, connection: &Connection<'_>, field: &Field) -> bool {
        let usual = [("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")];
        let has = |(name, ty): (&str, &str)| {
            field.arguments.iter().any(|argument| argument.name == name && argument.ty.to_string() == ty)
        };
        self.is_usual_shape(connection.shape)
            && self.is_only_paging(field.ty.name())
            && usual.into_iter().all(has)
    }

    /// The parts of connections that nothing returns but the connections that the runtime pages.
    fn find_only_paging(&self) -> BTreeSet<&'a str> {
        let (schema, mut only) = (self.schema, self.parts.clone());
        let mut open: Vec<&str> = schema.types.iter().map(|ty| ty.name.as_str()).collect();
        open.retain(|name| !only.contains(name) && !name.starts_with("__"));
        while let Some(owner) = open.pop() {
            let mut need = |name| {
                if let Some(name) = only.take(name) {
                    open.push(name);
                }
            };
            schema.possible_types(owner).for_each(&mut need);
            for field in schema.fields(owner) {
                let paged = match owner {
                    _ if owner == schema.query_type() => self.streamed(field),
                    _ if schema.is_root(owner) => None,
                    _ => self.nested(field),
                };
                if let Some(connection) = paged {
                    need(connection.node);
                }
                if paged.is_none_or(|connection| connection.has_more || !connection.shape.has_total) {
                    need(field.ty.name());
                }
            }
        }
        only
    }

    /// What was found in a schema, for people.
    pub(crate) fn report(&self) -> String {
        let roots = self.schema.fields(self.schema.query_type());
        let streamed: Vec<&Connection<'_>> = roots.iter().filter_map(|field| self.streamed(field)).collect();
        if streamed.is_empty() {
            return "none".to_owned();
        }
        let Names { nodes, edges, node, first, after, total_count, .. } = &self.names;
        let count = |is: fn(&Shape) -> bool| streamed.iter().filter(|it| is(&it.shape)).count();
        let lists = match count(|shape| shape.in_edges) {
            0 => format!("`{nodes}`"),
            in_edges if in_edges == streamed.len() => format!("`{edges} {{ {node} }}`"),
            in_edges => format!("`{nodes}` or, of {in_edges}, `{edges} {{ {node} }}`"),
        };
        let total = match count(|shape| shape.has_total) {
            0 => "without a total count".to_owned(),
            all if all == streamed.len() => format!("with `{total_count}`"),
            some => format!("with `{total_count}` in {some}"),
        };
        format!("{lists}, `{first}`, `{after}`, {total}, {}", counted(streamed.len(), "root field"))
    }
}
