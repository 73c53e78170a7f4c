//! Refused deliveries: a generic message for the sender, a precise reason for the log.

use super::Algorithm;
use std::fmt;
use xurrent_values::decode::DecodeError;
use xurrent_values::quote::quote;

/// A delivery that cannot be trusted or used.
///
/// `Display` is always `the delivery was refused`, and there is no source, so that a response made of it
/// reveals nothing to a forger. [`reason`](Self::reason) and `Debug` are for the log. Neither contains a
/// key, a secret or a token.
#[derive(thiserror::Error)]
#[error("the delivery was refused")]
pub struct Refused {
    reason: Box<Reason>,
    pub(super) is_temporary: bool,
}

impl Refused {
    /// The reason. Not for the sender of the delivery.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Whether the same delivery may be accepted later: keys could not be fetched, a store failed, or the
    /// keys may have been replaced since they were fetched. Xurrent sends a delivery again unless the
    /// response has a status of success.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        let is_temporary = matches!(
            reason,
            Reason::Discovery(_) | Reason::Throttled | Reason::ReplayStore(_) | Reason::CallbackFailed { .. }
        );
        Self { reason: Box::new(reason), is_temporary }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refused({})", self.reason)
    }
}

/// The precise reason of a refusal, in the order of the checks.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// More than [`max_body_size`](super::VerifierBuilder::max_body_size).
    #[error("the body has {size} bytes, and {limit} are allowed")]
    BodyTooLarge {
        /// Bytes of the body.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The secret query parameter is missing, wrong or there twice.
    #[error("the secret query parameter does not match")]
    QueryParameter,
    /// No basic authentication, or with another name or password.
    #[error("the basic authentication does not match")]
    BasicAuthentication,
    /// The body is not a JSON object, or `jwt` in it is not a text.
    #[error("the body cannot be read: {}", line(.0))]
    Body(DecodeError),
    /// The body is not UTF-8.
    #[error("the body is not UTF-8")]
    NoText,
    /// A body without signature.
    #[error("the body is not signed")]
    Unsigned,
    /// The token is larger than allowed.
    #[error("the token has {size} bytes, and {limit} are allowed")]
    TokenTooLarge {
        /// Bytes of the token.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not three parts of base64 without padding.
    #[error("the token is malformed: {0}")]
    Token(&'static str),
    /// The header of the token is not a JSON object with texts where they belong.
    #[error("the header of the token cannot be read: {}", line(.0))]
    Header(DecodeError),
    /// The header asks for something that no token of Xurrent asks for, such as a key to be fetched.
    #[error("the header of the token has `{0}`")]
    ForbiddenHeader(&'static str),
    /// `none`, an algorithm with a shared secret, or one that is not known.
    #[error("the algorithm {0:?} is not allowed")]
    ForbiddenAlgorithm(String),
    /// Another algorithm than the policy's.
    #[error("the token is signed with {found}, the policy requires {expected}")]
    OtherAlgorithm {
        /// Of the policy.
        expected: Algorithm,
        /// Of the token.
        found: Algorithm,
    },
    /// The claims are not a JSON object, or one of them has another type.
    #[error("the claims cannot be read: {}", line(.0))]
    Claims(DecodeError),
    /// Neither `iat` nor `exp`: nothing would end the time in which the token can be replayed.
    #[error(
        "the token has neither `iat` nor `exp` and could be replayed at any time: \
         `dangerously_accept_tokens_without_times` accepts such tokens"
    )]
    NoTimes,
    /// A claim that must be there.
    #[error("the claim `{0}` is missing")]
    MissingClaim(&'static str),
    /// Issued by somebody else.
    #[error("the issuer {found:?} is refused: {why}")]
    Issuer {
        /// What the token says.
        found: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// After `exp`.
    #[error("the token expired {seconds} s ago")]
    Expired {
        /// For how long.
        seconds: i64,
    },
    /// Before `nbf`.
    #[error("the token becomes valid in {seconds} s")]
    NotYetValid {
        /// In which time.
        seconds: i64,
    },
    /// `iat` lies further ahead than clocks may differ.
    #[error("the token was issued {seconds} s in the future")]
    IssuedAhead {
        /// In which time.
        seconds: i64,
    },
    /// `iat` lies further back than a token may be old.
    #[error("the token was issued {seconds} s ago")]
    TooOld {
        /// How old it is.
        seconds: i64,
    },
    /// `jti` is empty or longer than 256 characters.
    #[error("the claim `jti` has {length} characters")]
    TokenIdLength {
        /// How many it has.
        length: usize,
    },
    /// The header names no key, so that none can be discovered: the webhook was made without OpenID
    /// Connect discovery.
    #[error(
        "the header of the token has no `kid`: make the webhook with `openid_connect_discovery(true)`, or \
         give the verifier the `public_key` of its policy"
    )]
    NoKeyId,
    /// The keys of the issuer could not be fetched.
    #[error("could not fetch the issuer's keys: {}", line(.0))]
    Discovery(String),
    /// The keys of the issuer were asked for a moment ago, or those of too many unknown issuers were:
    /// see [`VerifierBuilder::account_url`](super::VerifierBuilder::account_url).
    #[error("too many requests for issuers' keys: try again later")]
    Throttled,
    /// The issuer has no such key.
    #[error("the issuer has no key {kid:?} for {algorithm}")]
    UnknownKey {
        /// What the token says.
        kid: String,
        /// The algorithm of the token.
        algorithm: Algorithm,
    },
    /// The signature was not made with the issuer's key.
    #[error("the signature does not match")]
    Signature,
    /// Correctly signed, without an object in `data`.
    #[error("the token has no `data`")]
    NoData,
    /// The delivery itself lacks something, or has it in another type.
    #[error("the delivery cannot be read: {}", line(.0))]
    Delivery(DecodeError),
    /// Of another webhook than those expected.
    #[error("unexpected webhook {0}")]
    OtherWebhook(i64),
    /// The token was used before.
    #[error("the token was used before")]
    Replayed,
    /// The store of used tokens failed, or is full.
    #[error("the store of used tokens failed: {}", line(.0))]
    ReplayStore(String),
    /// To be confirmed, but no handshake.
    #[error("the event is {0:?}, not `webhook.verify`")]
    NoHandshake(String),
    /// The callback of a handshake is not an address of the account.
    #[error("the callback is refused: {0}")]
    Callback(&'static str),
    /// The callback did not answer with status 200.
    #[error("the callback failed: {why}")]
    CallbackFailed {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// The beginning of the answer, or why there was none.
        why: String,
    },
}

/// An error that quotes untrusted text, as part of one log line.
fn line(error: &dyn fmt::Display) -> String {
    quote(error.to_string().as_bytes(), &[], 300, false)
}

/// The beginning of an untrusted text, for the log.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
