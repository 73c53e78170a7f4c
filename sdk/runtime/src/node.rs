//! Single records, by their ids.

use crate::client::ClientCore;
use crate::decode::{DecodeError, Decoder, Read, Selection};
use crate::document::{OperationType, RootField, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::input::InputValue;
use crate::operation::{Call, Prepared};
use crate::quote::BRIEF;
use crate::response::GraphQlResponse;
use crate::retry::RetryPolicy;
use crate::scalar::Id;
use crate::secrets::Secrets;
use crate::select::{Fetch, Select};
use crate::transport::BoxFuture;
use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;

/// A query for one record by its id. Costs one request.
#[must_use = "a call does nothing until it is awaited"]
pub struct NodeQuery<T> {
    call: Call,
    pub(crate) id: Id,
    pub(crate) name: &'static str,
    pub(crate) read: Read<T>,
}

/// The root field that every record is fetched through.
static NODE: RootField = RootField {
    operation: OperationType::Query,
    name: "node",
    arguments: &[("id", "ID!")],
    connection: false,
    selection: Selection::Leaf,
};

impl<T: Fetch> NodeQuery<T> {
    /// A query for the record with this id. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, id: Id) -> Self {
        let mut call = Call::new(client, &NODE);
        (call.selection, call.nodes) = (T::SELECTION, T::NODES);
        Self { call, id, name: T::TYPE, read: T::read }
    }
}

impl<T: Fetch<Record = T>> NodeQuery<T> {
    /// Asks for what `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(mut self) -> NodeQuery<S> {
        (self.call.selection, self.call.nodes) = (S::SELECTION, S::NODES);
        NodeQuery { call: self.call, id: self.id, name: self.name, read: S::read }
    }
}

impl<T> NodeQuery<T> {
    /// When this call is sent again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.call.client.retry = policy;
        self
    }

    /// Sends the query. `None` when no record has this id.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] when the id belongs to a record of another type,
    /// [`ErrorKind::Configuration`] when the id is blank; otherwise those of any query.
    pub async fn send(self) -> Result<Option<T>> {
        let (id, name, read) = (self.id.clone(), self.name, self.read);
        let Prepared { call, shape, .. } = self.prepared()?;
        let answer = call.answer(shape).await?;
        let mut found = None;
        let response = GraphQlResponse::read_root(&answer, NODE.name, &mut |decoder| {
            found = Some(Found::read(decoder, name, read)?);
            Ok(())
        })?;
        let request_id = response.into_request_id()?;
        Found::record(found, &id, name, &answer.secrets)
            .map_err(|error| error.with_request_id(request_id.as_deref()))
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

/// The interface of all records: a selection on it takes a record of any type.
const ANY: &str = "Node";

/// What `node(id:)` returned: nothing, a record of the type asked for, or one of another type.
pub(crate) enum Found<T> {
    Nothing,
    Record(T),
    Other(String),
}

impl<T> Found<T> {
    /// Reads a record if it is of the type with this name.
    pub(crate) fn read(
        decoder: &mut Decoder<'_>,
        name: &str,
        read: Read<T>,
    ) -> std::result::Result<Self, DecodeError> {
        if decoder.null()? {
            return Ok(Self::Nothing);
        }
        if name == ANY {
            return read(decoder).map(Self::Record);
        }
        let typename = decoder.typename(ANY)?;
        if typename == name {
            read(decoder).map(Self::Record)
        } else {
            decoder.skip().map(|()| Self::Other(typename))
        }
    }

    pub(crate) fn record(found: Option<Self>, id: &Id, name: &str, secrets: &Secrets) -> Result<Option<T>> {
        match found {
            None | Some(Self::Nothing) => Ok(None),
            Some(Self::Record(record)) => Ok(Some(record)),
            Some(Self::Other(other)) => {
                let other = secrets.quote(other, BRIEF);
                let message = format!("{id} is the id of a {other}, not of a {name}");
                Err(Error::new(ErrorKind::WrongType, message))
            }
        }
    }
}

impl<T> fmt::Debug for NodeQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {:?}", self.id)
    }
}

impl<T: Send + 'static> IntoFuture for NodeQuery<T> {
    type Output = Result<Option<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
