//! Webhook management through the REST interface, which offers more than GraphQL: why a webhook was
//! disabled, and a test of one.
//!
//! Only administrators of the account may use it. [`WebhooksApi`] has the calls.

mod call;
mod fields;
mod list;
mod webhook;

pub use call::{WebhookCall, WebhookId, WebhooksApi};
pub use fields::{NewWebhook, WebhookChanges};
pub use list::{WebhookList, WebhookStream};
pub use webhook::{RestWebhook, WebhookUri};
