//! What APIs do in ways of their own: connections, payloads with errors, node lookups.

use super::names::Names;
use super::text::{deprecated, description};
use super::{Argument, Builder, Field, Kind, Ref, Type};

/// How the types of one schema that serve a convention look. Mostly it is one way.
#[derive(Default)]
pub(super) struct Ways {
    pub(super) connection: usize,
    pub(super) page: usize,
    pub(super) errors: usize,
    pub(super) node: usize,
    /// Whether the root types have other names than usual.
    pub(super) own_roots: bool,
}

/// The usual names of the root types.
pub(super) const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

impl Builder {
    pub(super) fn choose_ways(&mut self) {
        self.ways = Ways {
            connection: self.random.below(7),
            page: self.random.below(6),
            errors: self.random.below(8),
            node: self.random.below(10),
            own_roots: self.random.one_in(12),
        };
        let roots = if self.ways.own_roots { &[] } else { &ROOTS[..] };
        for name in ["Node", "PageInfo", "UserError"].iter().chain(roots) {
            self.type_names.take(name);
        }
    }

    /// The interface of all types that can be looked up, if there is one.
    pub(super) fn node_interface(&mut self) -> Option<String> {
        let id = |name: &str| Field::new(name, Ref::named("ID").non_null());
        let (kind, fields) = match self.ways.node {
            0..5 => (Kind::Interface, vec![id("id")]),
            5 => (Kind::Interface, vec![id("key")]),
            6 => (Kind::Interface, vec![Field::new("id", Ref::named("Int").non_null())]),
            7 => (Kind::Object, vec![id("id"), Field::new("node", Ref::named("Node"))]),
            _ => return None,
        };
        let mut ty = Type::new(kind, "Node");
        ty.fields = fields;
        self.add(ty);
        self.outputs.push("Node".to_owned());
        (kind == Kind::Interface).then(|| "Node".to_owned())
    }

    /// The root fields of the node lookup.
    pub(super) fn node_fields(&mut self, names: &mut Names) -> Vec<Field> {
        let lookup = |name: &str, argument: &str, ty: &str| {
            Field::new(name, Ref::named("Node")).with([Argument::new(argument, Ref::named(ty).non_null())])
        };
        let mut fields = match self.ways.node {
            0..3 => vec![lookup("node", "id", "ID")],
            3 => {
                let ids = Ref::named("ID").non_null().list().non_null();
                let nodes = Field::new("nodes", Ref::named("Node").list().non_null());
                vec![lookup("node", "id", "ID"), nodes.with([Argument::new("ids", ids)])]
            }
            5 => vec![lookup("node", "key", "ID")],
            6 => vec![lookup("node", "id", "Int")],
            7 => vec![lookup("node", "id", "ID")],
            _ => Vec::new(),
        };
        fields.retain(|field| names.take(&field.name));
        fields
    }

    /// A field that returns a connection to an object or an interface.
    pub(super) fn connection_field(&mut self, name: String) -> Field {
        let node = self.random.pick(&self.outputs).clone();
        let ty = Ref::named(&self.connection(&node));
        let ty = if self.random.one_in(2) { ty.non_null() } else { ty };
        let mut field = Field::new(&name, ty);
        field.description = description(&mut self.random);
        field.deprecated = deprecated(&mut self.random);
        let paging: &[(&str, &str)] = match self.random.below(8) {
            0 => &[("first", "Int")],
            1 => &[("limit", "Int"), ("offset", "Int")],
            2 => &[],
            3 => &[("after", "ID"), ("first", "Int")],
            _ => &[("after", "String"), ("before", "String"), ("first", "Int"), ("last", "Int")],
        };
        field.arguments = paging.iter().map(|(name, ty)| Argument::new(name, Ref::named(ty))).collect();
        if self.random.one_in(12)
            && let Some(argument) = field.arguments.iter_mut().find(|argument| argument.name == "first")
        {
            argument.ty = argument.ty.clone().non_null();
            argument.default = self.random.one_in(2).then(|| "10".to_owned());
        }
        if self.random.one_in(3) {
            let is_new = |argument: &Argument| paging.iter().all(|(name, _)| *name != argument.name);
            let more = self.arguments(3).into_iter().filter(is_new);
            field.arguments.extend(more);
        }
        field
    }

