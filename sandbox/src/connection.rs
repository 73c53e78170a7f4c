//! Connections: cursors and pages.

use apollo_compiler::resolvers::{FieldError, ResolveInfo};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::borrow::Cow;

use crate::source::{Item, PageFault};
use crate::store::{Fields, fields};

/// The default and the largest page size.
pub(crate) const PAGE_SIZE: usize = 100;

/// The fields of the page that the arguments select from `items`.
pub(crate) fn page(
    items: &[Item<'_>],
    fault: Option<PageFault>,
    info: &ResolveInfo<'_>,
) -> Result<Fields, FieldError> {
    let more = match fault {
        Some(PageFault::LongPages(more)) => more,
        _ => 0,
    };
    let first = page_size(info, "first")?;
    let last = page_size(info, "last")?;
    let cursor_argument = |name| info.arguments().get(name).and_then(|value| value.as_str());
    let after = cursor_argument("after");
    let mut start = match after {
        None => 0,
        Some(cursor) => position(items, cursor, "after")? + 1,
    };
    let mut end = match cursor_argument("before") {
        None => items.len(),
        Some(cursor) => position(items, cursor, "before")?.max(start),
    };
    if let Some(first) = first.or_else(|| last.is_none().then_some(PAGE_SIZE)) {
        end = end.min(start.saturating_add(first).saturating_add(more));
    }
    if let Some(last) = last {
        start = start.max(end.saturating_sub(last.saturating_add(more)));
    }
    let nodes = items[start..end].iter().map(|item| match item {
        Item::Record(record) => json!(record.key),
        Item::Inline(fields) => Value::Object((*fields).clone()),
    });
    let nodes: Vec<Value> = nodes.collect();
    let edges = (start..end).zip(&nodes);
    let edges = edges.map(|(index, node)| json!({ "cursor": cursor(items, index), "node": node }));
    let edges: Vec<Value> = edges.collect();
    let mut page_info = json!({
        "hasNextPage": end < items.len(),
        "hasPreviousPage": start > 0,
        "startCursor": (start < end).then(|| cursor(items, start)),
        "endCursor": (start < end).then(|| cursor(items, end - 1)),
    });
    let wrong_cursor = match (fault, after) {
        (Some(PageFault::NoCursor), _) => Some(Value::Null),
        (Some(PageFault::EmptyCursor), _) => Some(json!("")),
        (Some(PageFault::RepeatedCursor), Some(after)) => Some(json!(after)),
        _ => None,
    };
    if let Some(cursor) = wrong_cursor {
        page_info["endCursor"] = cursor;
        page_info["hasNextPage"] = json!(true);
    }
    Ok(fields(json!({ "nodes": nodes, "edges": edges, "pageInfo": page_info, "totalCount": items.len() })))
}

fn page_size(info: &ResolveInfo<'_>, name: &str) -> Result<Option<usize>, FieldError> {
    let Some(size) = info.arguments().get(name).and_then(|value| value.as_i64()) else { return Ok(None) };
    let valid = usize::try_from(size).ok().filter(|size| (1..=PAGE_SIZE).contains(size));
    let error = || FieldError { message: format!("{name} must be between 1 and {PAGE_SIZE}, not {size}") };
    valid.map(Some).ok_or_else(error)
}

/// A cursor names its record by the key, so it stays valid while other records are added or removed, and an
/// object without an id by its index.
fn name<'a>(items: &[Item<'a>], index: usize) -> Cow<'a, str> {
    match items[index] {
        Item::Record(record) => Cow::Borrowed(&record.key),
        Item::Inline(_) => Cow::Owned(format!("#{index}")),
    }
}

fn cursor(items: &[Item<'_>], index: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("cursor/{}", name(items, index)))
}

fn position(items: &[Item<'_>], cursor: &str, argument: &str) -> Result<usize, FieldError> {
    let wanted = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let wanted = wanted.as_deref().and_then(|text| text.strip_prefix("cursor/"));
    let known = wanted.and_then(|wanted| (0..items.len()).find(|index| name(items, *index) == wanted));
    let message = || format!("{argument}: `{cursor}` is not a cursor of this connection");
    known.ok_or_else(|| FieldError { message: message() })
}
