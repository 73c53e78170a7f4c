//! The calls of this crate as members of a batch.

use super::item::BatchItem;
use super::member::BatchCall;
use super::part::Part;
use crate::call::Prepared;
use crate::connection::{CompleteQuery, ConnectionField, ConnectionQuery, CountQuery, count_shape};
use crate::node::{NodeQuery, read_node, wrong_type};
use crate::operation::{Mutation, Query, returned};
use crate::pagination::{AnyRecords, Page, Paginator, Records, read_count};
use crate::response::PayloadErrors;
use crate::select::root;

impl<T: Send + 'static> BatchItem for Query<T> {
    type Operation = root::Query;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        BatchCall::once(Ok(call.prepared()), move |part| part.read(read))
    }
}

impl<T: Send + 'static> BatchItem for NodeQuery<T> {
    type Operation = root::Query;
    type Output = Option<T>;

    fn into_call(self) -> BatchCall<Option<T>> {
        let (id, record, read) = (self.id.clone(), self.record, self.read);
        BatchCall::once(self.prepared(), move |part| {
            let secrets = part.secrets.clone();
            let found = part.read(|decoder| read_node(decoder, record, read))?;
            found.map_err(|other| wrong_type(other, &id, record, &secrets))
        })
    }
}

impl<T: Send + 'static> BatchItem for Mutation<T> {
    type Operation = root::Mutation;
    type Output = T;

    fn into_call(self) -> BatchCall<T> {
        let Self { call, read } = self;
        let (name, is_payload) = (call.root.name, call.selection.is_payload());
        BatchCall::once(Ok(call.prepared()), move |part: Part| {
            let secrets = part.secrets.clone();
            let (mut value, mut reported) = (None, PayloadErrors::default());
            part.read(|decoder| {
                reported.read_value(decoder, &secrets, is_payload, &mut |decoder| {
                    value = Some(read(decoder)?);
                    Ok(())
                })
            })?;
            reported.into_result(name)?;
            returned(value, name, None)
        })
    }
}

/// The first page. A limit of 0 is an error.
impl<F: ConnectionField, T: Send + 'static> BatchItem for ConnectionQuery<F, T> {
    type Operation = root::Query;
    type Output = Page<T>;

    fn into_call(self) -> BatchCall<Page<T>> {
        let mut records = Records::new(self.append);
        let mut paginator = Paginator::new(self.pages);
        BatchCall::once(paginator.first_call(), move |part| {
            let shape = paginator.shape();
            let any: &mut dyn AnyRecords = &mut records;
            let page = paginator.trim(part.read(|decoder| any.read(decoder, shape))?);
            any.keep(0, &page.wanted);
            Ok(records.take(page))
        })
    }
}

/// The number of records.
impl BatchItem for CountQuery {
    type Operation = root::Query;
    type Output = i64;

    fn into_call(self) -> BatchCall<i64> {
        let shape = count_shape(self.call.root);
        BatchCall::once(Ok(Prepared { call: self.call, shape, nodes: 0 }), |part| part.read(read_count))
    }
}

/// All pages, each in a further request of the batch.
impl<T: Send + 'static> BatchItem for CompleteQuery<T> {
    type Operation = root::Query;
    type Output = Vec<T>;

    fn into_call(self) -> BatchCall<Vec<T>> {
        BatchCall::all_pages(Paginator::new(self.pages), self.append)
    }
}
