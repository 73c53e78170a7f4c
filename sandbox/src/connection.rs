//! Connections: cursors, pages, edges and page information.

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::source::{Item, PageFault, Source};

/// The default and the largest page size.
pub(crate) const PAGE_SIZE: usize = 100;

/// Makes the resolver of a node.
type NodeResolver = for<'n> fn(Source<'n>, &'n str, Item<'n>) -> ResolvedValue<'n>;

/// A page of a connection: the resolver of the connection type.
struct Page<'a> {
    source: Source<'a>,
    node: NodeResolver,
    type_name: &'a str,
    node_type: &'a str,
    /// The nodes of this page.
    items: Vec<Item<'a>>,
    /// The index of the first node among all nodes.
    offset: usize,
    total: usize,
    /// The cursor before the page.
    after: Option<&'a str>,
}

/// Resolves the page that the arguments select from `items`.
pub(crate) fn resolve<'a>(
    source: Source<'a>,
    node_type: &'a str,
    items: Vec<Item<'a>>,
    info: &'a ResolveInfo<'a>,
    node: NodeResolver,
) -> Result<ResolvedValue<'a>, FieldError> {
    let more = match source.pages {
        Some(PageFault::LongPages(more)) => more,
        _ => 0,
    };
    let first = page_size(info, "first")?;
    let last = page_size(info, "last")?;
    let after = cursor_argument(info, "after");
    let mut start = match after {
        None => 0,
        Some(cursor) => position(&items, cursor, "after")? + 1,
    };
    let mut end = match cursor_argument(info, "before") {
        None => items.len(),
        Some(cursor) => position(&items, cursor, "before")?,
    };
    end = end.max(start);
    if let Some(first) = first {
        end = end.min(start.saturating_add(first).saturating_add(more));
    }
    if let Some(last) = last {
        start = start.max(end.saturating_sub(last.saturating_add(more)));
    }
    if first.is_none() && last.is_none() {
        end = end.min(start.saturating_add(PAGE_SIZE).saturating_add(more));
    }
    Ok(ResolvedValue::object(Page {
        source,
        node,
        type_name: info.field_definition().ty.inner_named_type(),
        node_type,
        total: items.len(),
        offset: start,
        after,
        items: items.into_iter().skip(start).take(end - start).collect(),
    }))
}

fn page_size(info: &ResolveInfo<'_>, name: &str) -> Result<Option<usize>, FieldError> {
    match info.arguments().get(name).and_then(|value| value.as_i64()) {
        None => Ok(None),
        Some(size) => {
            usize::try_from(size).ok().filter(|size| (1..=PAGE_SIZE).contains(size)).map(Some).ok_or_else(
                || FieldError { message: format!("{name} must be between 1 and {PAGE_SIZE}, not {size}") },
            )
        }
    }
}

fn cursor_argument<'a>(info: &'a ResolveInfo<'a>, name: &str) -> Option<&'a str> {
    info.arguments().get(name).and_then(|value| value.as_str())
}

/// A cursor contains the key of its record, so it stays valid while other records are added or removed.
/// For objects without an id it contains the index.
fn cursor(item: &Item<'_>, index: usize) -> String {
    match item {
        Item::Record(record) => URL_SAFE_NO_PAD.encode(format!("cursor/{}", record.key)),
        Item::Inline(_) => URL_SAFE_NO_PAD.encode(format!("cursor/#{index}")),
    }
}

fn position(items: &[Item<'_>], cursor: &str, argument: &str) -> Result<usize, FieldError> {
    let unknown =
        || FieldError { message: format!("{argument}: `{cursor}` is not a cursor of this connection") };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| unknown())?;
    let text = String::from_utf8(bytes).map_err(|_| unknown())?;
    let name = text.strip_prefix("cursor/").ok_or_else(unknown)?;
    items
        .iter()
        .enumerate()
        .position(|(index, item)| match item {
            Item::Record(record) => record.key == name,
            Item::Inline(_) => name.strip_prefix('#') == Some(index.to_string().as_str()),
        })
        .ok_or_else(unknown)
}

impl Page<'_> {
    fn cursor_at(&self, index: usize) -> Option<String> {
        self.items.get(index).map(|item| cursor(item, self.offset + index))
    }
}

impl ObjectValue for Page<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let node = |item: &Item<'a>| (self.node)(self.source, self.node_type, *item);
        Ok(match info.field_name() {
            "nodes" => ResolvedValue::list(self.items.iter().map(node)),
            "edges" => {
                let type_name = info.field_definition().ty.inner_named_type();
                ResolvedValue::list(self.items.iter().enumerate().map(move |(index, item)| {
                    ResolvedValue::object(Edge {
                        type_name,
                        cursor: cursor(item, self.offset + index),
                        page: self,
                        item: *item,
                    })
                }))
            }
            "pageInfo" => ResolvedValue::object(PageInfo(self)),
            "totalCount" => ResolvedValue::leaf(i64::try_from(self.total).unwrap_or(i64::MAX)),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct Edge<'a> {
    type_name: &'a str,
    cursor: String,
    page: &'a Page<'a>,
    item: Item<'a>,
}

impl ObjectValue for Edge<'_> {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        Ok(match info.field_name() {
            "cursor" => ResolvedValue::leaf(self.cursor.as_str()),
            "node" => (self.page.node)(self.page.source, self.page.node_type, self.item),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}

struct PageInfo<'a>(&'a Page<'a>);

impl ObjectValue for PageInfo<'_> {
    fn type_name(&self) -> &'static str {
        "PageInfo"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let page = self.0;
        let text = |cursor: Option<String>| cursor.map_or_else(ResolvedValue::null, ResolvedValue::leaf);
        match (page.source.pages, page.after, info.field_name()) {
            (Some(PageFault::NoCursor), _, "endCursor") => return Ok(ResolvedValue::null()),
            (Some(PageFault::EmptyCursor), _, "endCursor") => return Ok(ResolvedValue::leaf("")),
            (Some(PageFault::RepeatedCursor), Some(after), "endCursor") => {
                return Ok(ResolvedValue::leaf(after));
            }
            (Some(PageFault::NoCursor | PageFault::EmptyCursor), _, "hasNextPage")
            | (Some(PageFault::RepeatedCursor), Some(_), "hasNextPage") => {
                return Ok(ResolvedValue::leaf(true));
            }
            _ => {}
        }
        Ok(match info.field_name() {
            "hasNextPage" => ResolvedValue::leaf(page.offset + page.items.len() < page.total),
            "hasPreviousPage" => ResolvedValue::leaf(page.offset > 0),
            "startCursor" => text(page.cursor_at(0)),
            "endCursor" => text(page.items.len().checked_sub(1).and_then(|i| page.cursor_at(i))),
            _ => return Err(self.unknown_field_error(info)),
        })
    }
}
