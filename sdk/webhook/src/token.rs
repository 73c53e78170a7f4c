//! JSON Web Tokens in compact form. Their parts are not yet verified.

use super::Algorithm;
use super::decode_macro::once;
use super::refused::{Reason, cut};
use base64::Engine;
use xurrent_values::decode::{DecodeError, Decoder};

/// The maximum size of a body by default: 256 KiB.
pub const MAX_BODY: usize = 256 * 1024;

/// The maximum size of a token by default, which fits a body of [`MAX_BODY`].
pub const DEFAULT_MAX_TOKEN: usize = MAX_BODY - r#"{"jwt":""}"#.len();

/// Forbidden header parameters. The first five would let the sender choose the key. The others change what is
/// signed, or require extensions.
const FORBIDDEN: [&str; 8] = ["jku", "jwk", "x5u", "x5c", "x5t", "crit", "b64", "zip"];

/// The parts of a token, whose header has no forbidden parameters.
pub(super) struct Token<'t> {
    /// The signed text: header and claims.
    pub(super) signed: &'t [u8],
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    pub(super) claims: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl<'t> Token<'t> {
    pub(super) fn read(token: &'t str, max_size: usize) -> Result<Self, Reason> {
        if token.len() > max_size {
            return Err(Reason::TokenTooLarge { size: token.len(), limit: max_size });
        }
        // Dots are counted only after an error, since a valid part has none.
        Self::take_apart(token).map_err(|reason| match token.matches('.').count() {
            2 => reason,
            _ => Reason::Token("it does not have three parts"),
        })
    }

    fn take_apart(token: &'t str) -> Result<Self, Reason> {
        let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
        let (header, claims) = signed.split_once('.').unwrap_or_default();
        let (algorithm, kid) = read_header(&decode(header)?)?;
        let (claims, signature) = (decode(claims)?, decode(signature)?);
        Ok(Self { signed: signed.as_bytes(), algorithm, kid, claims, signature })
    }
}

/// The token of a body `{ "jwt": ".." }`; `None` for any other object, which is an unsigned delivery.
pub(super) fn token_of(body: &[u8]) -> Result<Option<String>, DecodeError> {
    let mut token = None;
    let mut decoder = Decoder::new(body);
    decoder.entries("a delivery", &mut |decoder, key| match key {
        "jwt" => decoder.once::<String>(&mut token),
        _ => decoder.skip(),
    })?;
    decoder.finish()?;
    Ok(token)
}

/// The token of a body in the form that Xurrent writes, without parsing JSON: no character of a token needs
/// an escape. If it is not a valid token, the body must be read as JSON.
pub(super) fn bare_token(body: &[u8]) -> Option<&str> {
    let token = body.strip_prefix(br#"{"jwt":""#)?.strip_suffix(br#""}"#)?;
    std::str::from_utf8(token).ok()
}

/// Strict decoding without padding, white space or trailing bits, so that a value has one encoding.
fn decode(part: &str) -> Result<Vec<u8>, Reason> {
    engine().decode(part).map_err(|_| Reason::Token("a part is not base64 without padding"))
}

/// [`URL_SAFE_NO_PAD`](base64::engine::general_purpose::URL_SAFE_NO_PAD), with SIMD where available.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn engine() -> &'static impl Engine {
    use base64::engine::{general_purpose, simd::Simd};
    static ENGINE: std::sync::LazyLock<Simd> =
        std::sync::LazyLock::new(|| Simd::url_safe(general_purpose::NO_PAD));
    &*ENGINE
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> &'static impl Engine {
    &base64::engine::general_purpose::URL_SAFE_NO_PAD
}

/// The algorithm and the `kid`.
fn read_header(json: &[u8]) -> Result<(Algorithm, Option<String>), Reason> {
    let (mut algorithm, mut kid, mut is_jwt, mut forbidden) = (None, None, None, None);
    let mut decoder = Decoder::new(json);
    decoder
        .entries("a header", &mut |decoder, key| match key {
            "alg" => once(&mut algorithm, decoder, |decoder| {
                let name = decoder.string("String")?;
                Ok(Algorithm::from_name(name).ok_or_else(|| cut(name)))
            }),
            "kid" => decoder.once::<String>(&mut kid),
            "typ" => once(&mut is_jwt, decoder, |decoder| {
                Ok(decoder.string("String")?.eq_ignore_ascii_case("JWT"))
            }),
            _ => {
                forbidden = forbidden.or(FORBIDDEN.into_iter().find(|name| *name == key));
                decoder.skip()
            }
        })
        .and_then(|()| decoder.finish())
        .map_err(Reason::Header)?;
    let algorithm = algorithm.unwrap_or_else(|| Err(String::new())).map_err(Reason::ForbiddenAlgorithm)?;
    // Tokens for other purposes, such as access tokens, have another type.
    match forbidden.or((is_jwt == Some(false)).then_some("typ")) {
        Some(name) => Err(Reason::ForbiddenHeader(name)),
        None => Ok((algorithm, kid)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::engine;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn simd_decoding_is_as_strict_as_scalar_decoding() {
        let (mut random, mut refused) = (1_u64, 0);
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for length in 0..2_000 {
            let bytes: Vec<u8> = (0..length % 500).map(|_| next(256) as u8).collect();
            let mut text = URL_SAFE_NO_PAD.encode(&bytes).into_bytes();
            assert_eq!(engine().decode(&text).unwrap(), bytes);
            // One character changed, to one of the alphabet or to any other, or cut off.
            match text.len() {
                0 => {}
                characters if next(8) == 0 => text.truncate(next(characters)),
                characters => text[next(characters)] = next(256) as u8,
            }
            let read = engine().decode(&text);
            assert_eq!(read, URL_SAFE_NO_PAD.decode(&text), "{}", String::from_utf8_lossy(&text));
            refused += usize::from(read.is_err());
        }
        assert!((500..2_000).contains(&refused), "{refused}");
    }
}
