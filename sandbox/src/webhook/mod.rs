//! Webhooks: events of record changes, delivered over HTTP, and the policies that sign them.
//!
//! A mutation is executed. [`record_event`] finds its events, [`message`] writes their content,
//! [`outbox`] queues a delivery for each webhook, and [`deliver`] sends it, signed by [`policy`], until
//! it succeeds or is dropped. [`handshake`] verifies who owns the address of a webhook first.

mod address;
mod attempt;
mod control;
mod deliver;
mod event;
mod fault;
mod handshake;
mod key_rotation;
mod message;
mod outbox;
mod policy;
mod record;
mod record_event;
mod recording;
pub(crate) mod rest;
mod settings;
mod token;
mod validation;
mod verify_and_test;

pub(crate) use address::AddressRule;
pub use attempt::DeliveryAttempt;
pub(crate) use deliver::deliver;
pub use fault::DeliveryFault;
pub(crate) use key_rotation::KeyAction;
pub(crate) use message::AccountUrls;
pub(crate) use outbox::Outbox;
pub use policy::PublicKey;
pub(crate) use policy::{DISCOVERY_PATH, POLICY, Policies, policy_name};
pub(crate) use record::WEBHOOK;
pub(crate) use record_event::AppliedMutation;
pub use settings::Webhooks;
pub(crate) use validation::make_key;
pub use verify_and_test::WebhookTestError;
