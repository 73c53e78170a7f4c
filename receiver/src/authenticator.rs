//! Authentication of deliveries, before anything is stored.

use crate::inbox::RawDelivery;
use crate::rejection::Rejection;
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};

/// Decides which requests are deliveries of Xurrent.
///
/// The authenticator also decides about `webhook.verify`, the handshake of a new webhook: it confirms
/// the handshake and returns [`Authenticated::Handshake`], or lets it pass like any other delivery.
pub trait Authenticator: Send + Sync + 'static {
    /// Authenticates one delivery. `uri` has at least a path and a query.
    ///
    /// The future is dropped when the sender disconnects or the deadline passes.
    ///
    /// # Errors
    ///
    /// [`Rejection`], whose reason is logged and never sent to the sender.
    fn authenticate<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Authenticated, Rejection>>;
}

/// An authenticated request.
pub enum Authenticated {
    /// A delivery, to be stored before the response is sent.
    Delivery(RawDelivery),
    /// A delivery with a credential that is accepted once. If the delivery is not stored, the future
    /// runs and makes the credential valid again for the sender's next attempt.
    OneTime(RawDelivery, BoxFuture<'static, ()>),
    /// A handshake that the authenticator confirmed. Nothing is stored.
    Handshake,
}
