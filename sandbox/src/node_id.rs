//! Node ids and store keys.
//!
//! The key of a record in the store is `Person/12`, its node id the unpadded, URL-safe base64 of
//! `sandbox/Person/12`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) const INSTANCE: &str = "sandbox/";

/// The node id of record `number` of type `type_name`.
///
/// The first record of each type has number 1.
///
/// ```
/// assert_eq!(xurrent_sandbox::node_id("Person", 12), "c2FuZGJveC9QZXJzb24vMTI");
/// ```
#[must_use]
pub fn node_id(type_name: &str, number: u64) -> String {
    encode(&format!("{type_name}/{number}"))
}

/// The node id of a store key.
pub(crate) fn encode(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{INSTANCE}{key}"))
}

/// The store key of a node id; `None` for foreign ids. Both base64 alphabets are accepted, padded or not, as
/// on the real server.
pub(crate) fn decode(id: &str) -> Option<String> {
    let url_safe = id.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let bytes = URL_SAFE_NO_PAD.decode(url_safe).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let key = text.strip_prefix(INSTANCE)?;
    key.contains('/').then(|| key.to_owned())
}
