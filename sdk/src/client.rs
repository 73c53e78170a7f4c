//! The client: the runtime's, with a function for every root field of the schema on it.

use crate::{Id, NodeQuery, Ref, Result, SecretString};
use xurrent_runtime as rt;

/// A connection to one Xurrent account. Cheap to clone; clones share the connection pool.
///
/// There is a function for every query and every mutation of the schema. None of them sends
/// anything before it is awaited.
#[derive(Clone, Debug)]
pub struct Client(rt::Client);

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder(rt::Client::builder())
    }

    /// The record with this id: a `Person` for `client.node::<Person>(&id)`. Costs one request.
    ///
    /// `None` when no record has this id; an error when it is one of another type.
    pub fn node<T: rt::Node>(&self, id: impl Into<Id>) -> NodeQuery<T> {
        self.0.node(id)
    }

    /// The record that a field of another record names. Costs one request.
    pub fn get<T: rt::Node>(&self, reference: &Ref<T>) -> NodeQuery<T> {
        self.0.get(reference)
    }

    /// What the generated functions call.
    pub(crate) fn runtime(&self) -> &rt::Client {
        &self.0
    }
}

/// Collects the configuration of a [`Client`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder(rt::ClientBuilder);

impl ClientBuilder {
    /// The account to work in: `wdc` for `https://wdc.xurrent.com`.
    pub fn account(self, account: impl Into<String>) -> Self {
        Self(self.0.account(account))
    }

    /// The addresses of the GraphQL endpoint and of the token endpoint, for example
    /// `https://graphql.xurrent.com` and `https://oauth.xurrent.com/token`.
    ///
    /// Plain `http` is accepted for loopback addresses only: a token must not travel in the open.
    /// A personal access token is sent as it is, so with one the token endpoint is never called.
    pub fn endpoints(self, graphql: impl Into<String>, token: impl Into<String>) -> Self {
        Self(self.0.endpoints(graphql, token))
    }

    /// A personal access token. Made in Xurrent under "My profile", with the scopes it may use.
    pub fn personal_access_token(self, token: impl Into<SecretString>) -> Self {
        Self(self.0.personal_access_token(token))
    }

    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when a part is missing or
    /// cannot be used, and says which.
    pub fn build(self) -> Result<Client> {
        self.0.build().map(Client)
    }
}
