//! Raw documents: as text, and of the crate `graphql_client`.

use crate::call::impl_call;
use crate::client::ClientCore;
use crate::decode::Field;
use crate::document::OperationType;
use crate::error::{Error, Result};
use crate::outdated::Origin;
use crate::response::{GraphQlResponse, Partial};
use crate::retry::is_read_only;
use crate::scalar::Json;
use crate::secrets::Secrets;
use crate::send;
use crate::transport::BoxFuture;
#[cfg(feature = "graphql-client")]
use graphql_client::{GraphQLQuery, QueryBody};
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// A raw document. Costs one request. Unless all its operations are queries, it is retried only if it was
/// certainly not executed.
#[derive(Clone)]
#[must_use = "a call does nothing until it is awaited"]
pub struct RawQuery {
    client: ClientCore,
    body: std::result::Result<Body, Arc<serde_json::Error>>,
}

#[derive(Clone, Serialize)]
struct Body {
    #[serde(rename = "operationName", skip_serializing_if = "Option::is_none")]
    operation_name: Option<String>,
    query: String,
    variables: Box<RawValue>,
}

impl RawQuery {
    /// A document with its variables. Clients call this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, document: impl Into<String>, variables: impl Serialize) -> Self {
        let body = serde_json::value::to_raw_value(&variables).map(|variables| Body {
            operation_name: None,
            query: document.into(),
            variables,
        });
        Self { client: client.clone(), body: body.map_err(Arc::new) }
    }

    /// Sends an operation of the crate `graphql_client`. Clients call this.
    #[cfg(feature = "graphql-client")]
    #[doc(hidden)]
    pub async fn execute<Q: GraphQLQuery>(
        client: &ClientCore,
        variables: Q::Variables,
    ) -> Result<Q::ResponseData> {
        let QueryBody { variables, query, operation_name } = Q::build_query(variables);
        let call = Self::new(client, query, variables).operation_name(operation_name);
        let (response, data, secrets) = call.response().await?;
        let request_id = response.into_request_id()?;
        data.parse().map_err(|error: serde_json::Error| {
            // Without a source, which could contain secrets.
            let reason = secrets.quote(error.to_string(), crate::quote::BRIEF);
            let message = format!("the response to `{operation_name}` does not fit its type: {reason}");
            Error::new(crate::ErrorKind::Decode, message).with_request_id(request_id.as_deref())
        })
    }

    /// Selects the operation to execute, if the document has several.
    pub fn operation_name(mut self, name: impl Into<String>) -> Self {
        if let Ok(body) = &mut self.body {
            body.operation_name = Some(name.into());
        }
        self
    }

    /// Sends the document and returns the data.
    ///
    /// # Errors
    /// All [kinds](crate::ErrorKind) except those of payloads and pages: a payload's errors are part of
    /// the data.
    pub async fn send(self) -> Result<Json> {
        let (response, data, _) = self.response().await?;
        response.into_request_id().map(|_| data)
    }

    /// Sends the document and returns data even if the server reports errors beside it.
    ///
    /// # Errors
    /// Those of [`send`](Self::send), without [`ErrorKind::GraphQl`](crate::ErrorKind::GraphQl).
    pub async fn allow_partial(self) -> Result<Partial<Json>> {
        let (response, data, _) = self.response().await?;
        response.into_partial(Some(data))
    }

    fn response(self) -> BoxFuture<'static, Result<(GraphQlResponse, Json, Secrets)>> {
        let RawQuery { client, body } = self;
        Box::pin(async move {
            let invalid =
                |error| Error::configuration("the variables cannot be serialized").with_reason(error);
            let body = body.map_err(invalid)?;
            let operation = body.operation_name.as_deref().unwrap_or("the document").to_owned();
            let bytes = serde_json::to_vec(&body).map_err(|error| invalid(Arc::new(error)))?;
            // Anything but a query may change data.
            let query = is_read_only(&body.query);
            let kind = if query { OperationType::Query } else { OperationType::Mutation };
            let response = send::graphql(&client, &operation, kind, bytes, Origin::Unknown).await?;
            let mut data = Json::placeholder();
            let read = GraphQlResponse::read(&response, &operation, &mut |decoder| data.decode(decoder))?;
            Ok((read, data, response.secrets))
        })
    }
}

impl fmt::Debug for RawQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Ok(body) => f.write_str(&body.query),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl_call!(RawQuery: Json, client);
