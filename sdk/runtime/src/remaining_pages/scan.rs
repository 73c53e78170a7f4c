//! Looks through JSON for connections that have more pages, and for the places where these belong.

use super::plan::Plan;
use crate::decode::{AllPages, DecodeError, DecodeErrorKind, Decoded, Decoder, Field, PathSegment};
use crate::document::{FURTHER_PAGE, PARENT_ID};
use crate::pagination::Followed;
use crate::scalar::Id;
use crate::select::PageInfo;
use std::ops::Range;

/// A connection that has more pages.
pub(super) struct Gap<'p> {
    pub(super) pages: &'static AllPages,
    /// What its nodes are searched for.
    inner: &'p Plan,
    /// Where in the answer it is.
    pub(super) path: Vec<PathSegment>,
    /// The id of the record that has it.
    pub(super) parent: Option<Id>,
    /// How far it has come.
    pub(super) page_info: PageInfo,
    pub(super) nodes: usize,
    /// The nodes of its further pages, each page in one of the texts.
    pub(super) further: Vec<(usize, Range<usize>)>,
    /// The gap with the same nodes behind it: the same record stands in another place, too.
    pub(super) twin: Option<usize>,
    /// Every cursor that was followed: one that comes back means that the pages run in a circle.
    pub(super) cursors: Followed,
}

impl Gap<'_> {
    /// Where the next page begins, if there is one.
    pub(super) fn next(&self) -> Option<&str> {
        self.page_info.next_cursor()
    }
}

/// Something in a text that becomes something else.
pub(super) struct Edit {
    pub(super) place: Range<usize>,
    /// Index of the gap.
    pub(super) gap: usize,
    pub(super) kind: EditKind,
}

pub(super) enum EditKind {
    /// The further nodes, behind those that are there.
    Nodes,
    /// Where the connection ends now.
    PageInfo,
}

/// What `node(id:)` returned of a parent.
pub(super) enum Found {
    /// A page: where it ends, how many nodes it has, and where these are in the text.
    Page(PageInfo, usize, Range<usize>),
    /// A record that has the connection, and it is null.
    NoPage,
    /// A record of this type, which does not have the connection.
    Other(String),
    /// No record has the id.
    Nothing,
}

/// Looks through one text.
pub(super) struct Scan<'s, 'p> {
    gaps: &'s mut Vec<Gap<'p>>,
    pub(super) edits: Vec<Edit>,
    path: Vec<PathSegment>,
}

impl<'s, 'p> Scan<'s, 'p> {
    /// `path` is where the text begins.
    pub(super) fn new(gaps: &'s mut Vec<Gap<'p>>, path: Vec<PathSegment>) -> Self {
        Self { gaps, edits: Vec::new(), path }
    }

    /// Passes over a value and notes what it has.
    pub(super) fn value(&mut self, decoder: &mut Decoder<'_>, plan: &'p Plan) -> Decoded {
        match plan {
            Plan::Keys(keys) if keys.is_empty() => decoder.skip(),
            Plan::Keys(keys) => self.objects(decoder, keys),
            Plan::AllPages(pages, inner) => self.connection(decoder, pages, inner).map(|_| ()),
        }
    }

    /// Whether it may be null, and whether it is a list, is for those to say who decode it.
    fn objects(&mut self, decoder: &mut Decoder<'_>, keys: &'p [(String, Plan)]) -> Decoded {
        if decoder.null()? {
            return Ok(());
        }
        if !decoder.is_list()? {
            return self.object(decoder, keys);
        }
        let mut index = 0;
        decoder.list("a list", &mut |decoder| {
            self.at(PathSegment::Index(index), |this| this.objects(decoder, keys))?;
            index += 1;
            Ok(())
        })
    }

    fn object(&mut self, decoder: &mut Decoder<'_>, keys: &'p [(String, Plan)]) -> Decoded {
        let mut parent: Option<Id> = None;
        let mut own = Vec::new();
        decoder.entries("an object", &mut |decoder, key| {
            if key == PARENT_ID {
                return decoder.once(&mut parent);
            }
            let Some((_, plan)) = keys.iter().find(|(name, _)| name == key) else { return decoder.skip() };
            self.at(PathSegment::Key(key.to_owned()), |this| {
                match plan {
                    Plan::AllPages(pages, inner) => own.extend(this.connection(decoder, pages, inner)?),
                    plan => this.value(decoder, plan)?,
                }
                Ok(())
            })
        })?;
        for gap in own {
            self.gaps[gap].parent.clone_from(&parent);
        }
        Ok(())
    }

