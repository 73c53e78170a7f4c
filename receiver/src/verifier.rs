//! The check of signatures: a verifier of the SDK.

use crate::authenticator::{Accepted, Check, Checked, Refused};
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, Uri};
use std::time::Duration;
use xurrent_webhook::{Reason, Received, ReplayStore, StoreError, Verifier};

/// Verifies signatures and whatever else the verifier demands, and answers handshakes.
///
/// Give the verifier [`TokensInInbox`] as its replay store. With another one, a delivery whose answer
/// was lost is refused when it comes again with the same token.
impl Check for Verifier {
    fn check<'a>(
        &'a self,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Checked, Refused>> {
        Box::pin(async move {
            let delivery = match self.receive(uri, headers, &body).await.map_err(|refused| said(&refused))? {
                Received::Delivery(delivery) => delivery,
                Received::Confirmed(_) => return Ok(Checked::Answered),
            };
            let proven = Bytes::copy_from_slice(delivery.raw().as_text().as_bytes());
            let mut accepted = Accepted::read(headers, proven)?;
            accepted.token = delivery.token_id().map(str::to_owned);
            let verifier = self.clone();
            let release = async move {
                if let Err(refused) = verifier.release(&delivery).await {
                    tracing::warn!(reason = %refused.reason(), "a token that was not kept stays used");
                }
            };
            Ok(Checked::Once(accepted, Box::pin(release)))
        })
    }
}

/// The words that metrics count by, and the reason for the log.
fn said(refused: &xurrent_webhook::Refused) -> Refused {
    let word = match refused.reason() {
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
    Refused::new(word, refused.reason().to_string())
}

/// The replay store for the verifier of a [`Receiver`](crate::Receiver): it leaves tokens to the inbox,
/// which knows them durably and on all machines that share it. What comes again with the same token
/// is answered with 200 and not stored again.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokensInInbox;

impl ReplayStore for TokensInInbox {
    fn first_use<'a>(&'a self, _: &'a str, _: Duration) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async { Ok(true) })
    }

    fn forget<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}
