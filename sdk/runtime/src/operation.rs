//! Calls of root fields that answer with one value: plain queries, single records, mutations.

use crate::batch::{BatchCall, BatchItem, Part};
use crate::client::Client;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field, Object, Selection};
use crate::document::{OperationType, RootField, Shape, body, document};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, InputObject, InputValue, Wire};
use crate::reference::Ref;
use crate::response::{Partial, PayloadErrors, Response};
use crate::scalar::Id;
use crate::select::{Fetch, Select, read_field, root};
use crate::session::Answer;
use crate::transport::BoxFuture;
use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;

/// One call that can be sent: where, what and with which arguments.
pub(crate) struct Call {
    pub(crate) client: Client,
    pub(crate) root: &'static RootField,
    /// What is selected in place of the root field's default.
    pub(crate) selection: Selection,
    /// How many nodes are asked for with one record.
    pub(crate) nodes: u64,
    pub(crate) arguments: InputObject,
}

/// A call as a part of a batch.
pub struct Prepared {
    pub(crate) call: Call,
    pub(crate) shape: Shape,
    /// How many nodes are asked for in all.
    pub(crate) nodes: u64,
}

impl Call {
    pub(crate) fn new(client: &Client, root: &'static RootField) -> Self {
        Self {
            client: client.clone(),
            root,
            selection: root.selection,
            nodes: 1,
            arguments: InputObject::new(),
        }
    }

    /// Takes over all arguments that are set.
    pub(crate) fn set_all(&mut self, arguments: &impl Input) {
        for (name, value) in arguments.as_object().iter() {
            self.arguments.set(name, value.clone());
        }
    }

    /// Sends the request and waits for the answer. In a box, so that what is awaited inside is
    /// compiled with this crate and not with everyone that uses it.
    pub(crate) fn answer(&self, shape: Shape) -> BoxFuture<'_, Result<Answer>> {
        Box::pin(self.send(shape))
    }

    async fn send(&self, shape: Shape) -> Result<Answer> {
        let given = |name: &str| self.arguments.get(name).is_some();
        let document = document(self.root, self.selection, shape, given);
        let body = body(self.root.name, &document, Wire(&self.arguments)).map_err(|error| {
            Error::configuration(format!("the arguments of `{}` cannot be sent", self.root.name))
                .with_source(error)
        })?;
        self.client.session.send(body).await
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.root.name, self.arguments)
    }
}

/// How one value is read.
type Read<T> = fn(&mut Decoder<'_>) -> std::result::Result<T, DecodeError>;

macro_rules! call {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[must_use = "a call does nothing until it is awaited"]
        pub struct $name<T> {
            call: Call,
            read: Read<T>,
        }

        impl<T: Field> $name<T> {
            /// A call of a root field. Generated code calls this.
            #[doc(hidden)]
            pub fn new(client: &Client, root: &'static RootField) -> Self {
                Self { call: Call::new(client, root), read: read_field }
            }
        }

        impl<T> $name<T> {
            /// Sets a required argument. Generated code calls this.
            #[doc(hidden)]
            pub fn argument(mut self, name: &'static str, value: InputValue) -> Self {
                self.call.arguments.set(name, value);
                self
            }

            /// Sets the optional arguments of this field.
            pub fn arguments(mut self, arguments: impl Input) -> Self {
                self.call.set_all(&arguments);
                self
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.call.fmt(f)
            }
        }

        impl<T: Send + 'static> IntoFuture for $name<T> {
            type Output = Result<T>;
            type IntoFuture = BoxFuture<'static, Result<T>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}

call! {
    /// A query of a root field that is not a connection. Costs one request.
    Query
}

call! {
    /// A mutation. Costs one request, which is never sent twice.
    Mutation
}

impl<T> Query<Option<T>> {
    /// Asks for what `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(mut self) -> Query<Option<S>> {
        (self.call.selection, self.call.nodes) = (S::SELECTION, S::NODES);
        Query { call: self.call, read: <Option<S> as Select<T>>::read }
    }
}

impl<T: Object> Query<T> {
    /// Asks for what `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(mut self) -> Query<S> {
        (self.call.selection, self.call.nodes) = (S::SELECTION, S::NODES);
        Query { call: self.call, read: S::read }
    }
}

impl<T> Query<T> {
    /// Sends the query.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of mutations and pages.
    pub async fn send(self) -> Result<T> {
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut value = None;
        Response::of_root_field(&answer, self.call.root.name, &mut |decoder| {
            value = Some((self.read)(decoder)?);
            Ok(())
        })?
        .whole()?;
        found(value, self.call.root.name)
    }

    /// Sends the query and returns data also when the server reports errors beside it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without
    /// [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut value = None;
        Response::of_root_field(&answer, self.call.root.name, &mut |decoder| {
            value = Some((self.read)(decoder)?);
            Ok(())
        })?
        .partial(value)
    }
}

