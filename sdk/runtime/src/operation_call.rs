//! Whole operations: several root fields in one request, declared as a selection on the root type.

use crate::client::ClientCore;
use crate::decode::{Read, Selection};
use crate::document::{OperationType, body, whole};
use crate::error::{Error, Result};
use crate::input::{InputObject, Wire};
use crate::operation::found;
use crate::remaining_pages::{Plan, send_all};
use crate::response::http::HttpResponse;
use crate::response::{GraphQlResponse, Partial, PayloadErrors};
use crate::retry::RetryPolicy;
use crate::select::{Operation, Select, root};
use crate::transport::BoxFuture;
use std::fmt;
use std::future::IntoFuture;

/// An operation of the user's own. Costs one request, which for a mutation is sent again only when it
/// was certainly not executed.
#[must_use = "a call does nothing until it is awaited"]
pub struct OperationCall<T> {
    client: ClientCore,
    operation: OperationType,
    name: &'static str,
    document: String,
    plan: Plan,
    variables: InputObject,
    selection: Selection,
    read: Read<T>,
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
        let document = whole(operation, T::NAME, T::DECLARATIONS, selection);
        let variables = T::variables(variables);
        let plan = Plan::of(selection);
        let client = client.clone();
        Self { client, operation, name: T::NAME, document, plan, variables, selection, read }
    }
}

impl<T> OperationCall<T> {
    /// When this call is sent again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// Sends the operation.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of pages.
    /// [`ErrorKind::Payload`](crate::ErrorKind::Payload) when the server refused at least one of
    /// several changes: each message's path begins with the field, and what the others did is kept
    /// on the error.
    pub async fn send(self) -> Result<T> {
        let answer = self.answer(false).await?;
        let mut data = None;
        let (response, reported) = self.read(&answer, &mut data)?;
        reported.check(response, self.name)?;
        found(data, self.name)
    }

    /// Sends the operation and returns its data also when the server, or the payload of a
    /// mutation, reports errors.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::Payload`](crate::ErrorKind::Payload)
    /// and [`ErrorKind::GraphQl`](crate::ErrorKind::GraphQl).
    pub async fn allow_partial(self) -> Result<Partial<T>> {
        let answer = self.answer(true).await?;
        let mut data = None;
        let (response, reported) = self.read(&answer, &mut data)?;
        reported.into_partial(response, data)
    }

    fn answer(&self, partial: bool) -> BoxFuture<'_, Result<HttpResponse>> {
        let body = body(self.name, &self.document, Wire(&self.variables));
        Box::pin(async move {
            let body = body.map_err(|error| {
                Error::configuration(format!("the variables of `{}` cannot be sent", self.name))
                    .with_source(error)
            })?;
            send_all(&self.client, self.name, self.operation, body, &self.plan, partial).await
        })
    }

    fn read(&self, answer: &HttpResponse, data: &mut Option<T>) -> Result<(GraphQlResponse, PayloadErrors)> {
        let mut reported = PayloadErrors::default();
        let mutation = self.operation == OperationType::Mutation;
        let response = GraphQlResponse::read(answer, self.name, &mut |decoder| {
            if mutation {
                reported.read_operation(decoder, &self.selection, &answer.secrets)?;
            }
            *data = Some((self.read)(decoder)?);
            Ok(())
        })?;
        Ok((response, reported))
    }
}

impl<T> fmt::Debug for OperationCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.document, self.variables)
    }
}

impl<T: Send + 'static> IntoFuture for OperationCall<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
