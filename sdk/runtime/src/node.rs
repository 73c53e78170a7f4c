//! Queries of single records by their ids.

use crate::call::{Call, Prepared, impl_call};
use crate::client::ClientCore;
use crate::decode::{DecodeError, Decoder, NodeLookup, Read, Selection};
use crate::document::{OperationType, RootField, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::input::InputValue;
use crate::quote::BRIEF;
use crate::response::GraphQlResponse;
use crate::scalar::Id;
use crate::secrets::Secrets;
use crate::select::{Fetch, Select};
use std::borrow::Cow;
use std::fmt;

/// A query of one record by its id. Costs one request.
#[must_use = "a call does nothing until it is awaited"]
pub struct NodeQuery<T> {
    pub(crate) call: Call,
    pub(crate) id: Id,
    pub(crate) record: Record,
    pub(crate) read: Read<T>,
}

/// The type of the record, and the query that returns it.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// The GraphQL type: also the interface of all of them.
    name: &'static str,
    lookup: &'static NodeLookup,
}

impl Record {
    /// Whether it can be of any type.
    fn is_any(self) -> bool {
        self.name == self.lookup.interface
    }
}

/// The root field of the query of a record.
struct Root<T>(T);

impl<T: Fetch> Root<T> {
    const FIELD: &'static RootField = &RootField {
        operation: OperationType::Query,
        name: T::LOOKUP.field,
        arguments: &[(T::LOOKUP.argument, T::LOOKUP.argument_type)],
        connection: None,
        selection: Selection::Leaf,
    };
}

impl<T: Fetch> NodeQuery<T> {
    /// A query for the record with this id. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, id: Id) -> Self {
        let call = Call::new(client, Root::<T>::FIELD).select(T::SELECTION, T::NODES);
        Self { call, id, record: Record { name: T::TYPE, lookup: T::LOOKUP }, read: T::read }
    }
}

impl<T: Fetch<Record = T>> NodeQuery<T> {
    /// Requests the fields that `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(self) -> NodeQuery<S> {
        let call = self.call.select(S::SELECTION, S::NODES);
        NodeQuery { call, id: self.id, record: self.record, read: S::read }
    }
}

impl<T> NodeQuery<T> {
    /// Sends the query. Returns `None` if no record has this id.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] when the id belongs to a record of another type,
    /// [`ErrorKind::Configuration`] when the id is blank; otherwise those of any query.
    pub async fn send(self) -> Result<Option<T>> {
        let (id, record, read) = (self.id.clone(), self.record, self.read);
        let Prepared { call, shape, .. } = self.prepared()?;
        let response = call.send(shape).await?;
        let mut found = Ok(None);
        let read = GraphQlResponse::read_root(&response, record.lookup.field, &mut |decoder| {
            found = read_node(decoder, record, read)?;
            Ok(())
        })?;
        let request_id = read.into_request_id()?;
        found.map_err(|other| {
            wrong_type(other, &id, record, &response.secrets).with_request_id(request_id.as_deref())
        })
    }

    /// The call with its argument.
    pub(crate) fn prepared(mut self) -> Result<Prepared> {
        if self.id.is_blank() {
            return Err(Error::configuration(format!("a blank id names no {}", self.record.name)));
        }
        let argument = self.record.lookup.argument;
        self.call.arguments.set(argument, InputValue::Text(Cow::Owned(self.id.to_string())));
        let shape = if self.record.is_any() { Shape::Plain } else { Shape::Node(self.record.name) };
        Ok(Prepared { shape, nodes: self.call.nodes, call: self.call })
    }
}

/// The record, or the type of one of another type.
type Found<T> = std::result::Result<Option<T>, String>;

/// Decodes a record if it is of this type.
pub(crate) fn read_node<T>(
    decoder: &mut Decoder<'_>,
    record: Record,
    read: Read<T>,
) -> std::result::Result<Found<T>, DecodeError> {
    if decoder.null()? {
        return Ok(Ok(None));
    }
    let Record { name, lookup } = record;
    let typename = if record.is_any() { name.to_owned() } else { decoder.typename(lookup.interface)? };
    match typename == name {
        true => read(decoder).map(|record| Ok(Some(record))),
        false => decoder.skip().map(|()| Err(typename)),
    }
}

/// The error for a record of another type.
pub(crate) fn wrong_type(other: String, id: &Id, record: Record, secrets: &Secrets) -> Error {
    let other = secrets.quote(other, BRIEF);
    Error::new(ErrorKind::WrongType, format!("{id} is the id of a {other}, not of a {}", record.name))
}

impl<T> Clone for NodeQuery<T> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), id: self.id.clone(), record: self.record, read: self.read }
    }
}

impl<T> fmt::Debug for NodeQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {:?}", self.id)
    }
}

impl_call!(NodeQuery<T>: Option<T>, call.client);
