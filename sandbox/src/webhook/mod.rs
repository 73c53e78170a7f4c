//! Webhooks: how their deliveries are signed.

mod policy;
mod token;

pub use policy::PublicKey;
pub(crate) use policy::{POLICY, Policies, policy_name};
pub(crate) use token::Algorithm;
