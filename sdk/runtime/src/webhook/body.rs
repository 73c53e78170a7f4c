//! What was posted: a token, or a delivery in the open.

use super::refused::Reason;
use crate::decode::Decoder;
use std::borrow::Cow;

/// The most bytes that a body may have: 256 KiB.
pub const MAX_BODY: usize = 256 * 1024;

/// A body whose size is within bounds.
pub(super) enum Body<'b> {
    /// `{ "jwt": ".." }`
    Signed(Cow<'b, str>),
    /// Anything else.
    Unsigned(&'b [u8]),
}

pub(super) fn check_size(body: &[u8]) -> Result<(), Reason> {
    if body.len() > MAX_BODY {
        return Err(Reason::BodyTooLarge { size: body.len(), limit: MAX_BODY });
    }
    Ok(())
}

pub(super) fn read(body: &[u8]) -> Result<Body<'_>, Reason> {
    if let Some(token) = bare_token(body) {
        return Ok(Body::Signed(Cow::Borrowed(token)));
    }
    let mut token = None;
    let mut decoder = Decoder::new(body);
    decoder
        .entries("a delivery", &mut |decoder, key| match key {
            "jwt" => decoder.once::<String>(&mut token),
            _ => decoder.skip(),
        })
        .and_then(|()| decoder.finish())
        .map_err(Reason::Body)?;
    Ok(token.map_or(Body::Unsigned(body), |token| Body::Signed(Cow::Owned(token))))
}

/// The token of a body that is written as Xurrent writes it, where there is nothing to be parsed.
fn bare_token(body: &[u8]) -> Option<&str> {
    let token = body.strip_prefix(br#"{"jwt":"#)?.strip_prefix(b"\"")?.strip_suffix(br#""}"#)?;
    // All bytes are looked at, which takes a fraction of the time of stopping at the first.
    let odd = |byte: &u8| !byte.is_ascii_graphic() | (*byte == b'"') | (*byte == b'\\');
    if token.iter().fold(false, |found, byte| found | odd(byte)) {
        None
    } else {
        std::str::from_utf8(token).ok()
    }
}
