//! Node ids on the wire and record keys in the store.
//!
//! Inside the store a record is named `Person/12`; on the wire the same record is the unpadded,
//! URL-safe base64 of `sandbox/Person/12`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) const INSTANCE: &str = "sandbox/";

/// The node id the sandbox gives to record `number` of type `type_name`.
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

/// Turns a store key (`Person/12`) into a node id.
pub(crate) fn encode(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{INSTANCE}{key}"))
}

/// Turns a node id into a store key, or gives `None` for anything the sandbox never handed out.
/// Both base64 alphabets are taken, padded or not, as the real server does.
pub(crate) fn decode(id: &str) -> Option<String> {
    let url_safe: String = id
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    let bytes = URL_SAFE_NO_PAD.decode(url_safe).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let key = text.strip_prefix(INSTANCE)?;
    key.contains('/').then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_foreign_text_does_not() {
        assert_eq!(decode(&node_id("Person", 12)).as_deref(), Some("Person/12"));
        assert_eq!(decode("c2FuZGJveC9QZXJzb24vMTI=").as_deref(), Some("Person/12"));
        for foreign in ["", "NG1lLmNvbS9QZXJzb24vMTI", "Person/12", "%%%"] {
            assert_eq!(decode(foreign), None, "{foreign}");
        }
    }
}
