//! Scanning of JSON for connections with remaining pages, and for where these are inserted.

use super::plan::Plan;
use crate::decode::{AllPages, DecodeError, DecodeErrorKind, Decoded, Decoder, Field, PathSegment};
use crate::document::{FURTHER_PAGE, PARENT_ID};
use crate::pagination::seen_cursors::SeenCursors;
use crate::scalar::Id;
use crate::select::PageInfo;
use std::ops::Range;

/// A connection with remaining pages.
pub(super) struct Connection<'p> {
    pub(super) selection: &'static AllPages,
    /// The connections in its nodes.
    nested: &'p Plan,
    /// Its path in the response.
    pub(super) path: Vec<PathSegment>,
    /// The id of the record that has it.
    pub(super) parent: Option<Id>,
    /// The end of its last page so far.
    pub(super) page_info: PageInfo,
    /// The number of its nodes so far.
    pub(super) nodes: usize,
    /// The nodes of its further pages: the index of a text, and their range in it.
    pub(super) pages: Vec<(usize, Range<usize>)>,
    /// The same connection of the same record elsewhere in the response, which has the pages of both.
    pub(super) duplicate_of: Option<usize>,
    pub(super) seen_cursors: SeenCursors,
}

/// A range of a text that is replaced.
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    /// The index of the connection.
    pub(super) connection: usize,
    pub(super) kind: EditKind,
}

pub(super) enum EditKind {
    /// Inserts the nodes of further pages.
    Nodes,
    /// Replaces the end of the first page with that of the last.
    PageInfo,
}

/// The result of `node(id:)` for a parent.
pub(super) enum ParentPage {
    /// The end of the page, its number of nodes, and their range in the text.
    Page(PageInfo, usize, Range<usize>),
    /// The connection is null.
    Null,
    /// A record of this type, which does not have the connection.
    WrongType(String),
    /// No record has the id.
    NotFound,
}

/// The scan of one text.
pub(super) struct Scan<'s, 'p> {
    connections: &'s mut Vec<Connection<'p>>,
    pub(super) edits: Vec<Edit>,
    path: Vec<PathSegment>,
}

impl<'s, 'p> Scan<'s, 'p> {
    /// `path` is the path of the text in the response.
    pub(super) fn new(connections: &'s mut Vec<Connection<'p>>, path: Vec<PathSegment>) -> Self {
        Self { connections, edits: Vec::new(), path }
    }

    /// Skips a value and collects its connections with remaining pages.
    pub(super) fn value(&mut self, decoder: &mut Decoder<'_>, plan: &'p Plan) -> Decoded {
        match plan {
            Plan::Keys(keys) if keys.is_empty() => decoder.skip(),
            Plan::Keys(keys) => self.objects(decoder, keys),
            Plan::AllPages(selection, nested) => self.connection(decoder, selection, nested).map(|_| ()),
        }
    }

    /// Accepts null, an object or a list of any depth: decoding checks the type later.
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
                    Plan::AllPages(selection, nested) => {
                        own.extend(this.connection(decoder, selection, nested)?);
                    }
                    plan => this.value(decoder, plan)?,
                }
                Ok(())
            })
        })?;
        for index in own {
            self.connections[index].parent.clone_from(&parent);
        }
        Ok(())
    }

    /// Returns the index of the connection if it has remaining pages.
    fn connection(
        &mut self,
        decoder: &mut Decoder<'_>,
        selection: &'static AllPages,
        nested: &'p Plan,
    ) -> Result<Option<usize>, DecodeError> {
        if decoder.null()? {
            return Ok(None);
        }
        let page = self.page(decoder, nested, 0)?;
        if !page.info.has_next_page {
            return Ok(None);
        }
        let (connection, end) = (self.connections.len(), page.content.end);
        self.edits.push(Edit { range: end..end, connection, kind: EditKind::Nodes });
        self.edits.push(Edit { range: page.info_range, connection, kind: EditKind::PageInfo });
        self.connections.push(Connection {
            selection,
            nested,
            path: self.path.clone(),
            parent: None,
            page_info: page.info,
            nodes: page.nodes,
            pages: Vec::new(),
            duplicate_of: None,
            seen_cursors: SeenCursors::default(),
        });
        Ok(Some(connection))
    }

    /// Scans a page, whose nodes are those from `first` on.
    fn page(
        &mut self,
        decoder: &mut Decoder<'_>,
        nested: &'p Plan,
        first: usize,
    ) -> Result<Page, DecodeError> {
        const NAME: &str = "Connection";
        let mut info: Option<(PageInfo, Range<usize>)> = None;
        let mut nodes: Option<(usize, Range<usize>)> = None;
        decoder.entries(NAME, &mut |decoder, key| {
            match key {
                "pageInfo" if info.is_some() => return Err(DecodeError::new(DecodeErrorKind::Duplicate)),
                "pageInfo" => {
                    info = Some(decoder.placed(|decoder| {
                        let mut info = PageInfo::placeholder();
                        info.decode(decoder).map(|()| info)
                    })?);
                }
                "nodes" | "edges" if nodes.is_some() => {
                    return Err(DecodeError::new(DecodeErrorKind::Duplicate));
                }
                "nodes" | "edges" => {
                    let key = PathSegment::Key(key.to_owned());
                    nodes = Some(
                        decoder.placed(|decoder| self.at(key, |this| this.nodes(decoder, nested, first)))?,
                    );
                }
                _ => return decoder.skip(),
            }
            Ok(())
        })?;
        let missing = |key| DecodeError::new(DecodeErrorKind::Missing).at_key(NAME, key);
        let (info, info_range) = info.ok_or_else(|| missing("pageInfo"))?;
        let (nodes, list) = nodes.ok_or_else(|| missing("nodes"))?;
        Ok(Page { info, info_range, nodes, content: list.start + 1..list.end - 1 })
    }

    fn nodes(
        &mut self,
        decoder: &mut Decoder<'_>,
        nested: &'p Plan,
        first: usize,
    ) -> Result<usize, DecodeError> {
        let mut count = 0;
        decoder.list("a list of nodes", &mut |decoder| {
            self.at(PathSegment::Index(first + count), |this| this.value(decoder, nested))?;
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Scans the result of `node(id:)` for the parent of a connection.
    pub(super) fn parent_page(
        &mut self,
        decoder: &mut Decoder<'_>,
        connection: usize,
    ) -> Result<ParentPage, DecodeError> {
        if decoder.null()? {
            return Ok(ParentPage::NotFound);
        }
        let Connection { nested, nodes, .. } = self.connections[connection];
        self.path.clone_from(&self.connections[connection].path);
        let (mut typename, mut page) = (None::<String>, None);
        decoder.entries("Node", &mut |decoder, key| {
            match key {
                "__typename" => return decoder.once(&mut typename),
                FURTHER_PAGE if page.is_some() => return Err(DecodeError::new(DecodeErrorKind::Duplicate)),
                FURTHER_PAGE if decoder.null()? => page = Some(ParentPage::Null),
                FURTHER_PAGE => {
                    let read = self.page(decoder, nested, nodes)?;
                    page = Some(ParentPage::Page(read.info, read.nodes, read.content));
                }
                _ => return decoder.skip(),
            }
            Ok(())
        })?;
        Ok(page.unwrap_or_else(|| ParentPage::WrongType(typename.unwrap_or_default())))
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
    info_range: Range<usize>,
    nodes: usize,
    /// The range of the nodes, without the brackets.
    content: Range<usize>,
}
