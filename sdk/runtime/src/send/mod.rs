//! The way of a request, in the order in which it goes through these modules.
//!
//! [`call`](call()) sends a request and retries it where that is safe, with the loop in `attempts`; `retry`
//! has the policy and the backoff. Each attempt acquires a token of the `pool` and a permit within the
//! `limits`. The `session` signs the request, with the credentials of `auth`, and adds the headers of the
//! API; hooks observe it, and the [`transport`] carries it. `check` introspects tokens.
//!
//! Crates for an API send requests beside GraphQL with [`call`](call()), and implement
//! [`Sending`] for those that are not a JSON request and its response.

pub(crate) mod attempts;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod hook;
pub(crate) mod limits;
pub(crate) mod pool;
pub(crate) mod retry;
pub(crate) mod session;
#[cfg(feature = "subscriptions")]
pub(crate) mod subscription_config;
pub mod transport;

pub use crate::quote::{BRIEF, quote};
pub use crate::response::http::{HttpResponse, check_status, header_str, object};
pub use crate::secrets::{MIN_SECRET_LEN, Secrets, token};
pub use attempts::{CallState, Sending};
pub(crate) use call::graphql;
pub use call::{CallRequest, call, receive};
pub use retry::{pause, retry_after};
pub use session::Acquired;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex whose value is valid also after a panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
