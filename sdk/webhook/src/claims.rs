//! The claims of a token, and the checks of its times and audience.

use super::delivery::Message;
use super::issuer::MAX_ISSUER;
use super::refused::Reason;
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xurrent_values::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, from_slice};

/// The maximum number of characters of a `jti`.
const MAX_JTI: usize = 256;

/// The maximum length in bytes of [`Delivery::token_id`](super::Delivery::token_id): issuer, line feed and
/// `jti`.
pub const MAX_TOKEN_ID: usize = MAX_ISSUER + 1 + 4 * MAX_JTI;

/// The claims that are checked.
#[derive(Default)]
pub(super) struct Claims<'c> {
    pub(super) issuer: Cow<'c, str>,
    audience: Vec<String>,
    expires: Option<i64>,
    not_before: Option<i64>,
    issued: Option<i64>,
    pub(super) id: Option<Cow<'c, str>>,
    pub(super) data: Option<Data<'c>>,
}

/// The delivery in a token, as text and decoded. It is decoded together with the claims, in one pass. An
/// error is reported only if the signature is valid.
pub(super) struct Data<'c> {
    pub(super) json: &'c str,
    pub(super) message: Result<Message, DecodeError>,
}

/// The accepted times, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// The tolerated difference between clocks, for `iat`, `nbf` and `exp`.
    pub(super) leeway: i64,
    /// The maximum age by `iat`.
    pub(super) max_age: i64,
    /// The additional tolerance for `exp` and `nbf`.
    pub(super) grace: i64,
    /// Whether `iat`, `jti`, `exp` and `nbf` are all required.
    pub(super) all_claims: bool,
    /// Whether a token without `iat` and `exp` is accepted.
    pub(super) timeless: bool,
}

/// Seconds since 1970. A fraction is ignored.
struct NumericDate(i64);

impl Field for NumericDate {
    fn placeholder() -> Self {
        Self(0)
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        // Later times could overflow when they are added to others.
        const END: i64 = 253_402_300_800;
        if let Ok(seconds @ 0..END) = decoder.fork().raw()?.parse() {
            self.0 = seconds;
            return decoder.skip();
        }
        let seconds = decoder.float("NumericDate")?;
        if !(0.0..END as f64).contains(&seconds) {
            return Err(DecodeError::invalid("NumericDate", &seconds.to_string()));
        }
        self.0 = seconds as i64;
        Ok(())
    }
}

impl<'c> Claims<'c> {
    pub(super) fn read(json: &'c [u8]) -> Result<Self, Reason> {
        let mut claims = Self::default();
        let (mut issuer, mut id, mut audience) = (None, None, None);
        let (mut expires, mut not_before, mut issued) = (None, None, None);
        let mut decoder = Decoder::new(json);
        decoder
            .entries("claims", &mut |decoder, key| match key {
                "iss" => once(&mut issuer, decoder, text),
                "aud" => decoder.once::<Audience>(&mut audience),
                "exp" => decoder.once::<Option<NumericDate>>(&mut expires),
                "nbf" => decoder.once::<Option<NumericDate>>(&mut not_before),
                "iat" => decoder.once::<Option<NumericDate>>(&mut issued),
                "jti" => once(&mut id, decoder, optional_text),
                "data" => once(&mut claims.data, decoder, data),
                _ => decoder.skip(),
            })
            .and_then(|()| decoder.finish())
            .map_err(Reason::Claims)?;
        claims.issuer = issuer.ok_or(Reason::MissingClaim("iss"))?;
        claims.audience = audience.map(|audience| audience.0).unwrap_or_default();
        let seconds = |claim: Option<Option<NumericDate>>| claim.flatten().map(|date| date.0);
        claims.expires = seconds(expires);
        claims.not_before = seconds(not_before);
        claims.issued = seconds(issued);
        claims.id = id.flatten();
        Ok(claims)
    }

