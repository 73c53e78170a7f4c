//! Progress of a pagination: how many records were taken, and where the next page begins.

use super::page::{DecodedPage, PageEnd};
use super::position::Offset;
use super::seen_cursors::SeenCursors;
use crate::select::PageInfo;

pub(super) struct Progress {
    /// How many records may still be taken.
    pub(super) left: Option<usize>,
    /// How many records were taken, by earlier runs too.
    pub(super) taken: usize,
    /// The start of the last returned page, and how many of its records come before its end.
    page_start: Offset,
    page_end: usize,
    /// The start of the next page. Its `skip` counts records that an earlier run took.
    pub(super) next: Offset,
    pub(super) seen_cursors: SeenCursors,
}

/// What comes after a page.
pub(super) enum NextPage {
    Available,
    /// The server has more records and gives no cursor.
    MissingCursor,
    None,
}

impl Progress {
    pub(super) fn new(limit: Option<usize>, taken: usize, start: Offset) -> Self {
        let mut seen_cursors = SeenCursors::default();
        if let Some(cursor) = &start.cursor {
            seen_cursors.insert(cursor);
        }
        let left = limit.map(|limit| limit.saturating_sub(taken));
        Self { left, taken, page_start: start.clone(), page_end: start.skip, next: start, seen_cursors }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.left == Some(0)
    }

    /// Where a consumer is that has not taken the last records of the returned page.
    pub(super) fn offset(&self, not_taken: usize) -> (usize, Offset) {
        let offset = match not_taken {
            0 => self.next.clone(),
            _ => Offset { cursor: self.page_start.cursor.clone(), skip: self.page_end - not_taken },
        };
        (self.taken.saturating_sub(not_taken), offset)
    }

    /// The size of the next page, at most `page_size`.
    pub(super) fn next_size(&self, page_size: usize) -> usize {
        self.left.map_or(page_size, |left| left.saturating_add(self.next.skip).min(page_size))
    }

    /// Selects the wanted records of the next page. The cursor after unwanted ones is dropped with them.
    pub(super) fn trim(&self, (records, mut page_info): PageEnd) -> DecodedPage {
        let start = self.next.skip.min(records);
        let end = self.left.map_or(records, |left| left.saturating_add(start).min(records));
        if end < records {
            page_info = PageInfo { has_next_page: true, end_cursor: None };
        }
        DecodedPage { wanted: start..end, page_info, errors: Vec::new() }
    }

    /// Takes the next page.
    ///
    /// # Errors
    /// The cursor of the page, if it repeats an earlier one.
    pub(super) fn advance(&mut self, page: PageEnd) -> Result<(DecodedPage, NextPage), String> {
        let page = self.trim(page);
        let DecodedPage { wanted, page_info, .. } = &page;
        let left = self.left.map(|left| left - wanted.len());
        let has_more = page_info.has_next_page && left != Some(0);
        let next_page = match page_info.next_cursor() {
            Some(cursor) if has_more && !self.seen_cursors.insert(cursor) => return Err(cursor.to_owned()),
            Some(_) if has_more => NextPage::Available,
            None if has_more => NextPage::MissingCursor,
            _ => NextPage::None,
        };
        let next = match page_info.end_cursor.as_ref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => {
                let skip = if page_info.has_next_page { self.next.skip - wanted.start } else { 0 };
                Offset { cursor: Some(cursor.clone()), skip }
            }
            // Records that an earlier run took, beyond a shorter page, remain taken.
            None if page_info.has_next_page => {
                Offset { cursor: self.next.cursor.clone(), skip: wanted.end.max(self.next.skip) }
            }
            None => Offset { cursor: self.next.cursor.clone(), skip: wanted.end },
        };
        (self.left, self.taken, self.page_end) = (left, self.taken.saturating_add(wanted.len()), wanted.end);
        self.page_start = std::mem::replace(&mut self.next, next);
        Ok((page, next_page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_cursor_that_is_shorter_than_what_was_taken_takes_nothing_back() {
        let start = Offset { cursor: Some("c".to_owned()), skip: 7 };
        let mut progress = Progress::new(None, 7, start.clone());
        let page_info = PageInfo { has_next_page: true, end_cursor: None };
        assert!(progress.advance((5, page_info)).is_ok_and(|(page, _)| page.wanted == (5..5)));
        assert_eq!(progress.offset(0), (7, start));
    }
}
