//! What can be part of a batch.

use super::member::complete;
use super::{BatchCall, BatchItem, Part};
use crate::connection::{CompleteQuery, ConnectionField, ConnectionQuery};
use crate::node::{Found, NodeQuery};
use crate::operation::{Mutation, Prepared, Query, returned};
use crate::pagination::Page;
use crate::pagination::Pager;
use crate::response::PayloadErrors;
use crate::select::root;

impl<T: Send + 'static> BatchItem for Query<T> {
    type Operation = root::Query;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        let prepared = Prepared { shape: call.root.shape(), nodes: call.nodes, call };
        BatchCall::once(Ok(prepared), move |part| part.read(read))
    }
}

impl<T: Send + 'static> BatchItem for NodeQuery<T> {
    type Operation = root::Query;
    type Output = Option<T>;

    fn into_call(self) -> BatchCall<Option<T>> {
        let (id, name, read) = (self.id.clone(), self.name, self.read);
        BatchCall::once(self.prepared(), move |part| {
            let secrets = part.secrets.clone();
            let found = part.read(|decoder| Found::read(decoder, name, read))?;
            Found::record(Some(found), &id, name, &secrets)
        })
    }
}

impl<T: Send + 'static> BatchItem for Mutation<T> {
    type Operation = root::Mutation;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        let (name, is_payload) = (call.root.name, call.selection.is_payload());
        let prepared = Prepared { shape: call.root.shape(), nodes: call.nodes, call };
        BatchCall::once(Ok(prepared), move |part: Part| {
            let secrets = part.secrets.clone();
            let (value, reported) = part.read(|decoder| {
                let (mut value, mut reported) = (None, PayloadErrors::default());
                reported.read_value(decoder, &secrets, is_payload, &mut |decoder| {
                    value = Some(read(decoder)?);
                    Ok(())
                })?;
                Ok((value, reported))
            })?;
            reported.into_result(name)?;
            returned(value, name)
        })
    }
}

/// The first page. A limit of nothing cannot be asked for.
impl<F: ConnectionField, T: Send + 'static> BatchItem for ConnectionQuery<F, T> {
    type Operation = root::Query;
    type Output = Page<T>;

    fn into_call(self) -> BatchCall<Page<T>> {
        let append = self.append;
        let mut pager = Pager::new(self.paging);
        BatchCall::once(pager.first_page(), move |part| {
            let (nodes, page_info) = part.read(|decoder| Page::read(decoder, append))?;
            let turned = pager.keep((nodes.len(), page_info));
            Ok(Page::of(nodes, turned))
        })
    }
}

/// All pages, each in a further request of the batch.
impl<T: Send + 'static> BatchItem for CompleteQuery<T> {
    type Operation = root::Query;
    type Output = Vec<T>;

    fn into_call(self) -> BatchCall<Vec<T>> {
        let (member, outcome) = complete(Pager::new(self.paging), self.append);
        BatchCall { member: Ok(member), outcome }
    }
}
