//! A durable webhook endpoint for Xurrent.
//!
//! Xurrent waits ten seconds for the response to a delivery, retries a few times, then drops the
//! delivery, and disables a webhook that keeps failing. So a [`Receiver`] only authenticates a delivery,
//! stores it in an [`Inbox`], and responds once it is durable. A [`Worker`] then passes it to your
//! [`Handler`], with retries.
//!
//! ```no_run
//! use std::time::Duration;
//! use xurrent_receiver::inbox::sqlite::SqliteInbox;
//! use xurrent_receiver::webhook::{Event, TimeEntryPayload, Verifier};
//! use xurrent_receiver::{
//!     Failure, Inbox, InboxReplayProtection, QueuedDelivery, Receiver, Server, shutdown_signal,
//! };
//!
//! async fn handle(delivery: QueuedDelivery) -> Result<(), Failure> {
//!     if delivery.event == Event::TimeEntryCreate {
//!         let entry: TimeEntryPayload = delivery.payload()?;         // an error is retried
//!         println!("{} minutes of {:?}", entry.time_spent.unwrap_or_default(), entry.person);
//!     }
//!     Ok(())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // For webhooks with a policy: the verifier discovers the keys and confirms the handshake.
//!     let verifier = Verifier::builder()
//!         .account_url("https://wdc.xurrent.com")
//!         .replay_store(InboxReplayProtection)
//!         .build()?;
//!     let inbox = SqliteInbox::open("inbox.sqlite").await?;
//!     let receiver = Receiver::builder(verifier, inbox.clone()).build();
//!     let worker = receiver.worker().concurrency(4).in_order().start(handle);
//!
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!     Server::new(receiver.router("/xurrent")).serve(listener, shutdown_signal()).await;
//!     worker.shutdown(Duration::from_secs(20)).await;                // the rest stays in the inbox
//!     inbox.close().await;
//!     Ok(())
//! }
//! ```
//!
//! Deliveries are authenticated by an [`Authenticator`]: a `Verifier`, as here, or an implementation of
//! yours, for example for an endpoint behind an authenticating proxy.
//!
//! # Guarantees
//!
//! - A delivery is durable before its response is 2xx. Its handler is called until it succeeds or the
//!   delivery is a dead letter. A dead letter stays in the inbox until it is
//!   [requeued](Inbox::requeue) or [discarded](Inbox::discard).
//! - Deliveries with the same origin id or the same token are stored once, until the retention of the
//!   handled delivery is over: one week by default.
//! - A handler can be called twice for one delivery, when the process ends before its success is
//!   stored. [`origin_id`](webhook::Delivery::origin_id) is the same both times.
//! - Every other response is a failure without details, after which Xurrent retries. Reasons are
//!   `tracing` events.
//!
//! # Responses
//!
//! | status | condition |
//! | --- | --- |
//! | 200 | the delivery is durable, was stored before, or is a handshake that was confirmed |
//! | 403 | the request was rejected, for whatever reason |
//! | 405, 413, 408, 400 | not a `POST`, body over the limit, too slow, or incomplete |
//! | 503 | not durable before the deadline, or too many concurrent requests |
//!
//! The status is 408 as well when too many bodies arrive at once and this one's sender is the slowest.
//!
//! # Inboxes
//!
//! [`SqliteInbox`](inbox::sqlite::SqliteInbox) is a file on a local disk, used by one process.
//! `PostgresInbox`, with the feature `postgres`, is shared by any number of machines. Both create and
//! migrate their tables.
//!
#![doc = include_str!("../receiver.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod authenticator;
mod eviction;
pub mod inbox;
mod log;
mod metrics;
mod receiver;
mod server;
mod worker;

pub use authenticator::{Authenticated, Authenticator, InboxReplayProtection};
pub use inbox::{Inbox, InboxError, QueuedDelivery, RawDelivery, Rejection};
pub use receiver::{BODY_LIMIT, Receiver, ReceiverBuilder};
pub use server::{Server, shutdown_signal};
pub use worker::{Failure, Handler, Worker, WorkerBuilder};
pub use xurrent_webhook as webhook;
