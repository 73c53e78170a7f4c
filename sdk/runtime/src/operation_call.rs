//! Calls of whole operations: several root fields in one request, derived with `#[select(on = Query)]`.

use crate::call::impl_call;
use crate::client::ClientCore;
use crate::decode::{Read, Selection};
use crate::document::{OperationType, body, whole};
use crate::error::{Error, Result};
use crate::input::{InputObject, Wire};
use crate::operation::{ReadMutation, found};
use crate::outdated::Origin;
use crate::remaining_pages::{Plan, send_all};
use crate::response::http::HttpResponse;
use crate::response::{GraphQlResponse, Partial, PayloadErrors};
use crate::select::{Operation, Select, root};
use crate::transport::BoxFuture;
use std::fmt;

/// A call of a derived operation. Costs one request. A mutation is retried only if it was certainly not
/// executed.
#[must_use = "a call does nothing until it is awaited"]
pub struct OperationCall<T> {
    pub(crate) client: ClientCore,
    operation: OperationType,
    name: &'static str,
    document: String,
    plan: Plan,
    variables: InputObject,
    selection: Selection,
    read: Read<T>,
}

impl<T> Clone for OperationCall<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            operation: self.operation,
            name: self.name,
            document: self.document.clone(),
            plan: self.plan.clone(),
            variables: self.variables.clone(),
            selection: self.selection,
            read: self.read,
        }
    }
}

impl<T: Operation> OperationCall<T> {
    /// A query that selects `T`. Clients call this.
    #[doc(hidden)]
    pub fn query(client: &ClientCore, variables: T::Variables) -> Self
    where
        T: Select<root::Query>,
    {
        Self::new(client, OperationType::Query, T::SELECTION, T::read, variables)
    }

    /// A mutation that selects `T`. Clients call this.
    #[doc(hidden)]
    pub fn mutation(client: &ClientCore, variables: T::Variables) -> Self
    where
        T: Select<root::Mutation>,
    {
        Self::new(client, OperationType::Mutation, T::SELECTION, T::read, variables)
    }

    fn new(
        client: &ClientCore,
        operation: OperationType,
        selection: Selection,
        read: Read<T>,
        variables: T::Variables,
    ) -> Self {
        Self {
            client: client.clone(),
            operation,
            name: T::NAME,
            document: whole(operation, T::NAME, T::DECLARATIONS, selection),
            plan: Plan::of(selection),
            variables: T::variables(variables),
            selection,
            read,
        }
    }
}

impl<T> OperationCall<T> {
    /// Sends the operation.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of pages.
    /// [`ErrorKind::Payload`](crate::ErrorKind::Payload) if the server refused at least one of several
    /// changes: the path of each message begins with the field, and
    /// [`partial_data`](Error::partial_data) has the results of the others.
    pub async fn send(self) -> Result<T> {
        let response = self.fetch(false).await?;
        let (read, reported, data) = self.read(&response)?;
        reported.check(read, self.name)?;
        found(data, self.name)
    }

    /// Sends the operation and returns its data even if the server, or the payload of a mutation, reports
    /// errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`](crate::ErrorKind::Payload)
    /// and [`ErrorKind::GraphQl`](crate::ErrorKind::GraphQl).
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let response = self.fetch(true).await?;
        let (read, reported, data) = self.read(&response)?;
        reported.into_partial(read, data)
    }

    fn fetch(&self, partial: bool) -> BoxFuture<'_, Result<HttpResponse>> {
        let body = body(self.name, &self.document, Wire(&self.variables));
        Box::pin(async move {
            let body = body.map_err(|error| {
                let message = format!("the variables of `{}` cannot be serialized", self.name);
                Error::configuration(message).with_reason(error)
            })?;
            let origin = Origin::Operation(self.selection);
            send_all(&self.client, self.name, self.operation, (body, origin), &self.plan, partial).await
        })
    }

    fn read(&self, response: &HttpResponse) -> Result<ReadMutation<T>> {
        let (mut reported, mut data) = (PayloadErrors::default(), None);
        let read = GraphQlResponse::read(response, self.name, &mut |decoder| {
            if self.operation == OperationType::Mutation {
                reported.read_operation(decoder, &self.selection, &response.secrets)?;
            }
            data = Some((self.read)(decoder)?);
            Ok(())
        })?;
        Ok((read, reported, data))
    }
}

impl<T> fmt::Debug for OperationCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.document, self.variables)
    }
}

impl_call!(OperationCall<T>: T, client);
