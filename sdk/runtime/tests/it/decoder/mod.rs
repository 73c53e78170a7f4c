//! The decoder against serde: the same documents, the same answers, except where a test says why
//! not.
//!
//! `generated` holds types as the generator writes them, `model` the same shape with serde's
//! derives and scalars of its own, `documents` the JSON that both are given.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod agreement;
mod differences;
mod documents;
mod errors;
mod generated;
mod hostile;
mod inputs;
mod large;
mod model;
mod roundtrip;
mod scalars;
