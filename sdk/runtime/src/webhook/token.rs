//! A token in its compact form, taken apart. Nothing in it is trusted here.

use super::Algorithm;
use super::refused::{Reason, cut};
use crate::decode::{DecodeError, Decoded, Decoder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The most bytes of a token, unless the verifier was told otherwise: 8 KiB.
pub const DEFAULT_MAX_TOKEN: usize = 8 * 1024;

/// What a header may not have. The first five name or hold a key, which would let the sender choose
/// it; the others change what is signed, or demand extensions that are not known here.
const FORBIDDEN: [&str; 8] = ["jku", "jwk", "x5u", "x5c", "x5t", "crit", "b64", "zip"];

/// The parts of a token.
pub(super) struct Token<'t> {
    /// The header and the claims as they were signed.
    pub(super) signed: &'t [u8],
    pub(super) header: Header,
    pub(super) claims: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// The header of a token that may be looked at further.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

impl<'t> Token<'t> {
    pub(super) fn read(token: &'t str, max_size: usize) -> Result<Self, Reason> {
        if token.len() > max_size {
            return Err(Reason::TokenTooLarge { size: token.len(), limit: max_size });
        }
        let three = Reason::Token("it has not three parts");
        let Some((signed, signature)) = token.rsplit_once('.') else { return Err(three) };
        let Some((header, claims)) = signed.split_once('.') else { return Err(three) };
        if claims.contains('.') {
            return Err(three);
        }
        let header = read_header(&decode(header)?)?;
        Ok(Self { signed: signed.as_bytes(), header, claims: decode(claims)?, signature: decode(signature)? })
    }
}

/// No padding, no white space, no bits left over: one text for one value.
fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::Token("a part is not base64 without padding"))
}

fn read_header(json: &[u8]) -> Result<Header, Reason> {
    let (mut algorithm, mut kid, mut kind) = (None, None, None);
    let mut forbidden = None;
    let mut decoder = Decoder::new(json);
    let mut each = |decoder: &mut Decoder<'_>, key: &str| -> Decoded {
        match key {
            "alg" => decoder.once::<String>(&mut algorithm),
            "kid" => decoder.once::<String>(&mut kid),
            "typ" => decoder.once::<String>(&mut kind),
            _ => {
                forbidden = forbidden.or(FORBIDDEN.into_iter().find(|name| *name == key));
                decoder.skip()
            }
        }
    };
    let read: Result<(), DecodeError> =
        decoder.entries("a header", &mut each).and_then(|()| decoder.finish());
    read.map_err(Reason::Header)?;
    let algorithm = algorithm.ok_or_else(|| Reason::ForbiddenAlgorithm(String::new()))?;
    let Some(algorithm) = Algorithm::from_name(&algorithm) else {
        return Err(Reason::ForbiddenAlgorithm(cut(&algorithm)));
    };
    if let Some(name) = forbidden {
        return Err(Reason::ForbiddenHeader(name));
    }
    // Tokens for other purposes, such as access tokens, say so here.
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(Reason::ForbiddenHeader("typ"));
    }
    Ok(Header { algorithm, kid })
}
