//! Checks of URLs that the API hands out.

use http::Uri;
use url::Url;
use xurrent_runtime::{Error, Result};

/// Checks the URL of a result, as the API gave it. A forged response must not send requests anywhere: the
/// URL is on the server of the API, or it is `https` with a public host name. A name may still resolve to
/// an address within the own network; the request there is a plain `GET` without credentials. The URL is
/// in no error.
pub(crate) fn result_address(text: &str, endpoint: &Uri) -> Result<Uri> {
    let refused = |why: &str| Error::configuration(format!("the URL of the result {why}"));
    let mut url = Url::parse(text.trim()).map_err(|_| refused("is invalid"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("has a user name or a password"));
    }
    let is_of_api = is_of_api(&url, endpoint);
    if !is_of_api && url.scheme() != "https" {
        return Err(refused("is not `https`, which other servers than that of the API must be"));
    }
    if !is_of_api && !has_public_name(&url) {
        return Err(refused("has no public host name"));
    }
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| refused("is invalid"))
}

/// Whether a URL is on the server of the API itself.
pub(crate) fn is_of_api(url: &Url, endpoint: &Uri) -> bool {
    let (host, api) = (url.host_str().unwrap_or_default(), endpoint.host().unwrap_or_default());
    endpoint.scheme_str() == Some(url.scheme())
        && !host.is_empty()
        && host.eq_ignore_ascii_case(api)
        && url.port_or_known_default() == port(endpoint)
}

/// The port of an endpoint, which is `http` or `https`.
pub(crate) fn port(endpoint: &Uri) -> Option<u16> {
    endpoint.port_u16().or(Some(if endpoint.scheme_str() == Some("http") { 80 } else { 443 }))
}

/// Whether a URL has a host name that is not local to a network. IP addresses are not accepted, since they
/// may be of this machine or its network.
pub(crate) fn has_public_name(url: &Url) -> bool {
    const WITHIN: [&str; 5] = [".localhost", ".localdomain", ".local", ".internal", ".home.arpa"];
    match url.host() {
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name.contains('.') && !WITHIN.iter().any(|within| name.ends_with(within))
        }
        _ => false,
    }
}
