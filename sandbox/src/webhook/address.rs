//! The allowed addresses of webhooks.

use url::{Host, Url};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressRule {
    /// Only loopback addresses.
    Loopback,
    Any,
}

impl AddressRule {
    /// Parses and checks the URI of a webhook.
    ///
    /// # Errors
    /// A predicate that follows the name of the field.
    pub(crate) fn check(self, uri: &str) -> Result<Url, &'static str> {
        let url = Url::parse(uri).map_err(|_| "is not a valid URI")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must be a URI with http or https");
        }
        let is_loopback = match url.host() {
            None => return Err("is not a valid URI"),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
        };
        if self == Self::Loopback && !is_loopback {
            return Err("must be on this machine: this sandbox delivers to loopback addresses only");
        }
        Ok(url)
    }
}

/// A URL without user name, password and query, which can be secret.
pub(super) fn public_part(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail only for URLs without a host.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn public_part_contains_no_secrets() {
        let url = Url::parse("https://me:pass@localhost:8443/hook/1?key=abc#x").unwrap();
        assert_eq!(public_part(&url), "https://localhost:8443/hook/1");
    }
}
