//! Selections as the compiler sees them, and the example that verifies webhooks.

#![allow(clippy::unwrap_used, missing_docs)]

mod compile_fail;
mod strange_selections;
mod verify_webhook;
