//! Selections, compared with the types of a server.

use super::context::{At, Comparison, did_you_mean};
use super::declared::{Declared, Difference, of_output};
use super::inputs::Variables;
use super::literal::{self, Literal};
use super::live::{LiveField, LiveType};
use super::report::FindingKind;
use crate::decode::{AllPages, ConnectionShape, NodeLookup, Selection, Table};
use crate::document::{nodes_of, shape_of};

/// The parts of a connection that are selected.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) total: bool,
    pub(super) info: bool,
}

/// What the client reads of a field that it selects by itself.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Leaf,
    Object,
    /// A leaf or an object.
    One,
    List,
    /// Errors, of which unknown shapes are kept as text.
    Any,
}

impl Comparison<'_> {
    /// Compares what is selected inside an object. `at` is where it is selected.
    pub(super) fn fields(&mut self, selection: &Selection, ty: &LiveType, at: &At, variables: Variables) {
        match *selection {
            Selection::Leaf | Selection::Field { .. } => {}
            Selection::Reference => {
                self.part(ty, "id", Part::Leaf, at);
            }
            Selection::Interface { node } => {
                if let Some(node) = node {
                    self.interface(node, at);
                }
            }
            Selection::Object(table) => self.table(table, ty, at, variables),
            Selection::Payload { errors, selection } => {
                self.payload_errors(errors, ty, at);
                self.fields(selection, ty, at, variables);
            }
            Selection::Flattened(parts) => {
                parts.iter().for_each(|part| self.fields(part, ty, at, variables));
            }
            Selection::Connection { shape, page, nodes } => {
                self.connection(shape, Page { total: page, info: page }, nodes, ty, at);
            }
            Selection::AllPages(AllPages { connection, .. }) => {
                let total = matches!(connection, Selection::Connection { page: true, .. });
                let nodes = nodes_of(connection);
                self.connection(shape_of(connection), Page { total, info: true }, &nodes, ty, at);
            }
            Selection::Variants(variants) => {
                for (name, _, selection) in variants {
                    self.fragment(name, selection, ty, at);
                }
            }
        }
    }

    /// `... on Name { selection }`
    pub(super) fn fragment(&mut self, name: &str, selection: &Selection, ty: &LiveType, at: &At) {
        let Some(inner) = self.ty(name, at) else { return };
        let mut possible = ty.possible_types.iter().flatten();
        if ty.name != *name && !possible.any(|possible| possible.name == *name) {
            let message = format!("selects `{name}`, which is none of the types of `{}` any more", ty.name);
            self.found(FindingKind::Type, at, message);
        }
        self.fields(selection, inner, at, Variables::NONE);
    }

    fn table(&mut self, table: &Table, ty: &LiveType, at: &At, variables: Variables) {
        for (index, (key, leaf)) in table.leaves().enumerate() {
            let nested = table.nested.iter().find(|(name, _)| *name == key).map(|(_, selection)| selection);
            let (name, given, inner) = match nested {
                None => (leaf, Vec::new(), &Selection::Leaf),
                Some(Selection::Field { field, selection }) => {
                    let (name, given) = literal::field(field);
                    (name, given, *selection)
                }
                Some(selection @ Selection::AllPages(pages)) => {
                    let mut given = literal::arguments(pages.arguments);
                    given.push((shape_of(pages.connection).first, Literal::Int));
                    (pages.field, given, selection)
                }
                Some(selection) => (key, Vec::new(), selection),
            };
            let (rust, declared) = table.declared(index).unwrap_or((key, ""));
            let path = format!("{}.{name}", ty.name);
            let at = match table.rust_name() {
                Some(owner) => At::new(format!("{owner}::{rust}"), path),
                None => At::new(&*at.rust, path),
            };
            if name == "__typename" {
                continue;
            }
            let Some(field) = self.field(ty, name, &at) else { continue };
            self.arguments(&field.args, &given, &at, variables);
            let is_leaf = matches!(inner, Selection::Leaf);
            if !declared.is_empty() {
                self.output_type(declared, field, is_leaf, &at);
            }
            if let Selection::AllPages(pages) = inner {
                self.all_pages(pages, field, &at);
            }
            if !is_leaf
                && field.ty.is_composite()
                && let Some(inner_type) = self.ty(field.ty.name(), &at)
            {
                self.fields(inner, inner_type, &at, variables);
            }
        }
    }

    /// A field of a type. One that is gone is reported.
    pub(super) fn field<'t>(&mut self, ty: &'t LiveType, name: &str, at: &At) -> Option<&'t LiveField> {
        let fields = ty.fields.as_deref().unwrap_or_default();
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let near = did_you_mean(name, fields.iter().map(|field| field.name.as_str()));
            self.found(
                FindingKind::Field,
                at,
                format!("is unknown: `{}` has no field `{name}`{near}", ty.name),
            );
            return None;
        };
        self.deprecated(field.deprecation.reason(), at);
        Some(field)
    }

    /// A field that the client selects by itself.
    pub(super) fn part<'t>(
        &mut self,
        ty: &'t LiveType,
        name: &str,
        part: Part,
        at: &At,
    ) -> Option<&'t LiveField> {
        let at = At::new(&*at.rust, format!("{}.{name}", ty.name));
        let field = self.field(ty, name, &at)?;
        match part {
            Part::Leaf => self.shaped(&field.ty, 0, Some(true), &at),
            Part::Object => self.shaped(&field.ty, 0, Some(false), &at),
            Part::One => self.shaped(&field.ty, 0, None, &at),
            Part::List => self.shaped(&field.ty, 1, None, &at),
            Part::Any => {}
        }
        Some(field)
    }

    fn output_type(&mut self, declared: &str, field: &LiveField, is_leaf: bool, at: &At) {
        let live = &field.ty;
        match of_output(Declared(declared), live, is_leaf) {
            None => {}
            Some(Difference::Null) => {
                let message = format!("may be null: its type is `{live}`, was `{declared}`");
                self.found(FindingKind::Null, at, message);
            }
            Some(Difference::Other) => {
                self.found(FindingKind::FieldType, at, format!("is of type `{live}`, was `{declared}`"));
            }
        }
    }

    /// The parts of a connection.
    pub(super) fn connection(
        &mut self,
        shape: &ConnectionShape,
        page: Page,
        nodes: &Selection,
        ty: &LiveType,
        at: &At,
    ) {
        if let Some(total) = shape.total_count.filter(|_| page.total) {
            self.part(ty, total, Part::Leaf, at);
        }
        if page.info
            && let Some(info) = self.part(ty, shape.page_info, Part::Object, at)
            && let Some(info) = self.ty(info.ty.name(), at)
        {
            self.part(info, shape.has_next_page, Part::Leaf, at);
            self.part(info, shape.end_cursor, Part::Leaf, at);
        }
        let Some(mut list) = self.part(ty, shape.list, Part::List, at) else { return };
        if let Some(node) = shape.node {
            let Some(edge) = self.ty(list.ty.name(), at) else { return };
            let Some(field) = self.part(edge, node, Part::One, at) else { return };
            list = field;
        }
        if let Some(ty) = self.ty(list.ty.name(), at) {
            self.fields(nodes, ty, at, Variables::NONE);
        }
    }

    /// What the remaining pages of a connection need.
    fn all_pages(&mut self, pages: &AllPages, field: &LiveField, at: &At) {
        self.lookup(pages.lookup, at);
        let after = shape_of(pages.connection).after;
        match field.args.iter().find(|argument| argument.name == after) {
            Some(cursor) => self.variable(pages.cursor, cursor, &at.argument(after)),
            None => self.unknown_argument(after, &field.args, at),
        }
    }

    /// The query of a record by its id.
    pub(super) fn lookup(&mut self, lookup: &NodeLookup, at: &At) {
        self.interface(lookup, at);
        let Some(name) = self.live().query.as_deref() else { return };
        let Some(query) = self.ty(name, at) else { return };
        let at = At::new(&*at.rust, format!("{name}.{}", lookup.field));
        let Some(field) = self.field(query, lookup.field, &at) else { return };
        self.shaped(&field.ty, 0, Some(false), &at);
        match field.args.iter().find(|argument| argument.name == lookup.argument) {
            Some(argument) => self.variable(lookup.argument_type, argument, &at.argument(lookup.argument)),
            None => self.unknown_argument(lookup.argument, &field.args, &at),
        }
    }

    /// `... on Node { id }`
    fn interface(&mut self, lookup: &NodeLookup, at: &At) {
        if let Some(ty) = self.ty(lookup.interface, at) {
            self.part(ty, lookup.id, Part::Leaf, at);
        }
    }

    /// The list of a payload's errors: `userErrors { message path: field }`.
    fn payload_errors(&mut self, errors: &str, ty: &LiveType, at: &At) {
        let (name, inner) = errors.split_once(" {").unwrap_or((errors, ""));
        let Some(list) = self.part(ty, name.trim(), Part::Any, at) else { return };
        if inner.is_empty() || !list.ty.is_composite() {
            return;
        }
        let Some(error) = self.ty(list.ty.name(), at) else { return };
        for word in inner.trim_end_matches('}').split_ascii_whitespace().filter(|word| !word.ends_with(':')) {
            self.part(error, word, Part::Any, at);
        }
    }
}