    /// Checks that the required claims are present, and the length of `jti`.
    pub(super) fn check_presence(&self, times: Times) -> Result<(), Reason> {
        if times.all_claims {
            let present = [
                ("iat", self.issued.is_some()),
                ("jti", self.id.is_some()),
                ("exp", self.expires.is_some()),
                ("nbf", self.not_before.is_some()),
            ];
            if let Some((name, _)) = present.into_iter().find(|(_, present)| !present) {
                return Err(Reason::MissingClaim(name));
            }
        }
        if !times.timeless && self.issued.is_none() && self.expires.is_none() {
            return Err(Reason::NoTimes);
        }
        match self.id.as_ref().map(|id| id.chars().count()) {
            Some(length) if length == 0 || length > MAX_JTI => Err(Reason::TokenIdLength { length }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_audience(&self, expected: Option<&str>) -> Result<(), Reason> {
        match expected {
            Some(expected) if !self.audience.iter().any(|audience| audience == expected) => {
                Err(Reason::Audience)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_times(&self, times: Times, now: i64) -> Result<(), Reason> {
        if let Some(issued) = self.issued {
            if issued - now > times.leeway {
                return Err(Reason::IssuedAhead { seconds: issued - now });
            }
            if now - issued > times.max_age {
                return Err(Reason::TooOld { seconds: now - issued });
            }
        }
        match (self.expires, self.not_before) {
            (Some(expires), _) if now >= expires + times.leeway + times.grace => {
                Err(Reason::Expired { seconds: now - expires })
            }
            (_, Some(not_before)) if not_before - now > times.leeway + times.grace => {
                Err(Reason::NotYetValid { seconds: not_before - now })
            }
            _ => Ok(()),
        }
    }

    /// How long the token must be remembered: until it is refused for its times.
    pub(super) fn remembered_for(&self, times: Times, now: i64) -> Duration {
        /// More than the clocks of machines that share a store differ.
        const SHORTEST: i64 = 120;
        /// For a token without times. It is accepted again afterwards.
        const ENDLESS: i64 = 24 * 60 * 60;
        let by_age = self.issued.map(|issued| issued + times.max_age);
        let by_expiry = self.expires.map(|expires| expires + times.leeway + times.grace);
        let until = by_age.into_iter().chain(by_expiry).min().unwrap_or(now + ENDLESS);
        // One more second, because times are compared as whole seconds.
        Duration::from_secs((until - now + 1).max(SHORTEST).unsigned_abs())
    }
}

/// A string or a list of strings.
struct Audience(Vec<String>);

impl Field for Audience {
    fn placeholder() -> Self {
        Self(Vec::new())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        let json = decoder.raw()?;
        self.0 = match json.as_bytes().first() {
            Some(b'"') => vec![from_slice(json.as_bytes())?],
            Some(b'n') => Vec::new(),
            _ => from_slice(json.as_bytes())?,
        };
        Ok(())
    }
}

/// Reads the value of a key that may occur once. The value may borrow from the claims.
fn once<'c, T>(
    place: &mut Option<T>,
    decoder: &mut Decoder<'c>,
    read: impl FnOnce(&mut Decoder<'c>) -> Result<T, DecodeError>,
) -> Decoded {
    if place.is_some() {
        return Err(DecodeError::new(DecodeErrorKind::Duplicate));
    }
    *place = Some(read(decoder)?);
    Ok(())
}

/// A string, borrowed if it has no escapes.
fn text<'c>(decoder: &mut Decoder<'c>) -> Result<Cow<'c, str>, DecodeError> {
    let json = decoder.raw()?;
    let bare = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match bare.filter(|text| !text.contains('\\')) {
        Some(text) => Ok(Cow::Borrowed(text)),
        None => from_slice::<String>(json.as_bytes()).map(Cow::Owned),
    }
}

fn optional_text<'c>(decoder: &mut Decoder<'c>) -> Result<Option<Cow<'c, str>>, DecodeError> {
    if decoder.null()? { Ok(None) } else { text(decoder).map(Some) }
}

fn data<'c>(decoder: &mut Decoder<'c>) -> Result<Data<'c>, DecodeError> {
    let (json, message) = decoder.with_text(Message::decode)?;
    Ok(Data { json, message })
}

/// The current time in seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX / 4)
}
