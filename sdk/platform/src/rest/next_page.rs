//! The URL of the next page of a list.

use http::HeaderMap;
use http::header::LINK;
use url::Url;
use xurrent_runtime::send::{BRIEF, Secrets};
use xurrent_runtime::{Error, ErrorKind, Result, redact_url};
use xurrent_values::link::{self, Link};

/// The URL of the next page, from the headers of the response for `current`. The token is sent there, so
/// it must be a page of the same list: on the same server, with the same path.
pub(crate) fn next_page(headers: &HeaderMap, current: &Url, secrets: &Secrets) -> Result<Option<Url>> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let next = values.flat_map(link::parse).find(|link| link.relation == "next");
    let Some(Link { uri: link, .. }) = &next else { return Ok(None) };
    let refused = |why: &str| {
        let message =
            format!("refused the next page at \"{}\": it {why}", secrets.quote(redact_url(link), BRIEF));
        Err(Error::new(ErrorKind::Pagination, message))
    };
    let Ok(mut next) = current.join(link) else { return refused("is not a URL") };
    if next.origin() != current.origin() {
        return refused("is not on the server of the API, which the token is for");
    }
    if !next.username().is_empty() || next.password().is_some() {
        return refused("has a user name or a password");
    }
    if next.path().trim_end_matches('/') != current.path().trim_end_matches('/') {
        return refused("is not of the same list");
    }
    next.set_fragment(None);
    Ok(Some(next))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn next(link: &str) -> Result<Option<Url>> {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, link.parse().unwrap());
        let secrets = Secrets::new(Vec::new(), &"https://graphql.xurrent.com".parse().unwrap());
        let current = Url::parse("https://api.xurrent.com/v1/webhooks?per_page=2").unwrap();
        next_page(&headers, &current, &secrets)
    }

    #[test]
    fn the_next_page_is_the_url_of_the_header() {
        for (link, url) in [
            ("</v1/webhooks?page=2>; rel=\"next\"", "https://api.xurrent.com/v1/webhooks?page=2"),
            (
                "<?search_after=a%2Fb&per_page=2>; rel=next",
                "https://api.xurrent.com/v1/webhooks?search_after=a%2Fb&per_page=2",
            ),
            (
                "<https://api.xurrent.com/v1/webhooks?page=1>; rel=\"first\", <https://API.xurrent.com:443/v1/webhooks/?page=3#x>; rel=\"next last\"",
                "https://api.xurrent.com/v1/webhooks/?page=3",
            ),
        ] {
            assert_eq!(next(link).unwrap().unwrap().as_str(), url, "{link}");
        }
        for link in ["</v1/webhooks?page=2>; rel=\"prev\"", "", "nothing", "<unclosed; rel=next"] {
            assert!(next(link).unwrap().is_none(), "{link}");
        }
    }

    #[test]
    fn the_token_is_sent_to_no_other_url() {
        for link in [
            "https://api.xurrent.com.evil.example/v1/webhooks?page=2",
            "https://evil.example/v1/webhooks?page=2",
            "//evil.example/v1/webhooks",
            "\\\\evil.example/v1/webhooks",
            "http://api.xurrent.com/v1/webhooks?page=2",
            "https://api.xurrent.com:8443/v1/webhooks?page=2",
            "https://api.xurrent.com@evil.example/v1/webhooks",
            "https://user:secret@api.xurrent.com/v1/webhooks?page=2",
            "https://api.xurrent.com/v1/people?page=2",
            "https://api.xurrent.com/v1/webhooks/../people?page=2",
            "https://api.xurrent.com/v1/webhooks/enabled?page=2",
            "https://api.xurrent.com/?page=2",
            "ftp://api.xurrent.com/v1/webhooks",
            "javascript:alert(1)",
            "https://",
        ] {
            let error = next(&format!("<{link}>; rel=\"next\"")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Pagination, "{link}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
