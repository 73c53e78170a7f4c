//! Trusted issuers, compared by the parts of their URLs and never by a prefix.

use super::refused::{Reason, cut};
use std::net::IpAddr;
use url::{Host, Url};

/// The maximum length of an issuer in bytes. Issuers of Xurrent have about 100.
pub(super) const MAX_ISSUER: usize = 512;

/// Parses a URL strictly: `https`, a host, and nothing that parsers may interpret differently. `http` is
/// accepted for loopback, if a test allows it.
pub(super) fn address(text: &str, loopback: bool) -> Result<Url, &'static str> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err("it has characters that a URL cannot have");
    }
    let url = Url::parse(text).map_err(|_| "it is not a URL")?;
    let is_local =
        ip_address(&url).map_or(url.domain() == Some("localhost"), |address| address.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if loopback && is_local => {}
        _ => return Err("it is not https"),
    }
    // The parser also accepts `https:host` and `https:///host`.
    let authority = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if url.host().is_none() || authority.is_empty() || authority.ends_with(':') {
        return Err("it is not written as `https://host`");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err("it has a user name");
    }
    if url.fragment().is_some() {
        return Err("it has a fragment");
    }
    Ok(url)
}

/// Parses the URL of an issuer or an account: without a query and without relative segments.
pub(super) fn plain(text: &str, loopback: bool) -> Result<Url, &'static str> {
    if text.len() > MAX_ISSUER {
        return Err("it is longer than 512 bytes");
    }
    let url = address(text, loopback)?;
    if text.contains(['?', '%']) {
        return Err("it has a query or escapes");
    }
    let path = text.splitn(4, '/').nth(3).unwrap_or_default();
    let path = path.strip_suffix('/').unwrap_or(path);
    let odd = |segment: &str| segment.is_empty() || segment == "." || segment == "..";
    if !path.is_empty() && path.split('/').any(odd) {
        return Err("its path has empty or relative segments");
    }
    Ok(url)
}

/// The address of a URL whose host is not a name.
pub(super) fn ip_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

/// Checks that an issuer is one of `issuers`, compared as text, or if there are none, that it is the account
/// or a webhook policy below it.
pub(super) fn check(issuer: &str, issuers: &[String], account: &Url, loopback: bool) -> Result<(), Reason> {
    let refused = |why| Reason::Issuer { found: cut(issuer), why };
    if !issuers.is_empty() {
        let is_expected = issuers.iter().any(|expected| issuer == expected);
        return if is_expected { Ok(()) } else { Err(refused("it is not one of the configured issuers")) };
    }
    // The most common issuer needs no parsing.
    if account.as_str().strip_suffix('/') == Some(issuer) {
        return Ok(());
    }
    let url = plain(issuer, loopback).map_err(refused)?;
    if url.origin() != account.origin() {
        return Err(refused("it is on another host"));
    }
    let (mut segments, mut expected) = (segments(&url), segments(account));
    let is_below = expected.all(|segment| segments.next() == Some(segment));
    if is_below { Ok(()) } else { Err(refused("it is not below the account")) }
}

fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|segment| !segment.is_empty())
}

/// The normalized URL of an issuer, without a trailing slash.
pub(super) fn canonical(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
