//! Calls of root fields that answer with one value: plain queries, single records, mutations.

use crate::client::ClientCore;
use crate::decode::{DecodeError, DecodeErrorKind, Field, Read, Selection, read_field};
use crate::document::{RootField, Shape, body, document};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, InputObject, InputValue, Wire};
use crate::remaining_pages::{Plan, send_all};
use crate::response::http::HttpResponse;
use crate::response::{GraphQlResponse, Partial, PayloadErrors};
use crate::retry::RetryPolicy;
use crate::select::{Object, Select};
use crate::transport::BoxFuture;
use std::fmt;
use std::future::IntoFuture;

/// One call that can be sent: where, what and with which arguments.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) client: ClientCore,
    pub(crate) root: &'static RootField,
    /// What is selected in place of the root field's default.
    pub(crate) selection: Selection,
    /// How many nodes are asked for with one record.
    pub(crate) nodes: u64,
    pub(crate) arguments: InputObject,
    /// Whether data is wanted also beside errors.
    pub(crate) partial: bool,
}

/// A call as a part of a batch.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) call: Call,
    pub(crate) shape: Shape,
    /// How many nodes are asked for in all.
    pub(crate) nodes: u64,
}

impl Call {
    pub(crate) fn new(client: &ClientCore, root: &'static RootField) -> Self {
        Self {
            client: client.clone(),
            root,
            selection: root.selection,
            nodes: 1,
            arguments: InputObject::new(),
            partial: false,
        }
    }

    fn selecting(mut self, selection: Selection, nodes: u64) -> Self {
        (self.selection, self.nodes) = (selection, nodes);
        self
    }

    /// Takes over all arguments that are set.
    pub(crate) fn set_all(&mut self, arguments: &impl Input) {
        for (name, value) in arguments.as_object().iter() {
            self.arguments.set(name, value.clone());
        }
    }

    /// Sends the request and waits for the answer. In a box, so that what is awaited inside is
    /// compiled with this crate and not with everyone that uses it.
    pub(crate) fn answer(&self, shape: Shape) -> BoxFuture<'_, Result<HttpResponse>> {
        Box::pin(self.send(shape))
    }

    async fn send(&self, shape: Shape) -> Result<HttpResponse> {
        let given = |name: &str| self.arguments.get(name).is_some();
        let document = document(self.root, self.selection, shape, given);
        let body = body(self.root.name, &document, Wire(&self.arguments)).map_err(|error| {
            Error::configuration(format!("the arguments of `{}` cannot be sent", self.root.name))
                .with_source(error)
        })?;
        let plan = Plan::of_call(self.root.name, self.selection, shape);
        send_all(&self.client, self.root.name, self.root.operation, body, &plan, self.partial).await
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
            pub(crate) call: Call,
            pub(crate) read: Read<T>,
        }

        impl<T: Field> $name<T> {
            /// A call of a root field. Generated code calls this.
            #[doc(hidden)]
            pub fn new(client: &ClientCore, root: &'static RootField) -> Self {
                Self { call: Call::new(client, root), read: read_field }
            }
        }

        impl<T> $name<T> {
            /// When this call is sent again, in place of the client's policy.
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.call.client.retry = policy;
                self
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
    /// A mutation. Costs one request, which is sent again only when it was certainly not executed.
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
        self.read(&answer, &mut value)?.into_request_id()?;
        found(value, self.call.root.name)
    }

    /// Sends the query and returns data also when the server reports errors beside it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without
    /// [`ErrorKind::GraphQl`].
    pub async fn allow_partial(mut self) -> Result<Partial<T>> {
        self.call.partial = true;
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut value = None;
        self.read(&answer, &mut value)?.into_partial(value)
    }

    fn read(&self, answer: &HttpResponse, value: &mut Option<T>) -> Result<GraphQlResponse> {
        GraphQlResponse::read_root(answer, self.call.root.name, &mut |decoder| {
            *value = Some((self.read)(decoder)?);
            Ok(())
        })
    }
}

impl<T> Mutation<Option<T>> {
    /// Asks for what `S` selects of what is returned, in place of all leaf fields.
    pub fn select<S: Select<T>>(self) -> Mutation<Option<S>> {
        Mutation { call: self.call.selecting(S::SELECTION, S::NODES), read: <Option<S> as Select<T>>::read }
    }
}

impl<T: Object> Mutation<T> {
    /// Asks for what `S` selects of the payload, in place of all leaf fields. The payload's errors
    /// are asked for whatever `S` is.
    pub fn select<S: Select<T>>(self) -> Mutation<S> {
        let selection = match self.call.selection {
            Selection::Payload(_) => Selection::Payload(&S::SELECTION),
            _ => S::SELECTION,
        };
        Mutation { call: self.call.selecting(selection, S::NODES), read: S::read }
    }
}

impl<T> Mutation<T> {
    /// Sends the mutation.
    ///
    /// # Errors
    /// [`ErrorKind::Payload`] with all messages and paths when the server
    /// refused the change; otherwise all [kinds](crate::ErrorKind) except those of pages.
    pub async fn send(self) -> Result<T> {
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut payload = None;
        let (response, reported) = self.read(&answer, &mut payload)?;
        reported.check(response, self.call.root.name)?;
        let id = answer.request_id.as_deref();
        returned(payload, self.call.root.name).map_err(|error| error.with_request_id(id))
    }

    /// Sends the mutation and returns its payload also when it, or the server, reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and
    /// [`ErrorKind::GraphQl`].
    pub async fn allow_partial(mut self) -> Result<Partial<T>> {
        self.call.partial = true;
        let answer = self.call.answer(self.call.root.shape()).await?;
        let mut payload = None;
        let (response, reported) = self.read(&answer, &mut payload)?;
        reported.into_partial(response, payload)
    }

    fn read(
        &self,
        answer: &HttpResponse,
        payload: &mut Option<T>,
    ) -> Result<(GraphQlResponse, PayloadErrors)> {
        let is_payload = self.call.selection.is_payload();
        PayloadErrors::read(answer, self.call.root.name, is_payload, &mut |decoder| {
            *payload = Some((self.read)(decoder)?);
            Ok(())
        })
    }
}

/// What a mutation returned: a payload is null only where the server breaks off without an error.
pub(crate) fn returned<T>(value: Option<T>, root: &str) -> Result<T> {
    let unknown = || {
        let message = format!(
            "the server answered `{root}` with null and without errors: whether it was executed is not \
             known; look before you send it again"
        );
        Error::new(ErrorKind::Decode, message)
    };
    value.ok_or_else(unknown)
}

/// A value that was read: the answer was checked to have it.
pub(crate) fn found<T>(value: Option<T>, root: &str) -> Result<T> {
    let missing = || DecodeError::new(DecodeErrorKind::Missing).at_plain_key(root);
    value.ok_or_else(|| Error::decode(root, missing()))
}
