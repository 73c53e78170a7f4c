//! Limits of tokens, and what is left of them.
//!
//! [`Client::budget`](crate::Client::budget) returns a [`Budget`](crate::Budget) of allowances;
//! [`Client::check`](crate::Client::check) asks the server about a token.

pub use xurrent_runtime::{Allowance, TokenInfo};
