//! The records of pages, as paginators see them: whatever their type.

use super::page::{DecodedPage, Page, PageEnd, read_page};
use crate::decode::{ConnectionShape, DecodeError, Decoded, Decoder};
use crate::select::{Append, PageInfo};
use std::ops::Range;

/// Records that are decoded with a function.
pub(crate) struct Records<T> {
    pub(crate) items: Vec<T>,
    append: Append<T>,
}

impl<T> Records<T> {
    #[inline]
    pub(crate) fn new(append: Append<T>) -> Self {
        Self { items: Vec::new(), append }
    }

    /// The page that was decoded into these records.
    pub(crate) fn take(&mut self, DecodedPage { page_info, errors, .. }: DecodedPage) -> Page<T> {
        let PageInfo { has_next_page, end_cursor } = page_info;
        Page { nodes: std::mem::take(&mut self.items), has_next_page, end_cursor, errors }
    }
}

/// The operations on records that depend on their type. Paginators call them dynamically.
pub(crate) trait AnyRecords {
    fn len(&self) -> usize;

    /// Decodes a record and appends it.
    fn append(&mut self, decoder: &mut Decoder<'_>) -> Decoded;

    fn truncate(&mut self, len: usize);

    fn swap(&mut self, one: usize, other: usize);
}

impl<T> AnyRecords for Records<T> {
    #[inline]
    fn len(&self) -> usize {
        self.items.len()
    }

    #[inline]
    fn append(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        (self.append)(&mut self.items, decoder)
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }

    #[inline]
    fn swap(&mut self, one: usize, other: usize) {
        self.items.swap(one, other);
    }
}

impl dyn AnyRecords + '_ {
    /// Decodes a page and appends its records.
    pub(crate) fn read(
        &mut self,
        decoder: &mut Decoder<'_>,
        shape: &ConnectionShape,
    ) -> Result<PageEnd, DecodeError> {
        let start = self.len();
        let page_info = read_page(decoder, shape, &mut |decoder| self.append(decoder))?;
        Ok((self.len() - start, page_info))
    }

    /// Keeps the wanted records of a page, which begins behind the first `start` ones.
    pub(crate) fn keep(&mut self, start: usize, wanted: &Range<usize>) {
        if wanted.start > 0 {
            for index in wanted.clone() {
                self.swap(start + index - wanted.start, start + index);
            }
        }
        self.truncate(start + wanted.len());
    }
}
