//! Webhooks: what happens to records is told to whom it may concern, over HTTP.
//!
//! A mutation is carried out. [`record_event`] tells the events, [`message`] writes what there is to say
//! about them, [`outbox`] queues it for each webhook, and [`deliver`] sends it, signed by [`policy`],
//! until it is through or given up. [`handshake`] keeps who is not the owner of an address from being
//! told.

mod address;
mod attempt;
mod control;
mod deliver;
mod discovery;
mod event;
mod fault;
mod handshake;
mod message;
mod outbox;
mod policy;
mod policy_validation;
mod publish;
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
pub(crate) use event::is_known as is_event;
pub use fault::DeliveryFault;
pub(crate) use handshake::carry_over;
pub(crate) use message::Places;
pub(crate) use outbox::{Outbox, is_disabled};
pub use policy::PublicKey;
pub(crate) use policy::{PATH, POLICY, Policies, policy_name};
pub(crate) use policy_validation::make_key;
pub(crate) use publish::publish;
pub(crate) use record_event::Applied;
pub(crate) use rest::PATH as REST_PATH;
pub use settings::Webhooks;
pub(crate) use token::Algorithm;
pub use verify_and_test::NotTested;
pub(crate) use verify_and_test::callback_number;

/// The type of the records that webhooks are.
pub(crate) const WEBHOOK: &str = "Webhook";

/// A field no schema has: why a webhook was disabled by the sandbox. A webhook that is enabled has none.
pub(crate) const LAST_ERROR: &str = "lastError";
