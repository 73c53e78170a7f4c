//! Calls of root fields that answer with one value: plain queries, single records, mutations.

use crate::client::Client;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder, Field, Object, Selection};
use crate::document::{OperationType, RootField, Shape, body, document};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, InputObject, InputValue};
use crate::reference::Ref;
use crate::response::{Found, Partial, PayloadErrors, Response};
use crate::scalar::Id;
use crate::select::{Fetch, Select, read_field};
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
    pub(crate) arguments: InputObject,
}

impl Call {
    pub(crate) fn new(client: &Client, root: &'static RootField) -> Self {
        Self { client: client.clone(), root, selection: root.selection, arguments: InputObject::new() }
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
        let body = body(self.root.name, &document, &self.arguments).map_err(|error| {
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
        self.call.selection = S::SELECTION;
        Query { call: self.call, read: <Option<S> as Select<T>>::read }
    }
}

impl<T: Object> Query<T> {
    /// Asks for what `S` selects, in place of all leaf fields.
    pub fn select<S: Select<T>>(mut self) -> Query<S> {
        self.call.selection = S::SELECTION;
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
        call.selection = T::SELECTION;
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
        self.call.selection = S::SELECTION;
        NodeQuery { call: self.call, id: self.id, name: self.name, read: S::read }
    }
}

impl<T> NodeQuery<T> {
    /// Sends the query. `None` when no record has this id.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] when the id belongs to a record of another type,
    /// [`ErrorKind::Configuration`] when the id is empty; otherwise those of any query.
    pub async fn send(mut self) -> Result<Option<T>> {
        if self.id.as_str().trim().is_empty() {
            return Err(Error::configuration(format!("an empty id names no {}", self.name)));
        }
        self.call.arguments.set("id", InputValue::Text(Cow::Owned(self.id.to_string())));
        // A selection on the interface itself takes a record of any type.
        let any = self.name == "Node";
        let shape = if any { Shape::Plain } else { Shape::Node(self.name) };
        let answer = self.call.answer(shape).await?;
        let mut record = None;
        let mut read = |decoder: &mut Decoder<'_>| {
            record = Some((self.read)(decoder)?);
            Ok(())
        };
        if any {
            let mut nullable =
                |decoder: &mut Decoder<'_>| if decoder.null()? { Ok(()) } else { read(decoder) };
            Response::of_root_field(&answer, NODE.name, &mut nullable)?.whole()?;
            return Ok(record);
        }
        let (response, found) = Found::read(&answer, NODE.name, self.name, &mut read)?;
        let request_id = response.whole()?;
        match found {
            Found::Nothing | Found::Record => Ok(record),
            Found::Other(name) => {
                let message = format!("{} is the id of a {name}, not of a {}", self.id, self.name);
                Err(Error::new(ErrorKind::WrongType, message).with_request_id(request_id.as_deref()))
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
