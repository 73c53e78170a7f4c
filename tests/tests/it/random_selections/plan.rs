//! What is selected, and the three things that follow from it: the constants that the derive would
//! write, a document that has nothing to do with them, and what to expect of the answer.

use serde_json::{Map, Value, json};
use xurrent_runtime::{AllPages, ConnectionShape, NodeLookup, Selection, Table};

#[derive(Debug)]
pub(crate) enum Plan {
    /// With the name of its type.
    Leaf(String),
    Reference(Alias),
    /// An interface by its type and its id.
    Interface {
        has_nodes: bool,
        alias: Alias,
    },
    Object {
        table: &'static Table,
        entries: Vec<Entry>,
    },
    /// Several selections of one object; the first is the struct's own.
    Flattened(Vec<&'static Plan>),
    Variants {
        on: &'static str,
        variants: Vec<(&'static str, &'static str, &'static Plan)>,
        alias: Alias,
    },
    /// All of an interface, inside of a field that returns something wider.
    Inside {
        interface: &'static str,
        plan: &'static Plan,
    },
    Connection {
        page: bool,
        nodes: &'static Plan,
        alias: Alias,
        /// Where all pages are wanted: the type that has the connection, and `first`.
        all: Option<(&'static str, u64)>,
    },
    Payload(&'static Plan),
}

/// Makes keys of the second document different from all others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alias(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: &'static str,
    /// The schema's name.
    pub(crate) name: String,
    /// With parentheses, or empty.
    pub(crate) arguments: String,
    pub(crate) is_list: bool,
    pub(crate) is_nullable: bool,
    pub(crate) plan: &'static Plan,
    pub(crate) alias: Alias,
}

fn leaked<T>(list: Vec<T>) -> &'static [T] {
    list.leak()
}

/// The table that the derive writes for a struct with these fields.
pub(crate) fn table(name: &'static str, entries: &[Entry]) -> &'static Table {
    let fields = leaked(entries.iter().map(|entry| entry.key).collect());
    let nested = entries.iter().filter_map(|entry| {
        let inner = entry.plan.selection();
        if let Plan::Connection { all: Some((on, first)), .. } = entry.plan {
            let (field, connection) = (entry.name.clone().leak(), Box::leak(Box::new(inner)));
            let pages = AllPages {
                lookup: NodeLookup::NODE,
                on,
                field,
                arguments: "",
                cursor: "String!",
                first: *first,
                nodes: 1,
                connection,
            };
            return Some((entry.key, Selection::AllPages(Box::leak(Box::new(pages)))));
        }
        if entry.key != entry.name || !entry.arguments.is_empty() {
            let field = format!("{}{}", entry.name, entry.arguments).leak();
            return Some((entry.key, Selection::Field { field, selection: Box::leak(Box::new(inner)) }));
        }
        (!matches!(entry.plan, Plan::Leaf(_))).then_some((entry.key, inner))
    });
    Box::leak(Box::new(Table { name, fields, nested: leaked(nested.collect()), source: "" }))
}

impl Plan {
    pub(crate) fn selection(&self) -> Selection {
        match self {
            Self::Leaf(_) => Selection::Leaf,
            Self::Reference(_) => Selection::Reference,
            Self::Interface { has_nodes, .. } => {
                Selection::Interface { node: has_nodes.then_some(NodeLookup::NODE) }
            }
            Self::Object { table, .. } => Selection::Object(table),
            Self::Flattened(parts) => {
                Selection::Flattened(leaked(parts.iter().map(|part| part.selection()).collect()))
            }
            Self::Variants { variants, .. } => {
                let variants = variants.iter().map(|(name, prefix, plan)| (*name, *prefix, plan.selection()));
                Selection::Variants(leaked(variants.collect()))
            }
            Self::Inside { interface, plan } => {
                Selection::Variants(leaked(vec![(*interface, "", plan.selection())]))
            }
            Self::Connection { page, nodes, .. } => {
                let nodes = Box::leak(Box::new(nodes.selection()));
                Selection::Connection { shape: ConnectionShape::NODES, page: *page, nodes }
            }
            Self::Payload(plan) => Selection::Payload {
                errors: "errors { message path }",
                selection: Box::leak(Box::new(plan.selection())),
            },
        }
    }

    /// What stands in braces, with a key for every field that no other field has.
    pub(crate) fn fields(&self) -> String {
        match self {
            Self::Leaf(_) => String::new(),
            Self::Reference(Alias(n)) => format!(" r{n}: id"),
            Self::Interface { has_nodes: true, alias: Alias(n) } => {
                format!(" t{n}: __typename ... on Node {{ r{n}: id }}")
            }
            Self::Interface { has_nodes: false, alias: Alias(n) } => format!(" t{n}: __typename"),
            Self::Object { entries, .. } => entries.iter().map(Entry::text).collect(),
            Self::Flattened(parts) => parts.iter().map(|part| part.fields()).collect(),
            Self::Variants { variants, alias: Alias(n), .. } => {
                let variants =
                    variants.iter().map(|(name, _, plan)| format!(" ... on {name} {{{} }}", plan.fields()));
                format!(" t{n}: __typename{}", variants.collect::<String>())
            }
            Self::Inside { interface, plan } => format!(" ... on {interface} {{{} }}", plan.fields()),
            Self::Connection { page: true, nodes, alias: Alias(n), .. } => format!(
                " c{n}: totalCount p{n}: pageInfo {{ hasNextPage endCursor }} n{n}: nodes {{{} }}",
                nodes.fields()
            ),
            Self::Connection { page: false, nodes, alias: Alias(n), .. } => {
                format!(" n{n}: nodes {{{} }}", nodes.fields())
            }
            Self::Payload(plan) => plan.fields(),
        }
    }

    /// What a user gets, out of the answer to the second document.
    pub(crate) fn expected(&self, raw: &Value) -> Value {
        match (self, raw) {
            (_, Value::Null) => Value::Null,
            (Self::Leaf(_), raw) => raw.clone(),
            (plan, Value::Array(items)) => items.iter().map(|item| plan.expected(item)).collect(),
            (Self::Reference(Alias(n)), raw) => json!({"id": raw[format!("r{n}")]}),
            (Self::Interface { alias: Alias(n), .. }, raw) => {
                json!({"type": raw[format!("t{n}")], "id": raw.get(format!("r{n}"))})
            }
            (Self::Object { entries, .. }, raw) => {
                let field = |entry: &Entry| {
                    let raw = &raw[format!("f{}", entry.alias.0)];
                    (entry.key.to_owned(), entry.plan.expected(raw))
                };
                Value::Object(entries.iter().map(field).collect::<Map<_, _>>())
            }
            (Self::Flattened(parts), raw) => parts.iter().map(|part| part.expected(raw)).collect(),
            (Self::Variants { variants, alias: Alias(n), .. }, raw) => {
                let name = &raw[format!("t{n}")];
                let found = variants.iter().find(|(variant, ..)| name == variant);
                json!({"type": name, "value": found.map(|(_, _, plan)| plan.expected(raw))})
            }
            (Self::Inside { plan, .. } | Self::Payload(plan), raw) => plan.expected(raw),
            (Self::Connection { page, nodes, alias: Alias(n), .. }, raw) => {
                let list = raw[format!("n{n}")].as_array().unwrap();
                let list = list.iter().filter(|node| !node.is_null()).map(|node| nodes.expected(node));
                let mut connection = json!({"nodes": list.collect::<Vec<_>>()});
                if *page {
                    connection["total"] = raw[format!("c{n}")].clone();
                    connection["page"] = raw[format!("p{n}")].clone();
                }
                connection
            }
        }
    }
}

impl Entry {
    fn text(&self) -> String {
        let Self { name, arguments, plan, alias: Alias(n), .. } = self;
        match plan {
            Plan::Leaf(_) => format!(" f{n}: {name}{arguments}"),
            plan => format!(" f{n}: {name}{arguments} {{{} }}", plan.fields()),
        }
    }
}
