//! What was posted: a token, or a delivery in the open.

use super::refused::Reason;
use xurrent_values::decode::Decoder;

/// The most bytes that a body may have by default: 256 KiB.
pub const MAX_BODY: usize = 256 * 1024;

/// A body whose size is within bounds.
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

/// What is the token of a body that is written as Xurrent writes it. Where it can be read as a token it
/// is one: no part of a token has a character that means anything in JSON. Where it cannot, the body is
/// to be read as JSON.
pub(super) fn bare_token(body: &[u8]) -> Option<&str> {
    let token = body.strip_prefix(br#"{"jwt":""#)?.strip_suffix(br#""}"#)?;
    std::str::from_utf8(token).ok()
}
