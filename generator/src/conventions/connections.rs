//! Connections: types whose records come in pages.

use crate::Schema;
use crate::schema::Kind;
use std::collections::BTreeSet;

/// How a connection type is recognised.
pub(crate) struct Connections;

impl Connections {
    /// The type that a connection connects to; nothing for other types.
    pub(crate) fn node<'a>(&self, schema: &'a Schema, name: &str) -> Option<&'a str> {
        if schema.kind(name) != Kind::Object {
            return None;
        }
        let find = |name: &str| schema.fields(name).iter();
        let page_info = find(name).find(|field| field.name == "pageInfo")?.ty.name();
        let has = |name| find(page_info).any(|field| field.name == name);
        let nodes = find(name).find(|field| field.name == "nodes")?;
        let is_page = has("hasNextPage") && has("endCursor") && nodes.ty.item().is_some();
        is_page.then(|| nodes.ty.name())
    }

    /// The types that only serve connections: the connections, their edges and the page information.
    pub(crate) fn types<'a>(&self, schema: &'a Schema) -> BTreeSet<&'a str> {
        let mut types = BTreeSet::new();
        for ty in schema.types.iter().filter(|ty| self.node(schema, &ty.name).is_some()) {
            types.insert(ty.name.as_str());
            let fields = ty.fields.iter().flatten();
            let paging = fields.filter(|field| matches!(field.name.as_str(), "edges" | "pageInfo"));
            types.extend(paging.map(|field| field.ty.name()));
        }
        types
    }

    /// Whether an argument of a connection pages it; the runtime sets these.
    pub(crate) fn is_paging_argument(&self, name: &str) -> bool {
        matches!(name, "after" | "before" | "first" | "last")
    }
}
