//! Queries and mutations of one root field that is not a connection.

use crate::call::{Call, impl_call};
use crate::client::ClientCore;
use crate::decode::{DecodeError, DecodeErrorKind, Field, Read, Selection, read_field};
use crate::document::RootField;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, InputValue};
use crate::response::http::HttpResponse;
use crate::response::{GraphQlResponse, Partial, PayloadErrors, ReadValue};
use crate::select::{Fetch, Object, PayloadRecord, Select, Selectable};
use crate::transport::BoxFuture;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

macro_rules! root_field_call {
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

        // What a program calls is never inlined into its functions: they would take longer to compile.
        impl<T> $name<T> {
            /// Sets a required argument. Generated code calls this.
            #[doc(hidden)]
            #[inline(never)]
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

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self { call: self.call.clone(), read: self.read }
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.call.fmt(f)
            }
        }

        impl_call!($name<T>: T, call.client);
    };
}

root_field_call! {
    /// A query of a root field that is not a connection. Costs one request.
    Query
}

root_field_call! {
    /// A mutation. Costs one request, which is retried only if it was certainly not executed.
    Mutation
}

// Outside of the macro, since messages of the compiler about a wrong selection show these lines.
impl<T> Query<T> {
    /// Requests the fields that `S` selects, in place of all leaf fields. `Option` and `Vec` stay around it: the
    /// query of a `Vec<Person>` becomes that of a `Vec<S>`.
    pub fn select<S: Select<T::On>>(self) -> Query<T::With<S>>
    where
        T: Selectable,
    {
        Query { call: self.call.select(*unwrapped::<T::On, S>(), S::NODES), read: T::read::<S> }
    }
}

impl<T> Mutation<T> {
    /// Requests the fields that `S` selects, in place of all leaf fields. `Option` and `Vec` stay around it. The
    /// errors of a payload are always requested.
    pub fn select<S: Select<T::On>>(self) -> Mutation<T::With<S>>
    where
        T: Selectable,
    {
        let selection = self.call.selection.replaced(unwrapped::<T::On, S>());
        Mutation { call: self.call.select(selection, S::NODES), read: T::read::<S> }
    }
}

/// A selection, which has no `Option` and no `Vec` around it.
pub(crate) fn unwrapped<On, S: Select<On>>() -> &'static Selection {
    const { assert!(S::WRAPPERS == 0, "select the object itself, without `Option` or `Vec` around it") };
    const { assert!(S::FITS, "the object has no id of this type, which a `Ref` needs") };
    &S::SELECTION
}

impl<T> Query<T> {
    /// Sends the query.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of mutations and pages.
    pub async fn send(self) -> Result<T> {
        let response = self.call.send(self.call.root.shape()).await?;
        let (read, value) = self.read(&response)?;
        read.into_request_id()?;
        found(value, self.call.root.name)
    }

    /// Sends the query and returns data even if the server reports errors beside it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::GraphQl`].
    pub async fn allow_partial(mut self) -> Result<Partial<T>> {
        self.call.partial = true;
        let response = self.call.send(self.call.root.shape()).await?;
        let (read, value) = self.read(&response)?;
        read.into_partial(value)
    }

    fn read(&self, response: &HttpResponse) -> Result<(GraphQlResponse, Option<T>)> {
        let mut value = None;
        let read = GraphQlResponse::read_root(response, self.call.root.name, &mut |decoder| {
            value = Some((self.read)(decoder)?);
            Ok(())
        })?;
        Ok((read, value))
    }
}

impl<P: Object> Mutation<P> {
    /// Returns the record of the payload in place of the payload: `T` is a record, or a selection on one.
    /// Requests nothing else of the payload but its errors. A record that is null without errors is an error
    /// of kind [`ErrorKind::Decode`].
    ///
    /// It does not compile if the payload has no field of this type, or several.
    pub fn record<T: Fetch>(self) -> Mutation<T> {
        let selection = self.call.selection.replaced(&<T as PayloadRecord<P>>::RECORD);
        let call = self.call.select(selection, T::NODES);
        Mutation { call, read: <T as PayloadRecord<P>>::read }
    }
}

impl<T> Mutation<T> {
    /// Sends the mutation.
    ///
    /// # Errors
    /// [`ErrorKind::Payload`] with all messages and paths if the server refused the change; otherwise all
    /// [kinds](crate::ErrorKind) except those of pages.
    pub fn send(self) -> impl Future<Output = Result<T>> {
        Sending { request: Request::new(self.call), read: self.read }
    }

    /// Sends the mutation and returns its payload even if it, or the server, reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`] and [`ErrorKind::GraphQl`].
    pub async fn allow_partial(mut self) -> Result<Partial<T>> {
        self.call.partial = true;
        let response = self.call.send(self.call.root.shape()).await?;
        let (read, reported, payload) = self.read(&response)?;
        reported.into_partial(read, payload)
    }

    fn read(&self, response: &HttpResponse) -> Result<ReadMutation<T>> {
        let (name, is_payload) = (self.call.root.name, self.call.selection.is_payload());
        let mut payload = None;
        let (read, reported) = PayloadErrors::read(response, name, is_payload, &mut |decoder| {
            payload = Some((self.read)(decoder)?);
            Ok(())
        })?;
        Ok((read, reported, payload))
    }
}

/// A future of a mutation's result. Written without `async`, so that less code is compiled for each payload type.
struct Sending<T> {
    request: Request,
    read: Read<T>,
}

/// The request of a mutation, whatever the type of its result.
struct Request {
    response: BoxFuture<'static, Result<HttpResponse>>,
    root: &'static str,
    is_payload: bool,
}

impl Request {
    fn new(call: Call) -> Self {
        let (root, is_payload) = (call.root.name, call.selection.is_payload());
        let response = Box::pin(async move { call.send(call.root.shape()).await });
        Self { response, root, is_payload }
    }

    /// Polls for the response, and reads it. Returns the request id.
    fn poll(&mut self, context: &mut Context<'_>, value: ReadValue<'_>) -> Poll<Result<Option<String>>> {
        let response = ready!(self.response.as_mut().poll(context))?;
        let (read, reported) = PayloadErrors::read(&response, self.root, self.is_payload, value)?;
        Poll::Ready(reported.check(read, self.root))
    }
}

impl<T> Future for Sending<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { request, read } = &mut *self;
        let mut payload = None;
        let request_id = ready!(request.poll(context, &mut |decoder| {
            payload = Some(read(decoder)?);
            Ok(())
        }))?;
        Poll::Ready(returned(payload, request.root, request_id))
    }
}

/// The response to a mutation, the errors in its payloads, and its data.
pub(crate) type ReadMutation<T> = (GraphQlResponse, PayloadErrors, Option<T>);

/// The result of a mutation. It is null without errors only if the server breaks off.
#[inline]
pub(crate) fn returned<T>(value: Option<T>, root: &str, request_id: Option<String>) -> Result<T> {
    match value {
        Some(value) => Ok(value),
        None => Err(unknown(root, request_id)),
    }
}

fn unknown(root: &str, request_id: Option<String>) -> Error {
    let message = format!(
        "the server answered `{root}` with null and without errors: whether it was executed is not known; look \
         before you send it again"
    );
    Error::new(ErrorKind::Decode, message).with_request_id(request_id.as_deref())
}

/// The decoded value of a root field. The response was checked to have it.
pub(crate) fn found<T>(value: Option<T>, root: &str) -> Result<T> {
    let missing = || DecodeError::new(DecodeErrorKind::Missing).at_plain_key(root);
    value.ok_or_else(|| Error::decode(root, missing()))
}
