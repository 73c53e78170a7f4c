//! Authentication of deliveries, before anything is stored.

use crate::inbox::{RawDelivery, Rejection};
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use std::time::Duration;
use xurrent_webhook::{Reason, Received, Refused, ReplayStore, StoreError, Verifier};

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

/// Verifies signatures and everything else that the verifier is configured for, and confirms
/// handshakes.
///
/// Configure the verifier with [`InboxReplayProtection`]. With another replay store, a repeated delivery
/// with the same token is rejected, even when only the response to the first one was lost.
impl Authenticator for Verifier {
    fn authenticate<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Authenticated, Rejection>> {
        Box::pin(async move {
            let received = self.receive(uri, headers, &body).await;
            received.map(|received| authenticated(self, received, headers)).map_err(rejection)
        })
    }
}

/// Verifiers of several accounts, each with its own issuer or key. A delivery is accepted by the first
/// that trusts its issuer, and so is a handshake.
///
/// ```
/// # use xurrent_receiver::{InboxReplayProtection, webhook::{Error, Verifier}};
/// fn verifiers(accounts: &[String]) -> Result<Vec<Verifier>, Error> {
///     let verifier = |url| Verifier::builder().account_url(url).replay_store(InboxReplayProtection).build();
///     accounts.iter().map(verifier).collect()
/// }
/// ```
impl Authenticator for Vec<Verifier> {
    fn authenticate<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Authenticated, Rejection>> {
        Box::pin(async move {
            let mut rejected = Rejection::new("token", "no verifier is configured");
            for verifier in self {
                match verifier.receive(uri, headers, &body).await {
                    Ok(received) => return Ok(authenticated(verifier, received, headers)),
                    Err(refused) => {
                        // Checked before any key is fetched.
                        let is_other =
                            matches!(refused.reason(), Reason::Issuer { .. } | Reason::OtherAlgorithm { .. });
                        rejected = rejection(refused);
                        if !is_other {
                            break;
                        }
                    }
                }
            }
            Err(rejected)
        })
    }
}

fn authenticated(verifier: &Verifier, received: Received, headers: &HeaderMap) -> Authenticated {
    let Received::Delivery(delivery) = received else { return Authenticated::Handshake };
    let signed = Bytes::copy_from_slice(delivery.raw().as_text().as_bytes());
    let raw = RawDelivery::from_delivery(&delivery, headers, signed);
    let verifier = verifier.clone();
    let release = async move {
        if let Err(refused) = verifier.release(&delivery).await {
            tracing::warn!(reason = %refused.reason(), "could not release the token of a delivery");
        }
    };
    Authenticated::OneTime(raw, Box::pin(release))
}

fn rejection(refused: Refused) -> Rejection {
    let reason = refused.reason();
    let label = match reason {
        Reason::BodyTooLarge { .. } | Reason::Body(_) | Reason::NoText | Reason::Delivery(_) => "malformed",
        Reason::QueryParameter | Reason::BasicAuthentication => "secret",
        Reason::Unsigned => "unsigned",
        Reason::Signature | Reason::UnknownKey { .. } | Reason::NoKeyId => "signature",
        Reason::Expired { .. } | Reason::NotYetValid { .. } | Reason::TooOld { .. } => "time",
        Reason::Replayed => "replayed",
        Reason::Discovery(_) | Reason::Throttled | Reason::ReplayStore(_) => "unavailable",
        Reason::Callback(_) | Reason::CallbackFailed { .. } => "handshake",
        _ => "token",
    };
    Rejection::new(label, reason.to_string())
}

/// Replay protection by the inbox: the replay store for the verifier of a
/// [`Receiver`](crate::Receiver).
///
/// It accepts every token, and the inbox stores only one delivery per token, durably and for all
/// machines that share it. The response to a repeated token is 200.
#[derive(Debug, Clone, Copy, Default)]
pub struct InboxReplayProtection;

impl ReplayStore for InboxReplayProtection {
    fn first_use<'a>(&'a self, _: &'a str, _: Duration) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async { Ok(true) })
    }

    fn forget<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
