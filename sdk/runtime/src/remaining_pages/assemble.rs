//! Assembly of a response from its own JSON and the pages that were fetched later.

use super::scan::{Connection, Edit, EditKind};
use std::ops::Range;

/// A JSON text and its edits.
pub(super) struct Json {
    bytes: Vec<u8>,
    /// Sorted by position.
    edits: Vec<Edit>,
}

impl Json {
    pub(super) fn new(bytes: Vec<u8>, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.range.start);
        Self { bytes, edits }
    }
}

/// The response, the pages that were fetched later, and the connections that they belong to.
pub(super) struct Assembly<'a, 'p> {
    pub(super) texts: &'a [Json],
    pub(super) connections: &'a [Connection<'p>],
}

impl Assembly<'_, '_> {
    pub(super) fn whole(&self) -> Vec<u8> {
        self.part(0..self.texts[0].bytes.len())
    }

    /// A part of the response with all pages in it.
    pub(super) fn part(&self, part: Range<usize>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.texts.iter().map(|text| text.bytes.len()).sum());
        self.write(&mut out, 0, part);
        out
    }

    fn write(&self, out: &mut Vec<u8>, text: usize, part: Range<usize>) {
        let Json { bytes, edits } = &self.texts[text];
        let first = edits.partition_point(|edit| edit.range.start < part.start);
        let mut written = part.start;
        for edit in edits[first..].iter().take_while(|edit| edit.range.end <= part.end) {
            out.extend_from_slice(&bytes[written..edit.range.start]);
            let duplicate_of = self.connections[edit.connection].duplicate_of;
            let connection = &self.connections[duplicate_of.unwrap_or(edit.connection)];
            match edit.kind {
                EditKind::Nodes => {
                    for (text, nodes) in &connection.pages {
                        self.write_nodes(out, *text, nodes.clone());
                    }
                }
                EditKind::PageInfo => {
                    let page_info = serde_json::json!({
                        "hasNextPage": connection.page_info.has_next_page,
                        "endCursor": connection.page_info.end_cursor,
                    });
                    out.extend_from_slice(page_info.to_string().as_bytes());
                }
            }
            written = edit.range.end;
        }
        out.extend_from_slice(&bytes[written..part.end]);
    }

    /// Adds the nodes of a page to a list, which may be empty so far.
    fn write_nodes(&self, out: &mut Vec<u8>, text: usize, nodes: Range<usize>) {
        let is_blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
        if is_blank(&self.texts[text].bytes[nodes.clone()]) {
            return;
        }
        if out.iter().rev().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
            out.push(b',');
        }
        self.write(out, text, nodes);
    }
}