impl<T: Object> Mutation<T> {
    /// Asks for what `S` selects of the payload, in place of all leaf fields. The payload's errors
    /// are asked for whatever `S` is.
    pub fn select<S: Select<T>>(mut self) -> Mutation<S> {
        self.call.selection = match self.call.selection {
            Selection::Payload(_) => Selection::Payload(&S::SELECTION),
            _ => S::SELECTION,
        };
        self.call.nodes = S::NODES;
        Mutation { call: self.call, read: S::read }
    }
}

impl<T> Mutation<T> {
    /// Sends the mutation.
    ///
    /// # Errors
    /// [`ErrorKind::Payload`] with all messages and paths when the server refused the change;
    /// otherwise all [kinds](crate::ErrorKind) except those of pages.
    pub async fn send(self) -> Result<T> {
        let root = self.call.root;
        let answer = self.call.answer(root.shape()).await?;
        let mut payload = None;
        PayloadErrors::refuse(&answer, root.name, &mut |decoder| {
            payload = Some((self.read)(decoder)?);
            Ok(())
        })?;
        found(payload, root.name)
    }

    /// Sends the mutation and returns its payload also when it, or the server, reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let root = self.call.root;
        let answer = self.call.answer(root.shape()).await?;
        let mut payload = None;
        let (response, mut reported) = PayloadErrors::read(&answer, root.name, &mut |decoder| {
            payload = Some((self.read)(decoder)?);
            Ok(())
        })?;
        let mut partial = response.partial(payload)?;
        partial.errors.append(&mut reported.errors);
        Ok(partial)
    }
}

/// A value that was read: the answer was checked to have it.
pub(crate) fn found<T>(value: Option<T>, root: &str) -> Result<T> {
    let missing = || DecodeError::new(DecodeErrorKind::Missing).at_plain_key(root);
    value.ok_or_else(|| Error::decode(root, missing()))
}

/// A query for one record by its id. Costs one request.
#[must_use = "a call does nothing until it is awaited"]
pub struct NodeQuery<T> {
    call: Call,
    id: Id,
    name: &'static str,
    read: Read<T>,
}

/// The root field that every record is fetched through.
static NODE: RootField = RootField {
    operation: OperationType::Query,
    name: "node",
    arguments: &[("id", "ID!")],
    connection: false,
    selection: Selection::Leaf,
};

impl Client {
    /// The record with this id, if there is one: all its leaf fields for a generated type, what is
    /// selected for a type of your own.
    pub fn node<T: Fetch>(&self, id: impl Into<Id>) -> NodeQuery<T> {
        let mut call = Call::new(self, &NODE);
        (call.selection, call.nodes) = (T::SELECTION, T::NODES);
        NodeQuery { call, id: id.into(), name: T::TYPE, read: T::read }
    }

    /// The record that a reference names, if it still exists.
    pub fn get<T: Fetch>(&self, reference: &Ref<T>) -> NodeQuery<T> {
        self.node(reference.id().clone())
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
        let response = Response::of_root_field(&answer, NODE.name, &mut |decoder| {
            found = Some(Found::read(decoder, name, read)?);
            Ok(())
        })?;
        let request_id = response.whole()?;
        Found::record(found, &id, name).map_err(|error| error.with_request_id(request_id.as_deref()))
    }

    /// The call with its argument.
    fn prepared(mut self) -> Result<Prepared> {
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
enum Found<T> {
    Nothing,
    Record(T),
    Other(String),
}

impl<T> Found<T> {
    /// Reads a record if it is of the type with this name.
    fn read(decoder: &mut Decoder<'_>, name: &str, read: Read<T>) -> std::result::Result<Self, DecodeError> {
        if decoder.null()? {
            return Ok(Self::Nothing);
        }
        let typename = decoder.typename(ANY)?;
        if name == ANY || typename == name {
            read(decoder).map(Self::Record)
        } else {
            decoder.skip().map(|()| Self::Other(typename))
        }
    }

    fn record(found: Option<Self>, id: &Id, name: &str) -> Result<Option<T>> {
        match found {
            None | Some(Self::Nothing) => Ok(None),
            Some(Self::Record(record)) => Ok(Some(record)),
            Some(Self::Other(other)) => {
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
            let request_id = part.request_id().map(str::to_owned);
            let found = part.read(|decoder| Found::read(decoder, name, read))?;
            let record = Found::record(Some(found), &id, name);
            record.map_err(|error| error.with_request_id(request_id.as_deref()))
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
            let request_id = part.request_id().map(str::to_owned);
            let secrets = part.secrets();
            let (payload, mut reported) = part.read(|decoder| {
                let mut reported = PayloadErrors::default();
                reported.scan(decoder)?;
                Ok((read(decoder)?, reported))
            })?;
            if let Some(secrets) = secrets {
                secrets.conceal(&mut reported.errors);
            }
            reported.into_result(name, request_id.as_deref()).map(|()| payload)
        };
        let prepared = Prepared { shape: call.root.shape(), nodes: call.nodes, call };
        BatchCall { prepared: Ok(prepared), finish: Box::new(finish) }
    }
}
