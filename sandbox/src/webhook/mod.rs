//! Webhooks: how their deliveries are signed.

mod discovery;
mod policy;
mod token;

pub use policy::PublicKey;
pub(crate) use policy::{PATH, POLICY, Policies, policy_name};
pub(crate) use token::Algorithm;
