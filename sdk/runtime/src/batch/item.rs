//! What can be part of a batch.

use super::{BatchCall, BatchItem, Part};
use crate::connection::{ConnectionField, ConnectionQuery};
use crate::node::{Found, NodeQuery};
use crate::operation::{Mutation, Prepared, Query};
use crate::page::Page;
use crate::pager::Pager;
use crate::response::PayloadErrors;
use crate::select::root;

impl<T: Send + 'static> BatchItem for Query<T> {
    type Operation = root::Query;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        let prepared = Prepared { shape: call.root.shape(), nodes: call.nodes, call };
        BatchCall { prepared: Ok(prepared), finish: Box::new(move |part| part.read(read)) }
    }
}

impl<T: Send + 'static> BatchItem for NodeQuery<T> {
    type Operation = root::Query;
    type Output = Option<T>;

    fn into_call(self) -> BatchCall<Option<T>> {
        let (id, name, read) = (self.id.clone(), self.name, self.read);
        let finish = move |part: Part| {
            let found = part.read(|decoder| Found::read(decoder, name, read))?;
            Found::record(Some(found), &id, name)
        };
        BatchCall { prepared: self.prepared(), finish: Box::new(finish) }
    }
}

impl<T: Send + 'static> BatchItem for Mutation<T> {
    type Operation = root::Mutation;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        let name = call.root.name;
        let finish = move |part: Part| {
            let secrets = part.secrets.clone();
            let (payload, reported) = part.read(|decoder| {
                let mut reported = PayloadErrors::default();
                reported.scan(decoder, &secrets)?;
                Ok((read(decoder)?, reported))
            })?;
            reported.into_result(name).map(|()| payload)
        };
        let prepared = Prepared { shape: call.root.shape(), nodes: call.nodes, call };
        BatchCall { prepared: Ok(prepared), finish: Box::new(finish) }
    }
}

/// The first page. A limit of nothing cannot be asked for.
impl<F: ConnectionField, T: Send + 'static> BatchItem for ConnectionQuery<F, T> {
    type Operation = root::Query;
    type Output = Page<T>;

    fn into_call(self) -> BatchCall<Page<T>> {
        let append = self.append;
        let mut pager = Pager::new(self.paging);
        let prepared = pager.first_page();
        let finish = move |part: Part| {
            let (nodes, page_info) = part.read(|decoder| Page::read(decoder, append))?;
            let turned = pager.keep((nodes.len(), page_info));
            Ok(Page::of(nodes, turned))
        };
        BatchCall { prepared, finish: Box::new(finish) }
    }
}
