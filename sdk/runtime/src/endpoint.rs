//! URLs in logs and errors.

/// Redacts the parts of a URL that may be secrets: user name, password, query, fragment. It need not be
/// valid.
pub fn redact_url(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    // Whatever stands before the last `@` may be a password.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("***@", rest),
        None => ("", rest),
    };
    let cut = rest.find(['?', '#']);
    let (rest, dots) = cut.map_or((rest, ""), |cut| (&rest[..cut], "?***"));
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{user}{rest}{dots}")
}
