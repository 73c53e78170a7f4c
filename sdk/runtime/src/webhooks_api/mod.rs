//! Managing webhooks through the REST interface, which knows what the GraphQL interface does not: why
//! a webhook was disabled, and how to test one.
//!
//! Only administrators of the account may use it. [`Client::webhooks_api`](crate::Client::webhooks_api)
//! has the calls.

mod call;
mod fields;
mod list;
mod record;

pub use call::{WebhookCall, WebhookId, WebhooksApi};
pub use fields::{NewWebhook, WebhookChanges};
pub use list::{WebhookList, WebhookStream};
pub use record::{RestWebhook, WebhookUri};
