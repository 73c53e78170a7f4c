//! Queries of single records by their ids.

use crate::call::{Call, Prepared, impl_call};
use crate::client::ClientCore;
use crate::decode::{DecodeError, Decoder, Read, Selection};
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
    call: Call,
    pub(crate) id: Id,
    /// The GraphQL type of the record.
    pub(crate) name: &'static str,
    pub(crate) read: Read<T>,
}

static NODE: RootField = RootField {
    operation: OperationType::Query,
    name: "node",
    arguments: &[("id", "ID!")],
    connection: None,
    selection: Selection::Leaf,
};

/// The interface of all records: a selection on it accepts a record of any type.
const ANY: &str = "Node";

impl<T: Fetch> NodeQuery<T> {
    /// A query for the record with this id. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, id: Id) -> Self {
        let call = Call::new(client, &NODE).select(T::SELECTION, T::NODES);
        Self { call, id, name: T::TYPE, read: T::read }
    }
}

impl<T: Fetch<Record = T>> NodeQuery<T> {
    /// Requests the fields that `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(self) -> NodeQuery<S> {
        let call = self.call.select(S::SELECTION, S::NODES);
        NodeQuery { call, id: self.id, name: self.name, read: S::read }
    }
}

impl<T> NodeQuery<T> {
    /// Sends the query. Returns `None` if no record has this id.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] when the id belongs to a record of another type,
    /// [`ErrorKind::Configuration`] when the id is blank; otherwise those of any query.
    pub async fn send(self) -> Result<Option<T>> {
        let (id, name, read) = (self.id.clone(), self.name, self.read);
        let Prepared { call, shape, .. } = self.prepared()?;
        let response = call.send(shape).await?;
        let mut found = Ok(None);
        let read = GraphQlResponse::read_root(&response, NODE.name, &mut |decoder| {
            found = read_node(decoder, name, read)?;
            Ok(())
        })?;
        let request_id = read.into_request_id()?;
        found.map_err(|other| {
            wrong_type(other, &id, name, &response.secrets).with_request_id(request_id.as_deref())
        })
    }

    /// The call with its argument.
    pub(crate) fn prepared(mut self) -> Result<Prepared> {
        if self.id.is_blank() {
            return Err(Error::configuration(format!("a blank id names no {}", self.name)));
        }
        self.call.arguments.set("id", InputValue::Text(Cow::Owned(self.id.to_string())));
        let shape = if self.name == ANY { Shape::Plain } else { Shape::Node(self.name) };
        Ok(Prepared { shape, nodes: self.call.nodes, call: self.call })
    }
}

/// The result of `node(id:)`, or the type of a record of another one.
type Found<T> = std::result::Result<Option<T>, String>;

/// Decodes a record if it is of this type.
pub(crate) fn read_node<T>(
    decoder: &mut Decoder<'_>,
    name: &str,
    read: Read<T>,
) -> std::result::Result<Found<T>, DecodeError> {
    if decoder.null()? {
        return Ok(Ok(None));
    }
    let typename = if name == ANY { ANY.to_owned() } else { decoder.typename(ANY)? };
    match typename == name {
        true => read(decoder).map(|record| Ok(Some(record))),
        false => decoder.skip().map(|()| Err(typename)),
    }
}

/// The error for a record of another type.
pub(crate) fn wrong_type(other: String, id: &Id, name: &str, secrets: &Secrets) -> Error {
    let other = secrets.quote(other, BRIEF);
    Error::new(ErrorKind::WrongType, format!("{id} is the id of a {other}, not of a {name}"))
}

impl<T> Clone for NodeQuery<T> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), id: self.id.clone(), name: self.name, read: self.read }
    }
}

impl<T> fmt::Debug for NodeQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {:?}", self.id)
    }
}

impl_call!(NodeQuery<T>: Option<T>, call.client);
