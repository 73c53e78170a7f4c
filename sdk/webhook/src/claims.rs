//! What a token says of itself, and when that can be true.

use super::delivery::Message;
use super::issuer::MAX_ISSUER;
use super::refused::Reason;
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xurrent_values::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, from_slice};

/// The most characters of a `jti`.
const MAX_JTI: usize = 256;

/// The most bytes of the id of a token, [`Delivery::token_id`](super::Delivery::token_id): issuer, line
/// feed and `jti`. Whoever stores ids needs room for as much.
pub const MAX_TOKEN_ID: usize = MAX_ISSUER + 1 + 4 * MAX_JTI;

/// The claims that are looked at.
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

/// The delivery, as it stands and as it was read. It is read along with the claims, which are then gone
/// through once; what is wrong with it is of interest only behind a good signature.
pub(super) struct Data<'c> {
    pub(super) json: &'c str,
    pub(super) message: Result<Message, DecodeError>,
}

/// Which times are accepted.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// How far clocks may differ: `iat` and `nbf` may lie so far ahead, and `exp` so far back.
    pub(super) leeway: i64,
    /// How far back `iat` may lie.
    pub(super) max_age: i64,
    /// How late `exp` may be found, and how early `nbf`, besides.
    pub(super) grace: i64,
    /// Whether all of `iat`, `jti`, `exp` and `nbf` must be there.
    pub(super) all_claims: bool,
    /// Whether neither of `iat` and `exp` need be there.
    pub(super) timeless: bool,
}

/// Seconds since 1970. May have a fraction, which is of no use here.
struct NumericDate(i64);

impl Field for NumericDate {
    fn vacant() -> Self {
        Self(0)
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        // Beyond the year 9999, sums with other times could overflow.
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

    /// The claims that must be there, and how long they may be.
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

    /// How long the token must be remembered: until its times refuse it, and never a moment less.
    pub(super) fn remembered_for(&self, times: Times, now: i64) -> Duration {
        /// Longer than the clocks of a few machines that share a store differ.
        const SHORTEST: i64 = 120;
        /// For a token without times, which is accepted again afterwards.
        const ENDLESS: i64 = 24 * 60 * 60;
        let by_age = self.issued.map(|issued| issued + times.max_age);
        let by_expiry = self.expires.map(|expires| expires + times.leeway + times.grace);
        let until = by_age.into_iter().chain(by_expiry).min().unwrap_or(now + ENDLESS);
        // One second more: times are compared as whole seconds.
        Duration::from_secs((until - now + 1).max(SHORTEST).unsigned_abs())
    }
}

/// One text or a list of them.
struct Audience(Vec<String>);

impl Field for Audience {
    fn vacant() -> Self {
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

/// Reads the value of a key that may occur once, and may be borrowed from the claims.
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

/// A text, where it stands if nothing in it is escaped.
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

/// Seconds since 1970 by the clock of this machine.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX / 4)
}
