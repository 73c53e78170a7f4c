//! JSON objects of token services and error responses.

use serde::de::DeserializeOwned;

/// Reads a JSON object. Serde by itself would also take an array for one.
#[must_use]
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let body = body.trim_ascii_start();
    if body.first() == Some(&b'{') { serde_json::from_slice(body).ok() } else { None }
}
