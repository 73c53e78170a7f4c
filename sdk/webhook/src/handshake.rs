//! The `webhook.verify` handshake.

use super::Event;
use super::delivery::Delivery;
use super::issuer::address;
use super::payload::VerifyPayload;
use super::refused::{Reason, Refused, cut};
use super::verifier::Verifier;
use http::{HeaderMap, Uri};
use xurrent_values::redact::redact;

/// A received delivery, after handshakes were answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// An event to handle.
    Delivery(Box<Delivery>),
    /// An answered handshake. Respond with status 200; there is nothing else to do.
    Confirmed(Box<Delivery>),
}

impl Verifier {
    /// Verifies a delivery and, if it is a handshake, answers it: one request to the account, with at
    /// most 5 seconds. `uri` is what was posted to, for verifiers that demand a secret in it.
    ///
    /// ```
    /// # use xurrent_webhook::{Received, Refused, Verifier};
    /// async fn receive(verifier: &Verifier, request: http::Request<Vec<u8>>) -> Result<(), Refused> {
    ///     match verifier.receive(request.uri(), request.headers(), request.body()).await? {
    ///         Received::Delivery(delivery) => println!("{} of {}", delivery.event, delivery.object_id),
    ///         Received::Confirmed(_) => {}
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify) and [`confirm`](Self::confirm). A handshake that failed can be
    /// sent again with the same token.
    pub async fn receive(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Received, Refused> {
        let delivery = Box::new(self.verify_at(uri, headers, body).await?);
        if delivery.event != Event::WebhookVerify {
            return Ok(Received::Delivery(delivery));
        }
        match self.confirm(&delivery).await {
            Ok(()) => Ok(Received::Confirmed(delivery)),
            Err(refused) => {
                self.release(&delivery).await?;
                Err(refused)
            }
        }
    }

    /// Answers a handshake: calls its callback, which must be on the account's own host, and expects
    /// status 200. One request; no redirect is followed, no private address connected to.
    ///
    /// # Errors
    /// When the delivery is no `webhook.verify`, when the callback is anywhere else, and when it is
    /// not answered with status 200: then the reason has the status and the beginning of the body.
    pub async fn confirm(&self, delivery: &Delivery) -> Result<(), Refused> {
        let confirmed = self.call_back(delivery).await;
        confirmed.map_err(|reason| {
            tracing::warn!(%reason, webhook = delivery.webhook_id, "webhook handshake failed");
            reason.into()
        })
    }

    async fn call_back(&self, delivery: &Delivery) -> Result<(), Reason> {
        let settings = &*self.0;
        if delivery.event != Event::WebhookVerify {
            return Err(Reason::NoHandshake(cut(delivery.event.as_str())));
        }
        let payload: VerifyPayload =
            delivery.payload().map_err(|_| Reason::Callback("the payload has none"))?;
        let url = address(&payload.callback, settings.loopback).map_err(Reason::Callback)?;
        if url.origin() != settings.home.origin() {
            return Err(Reason::Callback("it is not on the account's host"));
        }
        match settings.cache.fetcher.get(url.clone()).await {
            Ok((200, _)) => Ok(()),
            Ok((status, body)) => {
                // Error pages often repeat the request, and a value of its query is the code of the handshake.
                let values: Vec<_> = url.query_pairs().map(|(_, value)| value).collect();
                let secrets: Vec<&str> =
                    url.query().into_iter().chain(values.iter().map(|value| &**value)).collect();
                let body = String::from_utf8_lossy(&body);
                let why = format!("status {status}: {:?}", cut(&redact(&body, &secrets)));
                Err(Reason::CallbackFailed { status: Some(status), why })
            }
            Err(why) => Err(Reason::CallbackFailed { status: None, why }),
        }
    }
}
