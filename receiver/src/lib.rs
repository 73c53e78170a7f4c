//! A webhook endpoint for Xurrent that loses nothing.
//!
//! Xurrent waits ten seconds for an answer to a delivery, tries a few times more, drops it then, and
//! switches a webhook off that fails for long. So a [`Receiver`] only checks a delivery, stores it in
//! an [`Inbox`], and answers when it is durable; a [`Worker`] hands it to a [`Handler`] of yours,
//! as often as it takes.
//!
//! ```no_run
//! use std::time::Duration;
//! use xurrent_receiver::inbox::sqlite::SqliteInbox;
//! use xurrent_receiver::{Delivery, Failure, Receiver, Server, TokensInInbox, shutdown_signal};
//! use xurrent_webhook::Verifier;
//!
//! async fn handle(delivery: Delivery) -> Result<(), Failure> {
//!     let body: serde_json::Value = delivery.json()?;                // an error is tried again
//!     println!("{} of {}", delivery.event, body["object_id"]);
//!     Ok(())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Signed with a webhook policy; the keys are discovered, the handshake is answered.
//!     let verifier =
//!         Verifier::builder().account_url("https://wdc.xurrent.com").replay_store(TokensInInbox).build()?;
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
//! Who may deliver is decided by a [`Check`]: a `Verifier`, as here, or one of yours, for example for
//! an endpoint that only a proxy can reach.
//!
//! # What is promised
//!
//! - A delivery that was answered with 2xx is durable, and its handler is called until it succeeds
//!   or the delivery is a dead letter. A dead letter stays in the inbox until somebody
//!   [requeues](Inbox::requeue) or [discards](Inbox::discard) it.
//! - What has the same origin id, or the same token, is stored once, for as long as the inbox keeps
//!   it: a week after it was handled, if nothing else is set.
//! - A handler can be called twice for one delivery: when the process dies between its success and
//!   the note of it. [`Delivery::origin`](inbox::Delivery::origin) is the same both times.
//! - Everything else is answered with a status of failure, which makes Xurrent try again, and with
//!   next to no words. The reasons are events of `tracing`.
//!
//! # Answers
//!
//! | status | when |
//! | --- | --- |
//! | 200 | the delivery is durable, or was before, or is a handshake that the check answered |
//! | 403 | the check refused it; the same for every reason |
//! | 405, 413, 408, 400 | not a `POST`, a body over the limit, too slow, cut short |
//! | 503 | not durable within the deadline, or too many requests at once: nothing is promised |
//!
//! A body is given up with 408 as well when more of them are under way than requests are allowed at
//! once and it has taken longest.
//!
//! # Which inbox
//!
//! [`SqliteInbox`](inbox::sqlite::SqliteInbox) is one file of one process on a local disk.
//! `PostgresInbox`, with the feature `postgres`, is shared by any number of machines. Both make and
//! update their tables by themselves.
//!
#![doc = include_str!("../../docs/receiver.md")]

mod authenticator;
mod error_chain;
mod eviction;
pub mod inbox;
mod log;
mod metrics;
mod receiver;
mod server;
mod verifier;
mod worker;

pub use authenticator::{Accepted, Check, Checked, Refused};
pub use inbox::{Delivery, Inbox, InboxError};
pub use receiver::{BODY_LIMIT, Receiver, ReceiverBuilder};
pub use server::{Server, shutdown_signal};
pub use verifier::TokensInInbox;
pub use worker::{Failure, Handler, Worker, WorkerBuilder};
