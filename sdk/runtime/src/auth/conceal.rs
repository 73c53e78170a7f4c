//! Keeps secrets out of what servers say: some repeat what they were sent.

use crate::error::GraphQlError;
use crate::scalar::Json;
use http::HeaderValue;
use std::borrow::Cow;

/// Shorter texts are no secrets but placeholders of tests, and occur in plain words.
const SHORTEST: usize = 8;

/// The text with secrets blotted out, also as forms and as JSON write them.
pub(crate) fn conceal<'t>(text: &'t str, secrets: &[&str]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets.iter().map(|secret| secret.trim()).filter(|secret| secret.len() >= SHORTEST) {
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = secret.replace('\\', "\\\\").replace('"', "\\\"");
        for written in [secret, &form, &json, &json.replace('/', "\\/")] {
            if text.contains(written) {
                text = Cow::Owned(text.replace(written, "***"));
            }
        }
    }
    text
}

/// The token in the header of a request.
pub(crate) fn token(header: &HeaderValue) -> &str {
    let header = std::str::from_utf8(header.as_bytes()).unwrap_or_default();
    header.strip_prefix("Bearer ").unwrap_or(header)
}

/// Blots out secrets in everything that errors show.
pub(crate) fn conceal_errors(errors: &mut [GraphQlError], secrets: &[&str]) {
    for error in errors {
        for text in error.path.iter_mut().chain([&mut error.message]) {
            if let Cow::Owned(concealed) = conceal(text, secrets) {
                *text = concealed;
            }
        }
        if let Some(extensions) = &error.extensions
            && let Cow::Owned(concealed) = conceal(extensions.as_text(), secrets)
        {
            error.extensions = Json::from_text(concealed).ok();
        }
    }
}
