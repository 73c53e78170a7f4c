//! A crate whose modules a build script generates.

#![deny(warnings, missing_docs)]

include!(concat!(env!("OUT_DIR"), "/generated/include.rs"));

xurrent_runtime::client! {
    /// A client of the film database.
    built
}

pub use types::*;
pub use xurrent_runtime::*;

/// A function that calls the API.
///
/// # Errors
/// Those of the call.
pub async fn year(client: &Client, title: &str) -> Result<Option<i64>> {
    Ok(client.film(title).await?.and_then(|film: Film| film.year))
}
