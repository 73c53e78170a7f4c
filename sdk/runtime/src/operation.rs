//! Calls of root fields that answer with one value: plain queries, single records, mutations.

use crate::client::Client;
use crate::decode::{Field, Node, Selection};
use crate::document::{OperationType, RootField, Shape, body};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, InputObject, InputValue};
use crate::reference::Ref;
use crate::response::{Found, Partial, PayloadErrors, Response};
use crate::scalar::Id;
use crate::session::Answer;
use crate::transport::BoxFuture;
use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

/// One call that can be sent: where, what and with which arguments.
pub(crate) struct Call {
    pub(crate) client: Client,
    pub(crate) root: &'static RootField,
    pub(crate) arguments: InputObject,
}

impl Call {
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
        let body = body(self.root, shape, &self.arguments).map_err(|error| {
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

macro_rules! call {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[must_use = "a call does nothing until it is awaited"]
        pub struct $name<T> {
            call: Call,
            output: PhantomData<fn() -> T>,
        }

        impl<T> $name<T> {
            /// A call of a root field. Generated code calls this.
            #[doc(hidden)]
            pub fn new(client: &Client, root: &'static RootField) -> Self {
                let call = Call { client: client.clone(), root, arguments: InputObject::new() };
                Self { call, output: PhantomData }
            }

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

        impl<T: Field + Send + 'static> IntoFuture for $name<T> {
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

impl<T: Field> Query<T> {
    /// Sends the query.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of mutations and pages.
    pub async fn send(self) -> Result<T> {
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut value = T::vacant();
        Response::of_root_field(&answer, self.call.root.name, &mut value)?.whole()?;
        Ok(value)
    }

    /// Sends the query and returns data also when the server reports errors beside it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without
    /// [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut value = T::vacant();
        Response::of_root_field(&answer, self.call.root.name, &mut value)?.partial(value)
    }
}

impl<T: Field> Mutation<T> {
    /// Sends the mutation.
    ///
    /// # Errors
    /// [`ErrorKind::Payload`] with all messages and paths when the server refused the change;
    /// otherwise all [kinds](crate::ErrorKind) except those of pages.
    pub async fn send(self) -> Result<T> {
        let root = self.call.root;
        let answer = self.call.answer(root.shape()).await?;
        let mut payload = T::vacant();
        PayloadErrors::refuse(&answer, root.name, &mut payload)?;
        Ok(payload)
    }

    /// Sends the mutation and returns its payload also when it, or the server, reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and [`ErrorKind::GraphQl`].
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let root = self.call.root;
        let answer = self.call.answer(root.shape()).await?;
        let mut payload = T::vacant();
        let (response, mut reported) = PayloadErrors::read(&answer, root.name, &mut payload)?;
        let mut partial = response.partial(payload)?;
        partial.errors.append(&mut reported.errors);
        Ok(partial)
    }
}

/// A query for one record by its id. Costs one request.
#[must_use = "a call does nothing until it is awaited"]
pub struct NodeQuery<T> {
    client: Client,
    id: Id,
    output: PhantomData<fn() -> T>,
}

impl Client {
    /// The record with this id, if there is one.
    pub fn node<T: Node>(&self, id: impl Into<Id>) -> NodeQuery<T> {
        NodeQuery { client: self.clone(), id: id.into(), output: PhantomData }
    }

    /// The record that a reference names, if it still exists.
    pub fn get<T: Node>(&self, reference: &Ref<T>) -> NodeQuery<T> {
        self.node(reference.id().clone())
    }
}

/// The root field that every type is fetched through, with the type's own selection.
trait NodeRoot {
    const ROOT: &'static RootField;
}

impl<T: Node> NodeRoot for T {
    const ROOT: &'static RootField = &RootField {
        operation: OperationType::Query,
        name: "node",
        arguments: &[("id", "ID!")],
        connection: false,
        selection: Selection::Object(T::TABLE),
    };
}

impl<T: Node> NodeQuery<T> {
    /// Sends the query. `None` when no record has this id.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`] when the id belongs to a record of another type,
    /// [`ErrorKind::Configuration`] when the id is blank; otherwise those of any query.
    pub async fn send(self) -> Result<Option<T>> {
        if self.id.is_blank() {
            return Err(Error::configuration(format!("a blank id names no {}", T::TABLE.name)));
        }
        let id = InputValue::Text(Cow::Owned(self.id.to_string()));
        let arguments = InputObject::new().with("id", id);
        let call = Call { client: self.client, root: T::ROOT, arguments };
        let answer = call.answer(Shape::Node).await?;
        let mut record = T::vacant();
        let (response, found) = Found::read(&answer, T::ROOT.name, T::TABLE, &mut record)?;
        let request_id = response.whole()?;
        match found {
            Found::Nothing => Ok(None),
            Found::Record => Ok(Some(record)),
            Found::Other(name) => {
                let message = format!("{} is the id of a {name}, not of a {}", self.id, T::TABLE.name);
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

impl<T: Node> IntoFuture for NodeQuery<T> {
    type Output = Result<Option<T>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
