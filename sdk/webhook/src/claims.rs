//! The claims of a token, and the checks of its times and audience.

use super::decode_macro::once;
use super::delivery::Message;
use super::issuer::MAX_ISSUER;
use super::refused::Reason;
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xurrent_values::decode::{DecodeError, Decoder, from_slice};

/// The maximum number of characters of a `jti`.
const MAX_JTI: usize = 256;

/// The maximum length in bytes of [`Delivery::token_id`](super::Delivery::token_id): issuer, line feed and
/// `jti`.
pub const MAX_TOKEN_ID: usize = MAX_ISSUER + 1 + 4 * MAX_JTI;

/// The claims that are checked.
pub(super) struct Claims<'c> {
    pub(super) issuer: Cow<'c, str>,
    audience: Vec<String>,
    expires: Option<i64>,
    not_before: Option<i64>,
    issued: Option<i64>,
    pub(super) id: Option<Cow<'c, str>>,
    /// The delivery in the token, as text and decoded in the same pass. An error is reported only if the
    /// signature is valid.
    pub(super) data: Option<(&'c str, Result<Message, DecodeError>)>,
}

/// The accepted times in seconds: see the settings of the builder.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) leeway: i64,
    pub(super) max_age: i64,
    pub(super) grace: i64,
    /// Whether `iat`, `jti`, `exp` and `nbf` are all required.
    pub(super) all_claims: bool,
    /// Whether a token without `iat` and `exp` is accepted.
    pub(super) timeless: bool,
}

impl Default for Times {
    fn default() -> Self {
        Self { leeway: 60, max_age: 63, grace: 0, all_claims: false, timeless: false }
    }
}

impl<'c> Claims<'c> {
    pub(super) fn read(json: &'c [u8]) -> Result<Self, Reason> {
        let (mut issuer, mut audience, mut id, mut data) = (None, None, None, None);
        let (mut expires, mut not_before, mut issued) = (None, None, None);
        let mut decoder = Decoder::new(json);
        decoder
            .entries("claims", &mut |decoder, key| match key {
                "iss" => once(&mut issuer, decoder, text),
                "aud" => once(&mut audience, decoder, one_or_many),
                "exp" => once(&mut expires, decoder, numeric_date),
                "nbf" => once(&mut not_before, decoder, numeric_date),
                "iat" => once(&mut issued, decoder, numeric_date),
                "jti" => once(&mut id, decoder, optional_text),
                "data" => once(&mut data, decoder, |decoder| decoder.with_text(Message::decode)),
                _ => decoder.skip(),
            })
            .and_then(|()| decoder.finish())
            .map_err(Reason::Claims)?;
        Ok(Self {
            issuer: issuer.ok_or(Reason::MissingClaim("iss"))?,
            audience: audience.unwrap_or_default(),
            expires: expires.flatten(),
            not_before: not_before.flatten(),
            issued: issued.flatten(),
            id: id.flatten(),
            data,
        })
    }

    /// Checks that the required claims are present, and the length of `jti`.
    pub(super) fn check_presence(&self, times: Times) -> Result<(), Reason> {
        let present = [
            ("iat", self.issued.is_some()),
            ("jti", self.id.is_some()),
            ("exp", self.expires.is_some()),
            ("nbf", self.not_before.is_some()),
        ];
        if let Some((name, _)) = present.into_iter().find(|(_, is_present)| times.all_claims && !is_present) {
            return Err(Reason::MissingClaim(name));
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
        let is_accepted = expected.is_none_or(|expected| self.audience.iter().any(|found| found == expected));
        if is_accepted { Ok(()) } else { Err(Reason::Audience) }
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

/// Reads seconds since 1970, if there are any. A fraction is ignored.
fn numeric_date(decoder: &mut Decoder<'_>) -> Result<Option<i64>, DecodeError> {
    // Later times could overflow when they are added to others.
    const END: i64 = 253_402_300_800;
    if decoder.null()? {
        return Ok(None);
    }
    if let Ok(seconds @ 0..END) = decoder.fork().raw()?.parse() {
        return decoder.skip().map(|()| Some(seconds));
    }
    let seconds = decoder.float("NumericDate")?;
    if !(0.0..END as f64).contains(&seconds) {
        return Err(DecodeError::invalid("NumericDate", &seconds.to_string()));
    }
    Ok(Some(seconds as i64))
}

/// A string or a list of strings.
fn one_or_many(decoder: &mut Decoder<'_>) -> Result<Vec<String>, DecodeError> {
    let json = decoder.raw()?;
    match json.as_bytes().first() {
        Some(b'"') => Ok(vec![from_slice(json.as_bytes())?]),
        Some(b'n') => Ok(Vec::new()),
        _ => from_slice(json.as_bytes()),
    }
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

/// The current time in seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX / 4)
}
