//! The names of connections: those of the configuration, or the usual ones.

use crate::config::Connections as Config;
use crate::names::nearest;
use crate::schema::Field;
use crate::{Error, Schema};

/// The names of connections in one schema.
#[derive(PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) nodes: String,
    pub(crate) edges: String,
    pub(crate) node: String,
    pub(crate) page_info: String,
    pub(crate) has_next_page: String,
    pub(crate) end_cursor: String,
    pub(crate) total_count: String,
    pub(crate) first: String,
    pub(crate) after: String,
    pub(crate) filter: String,
    pub(crate) view: String,
    pub(crate) order: String,
}

impl Names {
    /// # Errors
    /// When the configuration names something that the schema does not have.
    pub(super) fn of(schema: &Schema, config: &Config) -> Result<Self, Error> {
        if config.max_page_size == 0 {
            let message = "has 0 as `max_page_size` of [connections]: a page has at least one record";
            return Err(Error::Config(message.to_owned()));
        }
        let fields = || schema.types.iter().flat_map(|ty| ty.fields.iter().flatten());
        let argument_names = || fields().flat_map(|field| &field.arguments).map(|it| it.name.as_str());
        let names = || fields().map(|field: &Field| field.name.as_str());
        let field = |setting, name: &Option<String>, usual: [&str; 2]| {
            choose(("a field", setting), name.as_deref(), usual, names)
        };
        let argument = |setting, name: &Option<String>, usual| {
            choose(("an argument", setting), name.as_deref(), [usual; 2], argument_names)
        };
        Ok(Self {
            nodes: field("nodes", &config.nodes, ["nodes", "nodes"])?,
            edges: field("edges", &config.edges, ["edges", "edges"])?,
            node: field("node", &config.node, ["node", "node"])?,
            page_info: field("page_info", &config.page_info, ["pageInfo", "page_info"])?,
            has_next_page: field("has_next_page", &config.has_next_page, ["hasNextPage", "has_next_page"])?,
            end_cursor: field("end_cursor", &config.end_cursor, ["endCursor", "end_cursor"])?,
            total_count: field("total_count", &config.total_count, ["totalCount", "total_count"])?,
            first: argument("first", &config.first, "first")?,
            after: argument("after", &config.after, "after")?,
            filter: argument("filter", &config.filter, "filter")?,
            view: argument("view", &config.view, "view")?,
            order: argument("order", &config.order, "order")?,
        })
    }

    /// The function of a connection query that sets an argument.
    pub(crate) fn function(&self, argument: &str) -> Option<&'static str> {
        let functions = [(&self.filter, "filter"), (&self.view, "view"), (&self.order, "order")];
        functions.into_iter().find(|(name, _)| *name == argument).map(|(_, function)| function)
    }

    /// Whether the names by which the runtime pages are those that it knows.
    pub(super) fn are_usual(&self) -> bool {
        let Self { nodes, page_info, has_next_page, end_cursor, total_count, first, after, .. } = self;
        [nodes, page_info, has_next_page, end_cursor, total_count, first, after].map(String::as_str)
            == ["nodes", "pageInfo", "hasNextPage", "endCursor", "totalCount", "first", "after"]
    }
}

/// The configured name, which the schema has to have, or the usual one that it has.
fn choose<'n, N: Iterator<Item = &'n str>>(
    (kind, setting): (&str, &str),
    configured: Option<&str>,
    [usual, other]: [&str; 2],
    known: impl Fn() -> N,
) -> Result<String, Error> {
    let Some(name) = configured else {
        let is_other = usual != other && known().any(|it| it == other) && !known().any(|it| it == usual);
        return Ok(if is_other { other } else { usual }.to_owned());
    };
    if known().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let hint = nearest(name, known()).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Err(Error::Config(format!(
        "names `{name}` as `{setting}` of [connections], and no type has {kind} `{name}`{hint}"
    )))
}