    /// The connection type of a node, which is made where it does not exist yet.
    fn connection(&mut self, node: &str) -> String {
        let usual = format!("{node}Connection");
        if self.connections.contains(&usual) {
            return usual;
        }
        let way = if self.random.one_in(8) { self.random.below(7) } else { self.ways.connection };
        let name = self.type_names.with(&mut self.random, node, "Connection");
        self.connections.insert(name.clone());
        let of = Ref::named(node);
        let nodes = if self.random.one_in(2) { of.clone().non_null() } else { of.clone() };
        let mut ty = Type::new(Kind::Object, &name);
        if way != 0 && way != 6 {
            ty.fields.push(Field::new("nodes", nodes.list()));
        }
        if way != 1 {
            let edge_name = self.type_names.with(&mut self.random, node, "Edge");
            let mut edge = Type::new(Kind::Object, &edge_name);
            edge.fields.push(Field::new("cursor", Ref::named("String").non_null()));
            edge.fields.push(Field::new("node", if self.random.one_in(2) { of.non_null() } else { of }));
            self.add(edge);
            ty.fields.push(Field::new("edges", Ref::named(&edge_name).list().non_null()));
        }
        if way != 5 {
            let page = self.page_info();
            let field = if way == 4 { "paging" } else { "pageInfo" };
            ty.fields.push(Field::new(field, page));
        }
        if self.random.one_in(2) {
            ty.fields.push(Field::new("totalCount", Ref::named("Int").non_null()));
        } else if self.random.one_in(4) {
            let count = Field::new("totalCount", Ref::named("Float"));
            ty.fields.push(count.with([Argument::new("exact", Ref::named("Boolean"))]));
        }
        self.add(ty);
        name
    }

    fn page_info(&mut self) -> Ref {
        let name = if self.ways.page == 4 { "Paging" } else { "PageInfo" };
        if self.get(name).is_none() {
            self.type_names.take(name);
            let mut ty = Type::new(Kind::Object, name);
            let (has_next, end) = match self.ways.page {
                4 => ("hasMore", "cursor"),
                5 => ("hasNext", "endCursor"),
                _ => ("hasNextPage", "endCursor"),
            };
            ty.fields.push(Field::new(has_next, Ref::named("Boolean").non_null()));
            ty.fields.push(Field::new(end, Ref::named("String")));
            if self.random.one_in(2) {
                ty.fields.push(Field::new("hasPreviousPage", Ref::named("Boolean").non_null()));
                ty.fields.push(Field::new("startCursor", Ref::named("String")));
            }
            self.add(ty);
        }
        if self.random.one_in(4) { Ref::named(name) } else { Ref::named(name).non_null() }
    }

    /// A mutation that returns a payload of its own.
    pub(super) fn payload_field(&mut self, name: String) -> Field {
        let of = self.random.pick(&self.outputs).clone();
        let payload = self.type_names.with(&mut self.random, &of, "Payload");
        let way = if self.random.one_in(8) { self.random.below(8) } else { self.ways.errors };
        let mut ty = Type::new(Kind::Object, &payload);
        let errors = |name: &str, of: Ref| Field::new(name, of);
        let list = |of: &str| Ref::named(of).non_null().list();
        match way {
            0 => ty.fields.push(errors("errors", list(&self.error_type()))),
            1 => ty.fields.push(errors("userErrors", list(&self.error_type()).non_null())),
            2 => ty.fields.push(errors("errors", list("String"))),
            3 => ty.fields.push(errors("error", Ref::named("String"))),
            4 => {
                ty.fields.push(Field::new("success", Ref::named("Boolean").non_null()));
                ty.fields.push(errors("errors", list(&self.error_type())));
            }
            5 => ty.fields.push(errors("fieldErrors", list(&self.error_type()))),
            _ => {}
        }
        if self.random.one_in(3) {
            ty.fields.push(Field::new("clientMutationId", Ref::named("String")));
        }
        let mut result = self.field_of("result".to_owned(), Ref::named(&of));
        result.arguments.clear();
        ty.fields.push(result);
        self.add(ty);
        let input = self.inputs.clone();
        let mut field = Field::new(&name, Ref::named(&payload));
        field.description = description(&mut self.random);
        if self.random.one_in(3) {
            field.ty = field.ty.non_null();
        }
        if !input.is_empty() && self.random.one_in(2) {
            let input = Ref::named(self.random.pick::<String>(&input)).non_null();
            field.arguments.push(Argument::new("input", input));
        } else {
            field.arguments = self.arguments(3);
        }
        field
    }

    fn error_type(&mut self) -> String {
        let name = "UserError";
        if self.get(name).is_none() {
            let mut ty = Type::new(Kind::Object, name);
            let message = Ref::named("String");
            ty.fields.push(Field::new(
                "message",
                if self.random.one_in(4) { message } else { message.non_null() },
            ));
            let path = Ref::named("String").non_null().list();
            match self.random.below(5) {
                0 => ty.fields.push(Field::new("path", path)),
                1 => ty.fields.push(Field::new("field", path)),
                2 => ty.fields.push(Field::new("field", Ref::named("String"))),
                3 => ty.fields.push(Field::new("code", Ref::named("String").non_null())),
                _ => {}
            }
            self.add(ty);
        }
        name.to_owned()
    }
}
