//! Addresses that the API hands out, and where requests to them may go.

use http::Uri;
use url::Url;
use xurrent_runtime::{Error, Result};

/// The address of a result, as the API gave it. The rules keep requests out of places that nobody
/// meant, should an answer ever be forged: it is next to the API itself, or it is `https` and a name.
/// A name can still stand for an address within one's own network, which only a name server knows;
/// what is sent there is a plain `GET` without credentials. The address is never shown.
pub(crate) fn result_address(text: &str, endpoint: &Uri) -> Result<Uri> {
    let refused = |why: &str| Error::configuration(format!("the address of the result {why}"));
    let url = Url::parse(text.trim()).map_err(|_| refused("is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds a user name or a password"));
    }
    let is_of_api = is_of_api(&url, endpoint);
    if !is_of_api && url.scheme() != "https" {
        return Err(refused("is not encrypted: only `https` is followed to other servers than the API's"));
    }
    if !is_of_api && !has_public_name(&url) {
        return Err(refused("is not that of a public server"));
    }
    let mut url = url;
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| refused("cannot be requested"))
}

/// Whether an address is on the server of the API itself.
pub(crate) fn is_of_api(url: &Url, endpoint: &Uri) -> bool {
    let default = |scheme: Option<&str>| if scheme == Some("http") { 80 } else { 443 };
    endpoint.scheme_str() == Some(url.scheme())
        && url
            .host_str()
            .is_some_and(|host| endpoint.host().is_some_and(|api| api.eq_ignore_ascii_case(host)))
        && url.port_or_known_default()
            == Some(endpoint.port_u16().unwrap_or_else(|| default(endpoint.scheme_str())))
}

/// Whether an address names a host, and none that is only known within a network. Numbers are no names:
/// they are those of this machine and its neighbours as well.
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
