//! The way of a request, in the order in which it goes through these modules.
//!
//! [`call`] drives a call through its [`attempts`], as [`retry`] allows. Each attempt acquires a token
//! from the [`pool`] and a permit within the [`limits`], signed by [`auth`], and goes through the
//! [`session`] and the [`hook`]s to the [`transport`].

pub(crate) mod attempts;
pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod hook;
pub(crate) mod limits;
pub(crate) mod pool;
pub(crate) mod retry;
pub(crate) mod session;
pub mod transport;

pub(crate) use call::{call, graphql};
