//! Puts what was fetched where it belongs.

use super::fetch::Filling;
use super::scan::{Edit, EditKind};
use std::ops::Range;

/// An answer, and where something is put into it.
pub(super) struct Text {
    bytes: Vec<u8>,
    /// In the order in which they stand.
    edits: Vec<Edit>,
}

impl Text {
    pub(super) fn new(bytes: Vec<u8>, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.place.start);
        Self { bytes, edits }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl Filling<'_, '_> {
    /// A part of the answer with everything that was fetched so far.
    pub(super) fn assembled(&self, part: Range<usize>) -> Vec<u8> {
        let mut assembled = Vec::with_capacity(self.texts.iter().map(Text::len).sum());
        self.write(&mut assembled, 0, part);
        assembled
    }

    fn write(&self, out: &mut Vec<u8>, text: usize, part: Range<usize>) {
        let Text { bytes, edits } = &self.texts[text];
        let first = edits.partition_point(|edit| edit.place.start < part.start);
        let mut written = part.start;
        for edit in edits[first..].iter().take_while(|edit| edit.place.end <= part.end) {
            out.extend_from_slice(&bytes[written..edit.place.start]);
            let gap = &self.gaps[self.gaps[edit.gap].twin.unwrap_or(edit.gap)];
            match edit.kind {
                EditKind::Nodes => {
                    for (text, nodes) in &gap.further {
                        self.write_nodes(out, *text, nodes.clone());
                    }
                }
                EditKind::PageInfo => {
                    let page_info = serde_json::json!({
                        "hasNextPage": gap.page_info.has_next_page,
                        "endCursor": gap.page_info.end_cursor,
                    });
                    out.extend_from_slice(page_info.to_string().as_bytes());
                }
            }
            written = edit.place.end;
        }
        out.extend_from_slice(&bytes[written..part.end]);
    }

    /// Adds the nodes of a page to a list that may still be empty.
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
