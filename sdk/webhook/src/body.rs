//! The body of a request: a token or an unsigned delivery.

use super::refused::Reason;
use xurrent_values::decode::Decoder;

/// The maximum size of a body by default: 256 KiB.
pub const MAX_BODY: usize = 256 * 1024;

/// The content of a body.
pub(super) enum Body<'b> {
    /// `{ "jwt": ".." }`
    Signed(String),
    /// Anything else.
    Unsigned(&'b [u8]),
}

pub(super) fn check_size(body: &[u8], limit: usize) -> Result<(), Reason> {
    if body.len() > limit {
        return Err(Reason::BodyTooLarge { size: body.len(), limit });
    }
    Ok(())
}

pub(super) fn read(body: &[u8]) -> Result<Body<'_>, Reason> {
    let mut token = None;
    let mut decoder = Decoder::new(body);
    decoder
        .entries("a delivery", &mut |decoder, key| match key {
            "jwt" => decoder.once::<String>(&mut token),
            _ => decoder.skip(),
        })
        .and_then(|()| decoder.finish())
        .map_err(Reason::Body)?;
    Ok(token.map_or(Body::Unsigned(body), Body::Signed))
}

/// The token of a body in the form that Xurrent writes, without parsing JSON: no character of a token needs
/// an escape. If it is not a valid token, the body must be read as JSON.
pub(super) fn bare_token(body: &[u8]) -> Option<&str> {
    let token = body.strip_prefix(br#"{"jwt":""#)?.strip_suffix(br#""}"#)?;
    std::str::from_utf8(token).ok()
}
