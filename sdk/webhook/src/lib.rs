//! Verification and typed deliveries of Xurrent's webhooks. Start with [`Verifier`]: it turns the headers
//! and the body of a request into a [`Delivery`].
//!
//! ```
//! # async fn example(headers: http::HeaderMap, body: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
//! use xurrent_webhook::{Event, Verifier};
//!
//! let verifier = Verifier::builder().account_url("https://wdc.xurrent.com").build()?;
//! let delivery = verifier.verify(&headers, &body).await?;
//! if delivery.event == Event::RequestNoteAdded {
//!     println!("a note was added to request {}", delivery.object_id);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It works with any web framework that gives you the headers as an [`http::HeaderMap`] and the body as
//! bytes, unchanged. You need not read more of a body than [`MAX_BODY`], or
//! [`max_body_size`](VerifierBuilder::max_body_size) if you set it, and one more byte.
//!
//! # Respond at once
//!
//! Xurrent waits ten seconds for a response, retries a delivery without a status of success, drops it after
//! several failures, and disables a webhook after 20 failures in a row over more than a week. So verify,
//! store, respond, and process later. If storing fails, call [`Verifier::release`] before you respond with
//! an error. Otherwise a retry with the same token is refused as a replay.
//!
//! # What is checked
//!
//! In this order: the size of the body, the secrets of the endpoint, the form of the token, its algorithm,
//! its issuer, its times and its audience; then the key, the signature, the delivery in the token, and that
//! the token is used for the first time. No key is fetched before all checks that need none.
//! [`VerifierBuilder`] has the settings and their defaults.
//!
//! # Handshake
//!
//! A new webhook first sends `webhook.verify`. [`Verifier::receive`] verifies and answers it, and returns
//! all other events. [`Verifier::verify`] returns it like any other event, so that you can inspect it
//! before you call [`Verifier::confirm`].
//!
//! # Several routes
//!
//! A verifier is cheap to clone and can serve several routes. A route with its own policy needs its own
//! verifier. Give both the same [`replay_store`](VerifierBuilder::replay_store) if a token must not be
//! accepted by both.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod builder;
mod claims;
mod decode_macro;
mod delivery;
mod discovery;
mod endpoint_secrets;
mod error;
mod handshake;
mod http_get;
mod issuer;
mod key_cache;
mod links;
mod payload;
mod public_address;
mod refused;
mod replay;
mod token;
mod unknown_issuers;
mod verifier;

#[cfg(feature = "test")]
pub mod test;

pub use algorithm::Algorithm;
pub use builder::VerifierBuilder;
pub use claims::MAX_TOKEN_ID;
pub use delivery::{Delivery, Message, Payload};
pub use error::{Error, Result};
/// The future that a [`ReplayStore`] returns.
pub use futures_core::future::BoxFuture;
pub use handshake::Received;
pub use key_cache::KEY_LIFETIME;
pub use links::Links;
pub use payload::{
    AccountRef, ChargeType, CommonPayload, OutOfOfficePeriodPayload, RecordRef, TimeEntryPayload,
    VerifyPayload,
};
pub use refused::{Reason, Refused};
pub use replay::{MemoryReplayStore, ReplayStore, StoreError};
/// A redacted string, from the crate `secrecy`.
pub use secrecy::SecretString;
pub use token::{DEFAULT_MAX_TOKEN, MAX_BODY};
pub use verifier::Verifier;
pub use xurrent_values::link::Link;
pub use xurrent_values::{DecodeError, DecodeErrorKind, PathSegment};
#[doc(inline)]
pub use xurrent_webhook_events::WebhookEvent as Event;
