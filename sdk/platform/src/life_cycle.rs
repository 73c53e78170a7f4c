//! Archiving, trashing and restoring records, which GraphQL has no mutation for: the REST interface has.
//!
//! An archived or trashed record is no longer in ordinary views. It is in the view `archive` or `trash` of its
//! connection, an entry of the root connection of that name refers to it, and its `lifeCycleState` says so.
//!
//! The server archives and trashes only records that are no longer in use: a request that is completed, a person who is
//! disabled, a configuration item that is being repaired or removed. It deletes trashed records after some time.
//!
//! A call is never sent twice on doubt, like a mutation: between two attempts, somebody can have restored the record.
//! After an error that is not [`is_not_executed`](xurrent_runtime::Error::is_not_executed), the record's `lifeCycleState`
//! has the answer.
//!
//! Source: <https://developer.xurrent.com/v1/requests/>, and likewise for the other [`LifeCycle`] records.

use crate::rest::{RestCall, RestClient};
use crate::settings::Platform;
use http::Method;
use std::fmt;
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::transport::BoxFuture;
use xurrent_runtime::{ClientCore, Error, Id, Result};

/// A record that the REST interface archives, trashes and restores.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be archived",
    label = "the REST interface does not archive, trash or restore these records"
)]
pub trait LifeCycle {
    /// The name of its collection in a path.
    #[doc(hidden)]
    const PATH: &'static str;
}

/// What a call does with a record.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Archives it.
    Archive,
    /// Trashes it.
    Trash,
    /// Restores it from the archive or the trash.
    Restore,
}

impl Transition {
    /// The name of the call in hooks and traces, and the last segment of its path.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Archive => ("records.archive", "archive"),
            Self::Trash => ("records.trash", "trash"),
            Self::Restore => ("records.restore", "restore"),
        }
    }
}

/// A call that archives, trashes or restores a record. Costs one request. The [module](self) documents when it is
/// retried.
#[must_use = "a call does nothing until it is awaited"]
pub struct LifeCycleCall {
    client: ClientCore,
    operation: &'static str,
    /// An invalid id is an error when it is sent.
    call: Result<RestCall>,
}

impl LifeCycleCall {
    /// The call of a client. Clients call this.
    #[doc(hidden)]
    pub fn new<R: LifeCycle>(client: &ClientCore, platform: &Platform, id: &Id, what: Transition) -> Self {
        let rest = RestClient { core: client.clone(), platform: platform.clone() };
        let (operation, action) = what.names();
        // A path has no place for blank segments and for those that are relative.
        let call = if id.as_str().trim_matches([' ', '.']).is_empty() {
            Err(Error::configuration(format!("invalid id {:?}; expected the id of a record", id.as_str())))
        } else {
            RestCall::new(&rest, operation, Method::POST, [R::PATH, id.as_str(), action].into_iter())
        };
        Self { client: rest.core, operation, call: call.map(|call| RestCall { may_be_empty: true, ..call }) }
    }

    /// Sends the call.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](xurrent_runtime::ErrorKind::Configuration), before anything is sent, for an invalid id
    /// or a missing REST endpoint; [`ErrorKind::Unauthorized`](xurrent_runtime::ErrorKind::Unauthorized) for a token that
    /// is refused or lacks the scope to update the record; [`ErrorKind::Status`](xurrent_runtime::ErrorKind::Status) for
    /// status 404 if there is no such record, and 422 if it is in use or not archived.
    pub async fn send(self) -> Result<()> {
        let sent: BoxFuture<'_, Result<HttpResponse>> = Box::pin(self.call?.send(&self.client));
        sent.await.map(drop)
    }
}

impl fmt::Debug for LifeCycleCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LifeCycleCall").field(&self.operation).finish()
    }
}

xurrent_runtime::impl_call!(LifeCycleCall: (), client);
