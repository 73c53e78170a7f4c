//! Webhooks: from the headers and the body that were posted to a typed [`Delivery`], verified.
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
//! Nothing here knows a web framework: take the headers as an [`http::HeaderMap`] and the body as
//! bytes, as they came. A body that is larger than [`MAX_BODY`], or what
//! [`max_body_size`](VerifierBuilder::max_body_size) sets, need not be read to its end.
//!
//! # Answer at once
//!
//! Xurrent waits ten seconds for an answer, repeats what was not answered with a status of success,
//! drops it after several failures, and disables a webhook after 20 in a row over more than a week.
//! So verify, store, answer, and work later. When storing fails, call [`Verifier::release`] before you
//! answer with a failure, or the repetition of the same token is refused as a replay.
//!
//! # What is checked
//!
//! In this order, and everything that needs no key before a key is looked for: the size of the body,
//! the secrets of the receiver's own address, the form of the token, its algorithm, its issuer, its
//! times, its audience; then the key, the signature, the delivery in it, and that the token is used
//! for the first time. [`VerifierBuilder`] has the settings and their defaults.
//!
//! # Handshake
//!
//! A new webhook first sends `webhook.verify`. [`Verifier::receive`] answers it, after the
//! verification, and passes on all other events. [`Verifier::verify`] passes it on as well, for
//! those who want to look at it first and then call [`Verifier::confirm`].
//!
//! # Several routes
//!
//! One verifier can serve all routes: it is cheap to clone. A route with a policy of its own has a
//! verifier of its own, which takes nothing from any other; give both the same
//! [`replay_store`](VerifierBuilder::replay_store) if one token must not be good for both.

mod algorithm;
mod body;
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
pub use body::MAX_BODY;
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
/// A text that is never shown, from the crate `secrecy`.
pub use secrecy::SecretString;
pub use token::DEFAULT_MAX_TOKEN;
pub use verifier::Verifier;
pub use xurrent_values::link::Link;
pub use xurrent_values::{DecodeError, DecodeErrorKind, PathSegment};
#[doc(inline)]
pub use xurrent_webhook_events::WebhookEvent as Event;
