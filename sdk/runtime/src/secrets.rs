//! The secrets of a request, redacted in everything that is printed of its response.

use crate::quote::quote;
use crate::redact::redact;
use http::Uri;
use http::header::{HeaderMap, HeaderValue};

/// The shortest text that counts as a secret, unless it is a token or a client secret.
pub const MIN_SECRET_LEN: usize = 8;

/// The tokens of a client and the keys in a URL, for reading a response.
#[derive(Clone)]
pub struct Secrets {
    /// The headers with the tokens of this request and of others.
    signatures: Vec<HeaderValue>,
    /// The query of the endpoint, and secret values that a call sends.
    texts: Vec<String>,
    /// [`Api::missing_scopes`](crate::Api::missing_scopes).
    pub(crate) missing_scopes: Option<&'static str>,
}

impl Secrets {
    /// The secrets of a request to this URL, signed with one of these headers.
    pub fn new(signatures: Vec<HeaderValue>, url: &Uri) -> Self {
        Self { signatures, texts: query(url), missing_scopes: None }
    }

    /// The secrets of a URL that grants access by itself.
    pub fn of_url(url: &Uri, missing_scopes: Option<&'static str>) -> Self {
        let path = url.path();
        let mut texts = query(url);
        texts.extend(path.split('/').filter(|part| part.len() >= MIN_SECRET_LEN).map(str::to_owned));
        texts.extend((path.len() > 1).then(|| path.to_owned()));
        Self { signatures: Vec::new(), texts, missing_scopes }
    }

    pub(crate) fn with(mut self, others: &[String]) -> Self {
        self.texts.extend_from_slice(others);
        self
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.signatures.iter().map(token).chain(self.texts.iter().map(String::as_str)).collect()
    }

    pub(crate) fn redact(&self, text: &str) -> String {
        redact(text, &self.texts()).into_owned()
    }

    /// Quotes the beginning of a text that a server sent: secrets redacted, and characters that could
    /// forge or hide a log line escaped.
    pub fn quote(&self, text: impl AsRef<[u8]>, most: usize) -> String {
        quote(text.as_ref(), &self.texts(), most, false)
    }

    /// Quotes a text that is itself only the beginning of one.
    pub(crate) fn quote_beginning(&self, text: &str, most: usize) -> String {
        quote(text.as_bytes(), &self.texts(), most, true)
    }
}

/// The headers of a request whose values are secrets: that of the token, and others that the API prescribes.
pub(crate) fn sensitive(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    headers.values().filter(|value| value.is_sensitive())
}

/// The token in a header of a request, without a scheme such as `Bearer` before it.
pub fn token(header: &HeaderValue) -> &str {
    let header = std::str::from_utf8(header.as_bytes()).unwrap_or_default();
    header.split_once(' ').map_or(header, |(_, token)| token)
}

/// The query of a URL, and those of its values that are long enough to be a key.
fn query(url: &Uri) -> Vec<String> {
    let Some(query) = url.query() else { return Vec::new() };
    let values = url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned());
    values.filter(|value| value.len() >= MIN_SECRET_LEN).chain([query.to_owned()]).collect()
}