    /// Returns the index of the gap if the connection has more pages.
    fn connection(
        &mut self,
        decoder: &mut Decoder<'_>,
        pages: &'static AllPages,
        inner: &'p Plan,
    ) -> Result<Option<usize>, DecodeError> {
        if decoder.null()? {
            return Ok(None);
        }
        let page = self.page(decoder, inner, 0)?;
        if !page.info.has_next_page {
            return Ok(None);
        }
        let gap = self.gaps.len();
        let end = page.content.end;
        self.edits.push(Edit { place: end..end, gap, kind: EditKind::Nodes });
        self.edits.push(Edit { place: page.info_place, gap, kind: EditKind::PageInfo });
        let (page_info, nodes, path) = (page.info, page.nodes, self.path.clone());
        let (parent, further, cursors) = (None, Vec::new(), Followed::default());
        self.gaps.push(Gap { pages, inner, path, parent, page_info, nodes, further, twin: None, cursors });
        Ok(Some(gap))
    }

    /// Reads a page, whose nodes are those from `first` on.
    fn page(
        &mut self,
        decoder: &mut Decoder<'_>,
        inner: &'p Plan,
        first: usize,
    ) -> Result<Page, DecodeError> {
        const NAME: &str = "Connection";
        let mut info: Option<(PageInfo, Range<usize>)> = None;
        let mut nodes: Option<(usize, Range<usize>)> = None;
        decoder.entries(NAME, &mut |decoder, key| match key {
            "pageInfo" if info.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "pageInfo" => {
                info = Some(decoder.placed(|decoder| {
                    let mut info = PageInfo::vacant();
                    info.decode(decoder).map(|()| info)
                })?);
                Ok(())
            }
            "nodes" if nodes.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "nodes" => {
                let nodes_key = PathSegment::Key(key.to_owned());
                nodes = Some(
                    decoder.placed(|decoder| self.at(nodes_key, |this| this.nodes(decoder, inner, first)))?,
                );
                Ok(())
            }
            _ => decoder.skip(),
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::Missing).at_key(NAME, key);
        let (info, info_place) = info.ok_or_else(|| missing("pageInfo"))?;
        let (nodes, list) = nodes.ok_or_else(|| missing("nodes"))?;
        // Without the brackets.
        Ok(Page { info, info_place, nodes, content: list.start + 1..list.end - 1 })
    }

    fn nodes(
        &mut self,
        decoder: &mut Decoder<'_>,
        inner: &'p Plan,
        first: usize,
    ) -> Result<usize, DecodeError> {
        let mut count = 0;
        decoder.list("a list of nodes", &mut |decoder| {
            self.at(PathSegment::Index(first + count), |this| this.value(decoder, inner))?;
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Reads what `node(id:)` returned of the parent of a gap.
    pub(super) fn further(&mut self, decoder: &mut Decoder<'_>, gap: usize) -> Result<Found, DecodeError> {
        if decoder.null()? {
            return Ok(Found::Nothing);
        }
        let Gap { inner, nodes, .. } = self.gaps[gap];
        self.path.clone_from(&self.gaps[gap].path);
        let (mut typename, mut page) = (None::<String>, None);
        decoder.entries("Node", &mut |decoder, key| match key {
            "__typename" => decoder.once(&mut typename),
            FURTHER_PAGE if page.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            FURTHER_PAGE if decoder.null()? => {
                page = Some(Found::NoPage);
                Ok(())
            }
            FURTHER_PAGE => {
                let read = self.page(decoder, inner, nodes)?;
                page = Some(Found::Page(read.info, read.nodes, read.content));
                Ok(())
            }
            _ => decoder.skip(),
        })?;
        Ok(page.unwrap_or_else(|| Found::Other(typename.unwrap_or_default())))
    }

    fn at<T>(&mut self, segment: PathSegment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let value = read(self);
        self.path.pop();
        value
    }
}

struct Page {
    info: PageInfo,
    info_place: Range<usize>,
    nodes: usize,
    /// Where the nodes are.
    content: Range<usize>,
}
