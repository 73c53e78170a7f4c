//! OpenID Connect discovery: the keys of an issuer, from two documents.

use super::Algorithm;
use super::algorithm::PublicKey;
use super::http_get::{Answer, Fetcher, TOTAL};
use super::issuer::{Origin, address, canonical, plain};
use super::refused::{Reason, cut};
use super::token::Token;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use xurrent_values::decode::{DecodeError, Decoder, Field, from_slice};
use xurrent_values::scalar::Json;

/// The usable keys of an issuer.
pub(super) struct KeySet(Vec<(String, Algorithm, PublicKey)>);

impl KeySet {
    /// Verifies a token with the keys that match the `kid` and the algorithm in its header. There are several
    /// while an issuer replaces a key under the same `kid`.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<(), Reason> {
        let algorithm = token.header.algorithm;
        let kid = token.header.kid.as_deref().unwrap_or_default();
        let mut keys = self.0.iter().filter(|(id, of, _)| id == kid && *of == algorithm).peekable();
        if keys.peek().is_none() {
            return Err(Reason::UnknownKey { kid: cut(kid), algorithm });
        }
        match keys.any(|(_, _, key)| key.verifies(token.signed, &token.signature)) {
            true => Ok(()),
            false => Err(Reason::Signature),
        }
    }

    /// Reads a JWK set. Keys that cannot be used are ignored.
    fn read(json: &[u8]) -> Result<Self, DecodeError> {
        let mut keys: Option<Vec<Json>> = None;
        let mut decoder = Decoder::new(json);
        decoder.entries("a set of keys", &mut |decoder, key| match key {
            "keys" => decoder.once(&mut keys),
            _ => decoder.skip(),
        })?;
        decoder.finish()?;
        let keys = keys.ok_or_else(|| missing("keys"))?;
        let keys = keys.iter().filter_map(|key| from_slice::<Jwk>(key.as_text().as_bytes()).ok());
        let of_all = |key: Jwk| {
            let one = |algorithm| Some((key.text("kid")?.to_owned(), algorithm, key.public_key(algorithm)?));
            Algorithm::ALL.into_iter().filter_map(one).collect::<Vec<_>>()
        };
        Ok(Self(keys.flat_map(of_all).collect()))
    }
}

/// The string members of a JWK.
struct Jwk(Vec<(String, String)>);

impl Field for Jwk {
    fn placeholder() -> Self {
        Self(Vec::new())
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Result<(), DecodeError> {
        decoder.entries("a key", &mut |decoder, key| {
            let json = decoder.raw()?;
            if json.starts_with('"') {
                if self.text(key).is_some() {
                    return Err(DecodeError::new(xurrent_values::decode::DecodeErrorKind::Duplicate));
                }
                self.0.push((key.to_owned(), from_slice(json.as_bytes())?));
            }
            Ok(())
        })
    }
}

impl Jwk {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The key, if it is for signatures with this algorithm.
    fn public_key(&self, algorithm: Algorithm) -> Option<PublicKey> {
        let (key_type, curve) = algorithm.key_type();
        let suits = self.text("use") == Some("sig")
            && self.text("kty") == Some(key_type)
            && self.text("alg").is_none_or(|name| name == algorithm.as_str());
        if !suits {
            return None;
        }
        let number = |name| URL_SAFE_NO_PAD.decode(self.text(name)?).ok();
        match curve {
            None => PublicKey::from_rsa(algorithm, &number("n")?, &number("e")?),
            Some(curve) if self.text("crv") == Some(curve) => {
                PublicKey::from_point(algorithm, &number("x")?, &number("y")?)
            }
            Some(_) => None,
        }
    }
}

/// Fetches the keys of an issuer. The time limit is for both documents together.
pub(super) async fn discover(fetcher: &Fetcher, issuer: &Url, loopback: bool) -> Result<KeySet, String> {
    let documents = async {
        let configuration = format!("{}/.well-known/openid-configuration", canonical(issuer));
        let configuration = Url::parse(&configuration).map_err(|_| "it is not a URL".to_owned())?;
        let answer = success(fetcher.get(configuration).await?, "the configuration")?;
        let jwks_uri = jwks_uri(&answer, issuer, loopback)?;
        success(fetcher.get(jwks_uri).await?, "the set of keys")
    };
    let keys = tokio::time::timeout(TOTAL, documents)
        .await
        .map_err(|_| "the documents were not received in time".to_owned())??;
    KeySet::read(&keys).map_err(|error| format!("the set of keys cannot be read: {error}"))
}

fn success(answer: Answer, what: &str) -> Result<Vec<u8>, String> {
    match answer.status {
        200 => Ok(answer.body),
        300..400 => Err(format!("{what} is a redirect (status {})", answer.status)),
        status => Err(format!("{what} has status {status}")),
    }
}

/// The URL of the JWK set, which must be on the host of the issuer.
fn jwks_uri(json: &[u8], issuer: &Url, loopback: bool) -> Result<Url, String> {
    let (mut jwks_uri, mut named) = (None, None);
    let mut decoder = Decoder::new(json);
    decoder
        .entries("a configuration", &mut |decoder, key| match key {
            "jwks_uri" => decoder.once::<String>(&mut jwks_uri),
            "issuer" => decoder.once::<String>(&mut named),
            _ => decoder.skip(),
        })
        .and_then(|()| decoder.finish())
        .and_then(|()| jwks_uri.ok_or_else(|| missing("jwks_uri")))
        .map_err(|error| format!("the configuration cannot be read: {error}"))
        .and_then(|uri| {
            // If the document names an issuer, it must be this one.
            let same =
                |named: &str| plain(named, loopback).is_ok_and(|url| canonical(&url) == canonical(issuer));
            if named.as_deref().is_some_and(|named| !same(named)) {
                return Err("the configuration is of another issuer".to_owned());
            }
            let url = address(&uri, loopback)
                .map_err(|why| format!("the `jwks_uri` {:?} is refused: {why}", cut(&uri)))?;
            if Origin::of(&url) != Origin::of(issuer) {
                return Err(format!("the `jwks_uri` {:?} is on another host", cut(&uri)));
            }
            Ok(url)
        })
}

fn missing(key: &'static str) -> DecodeError {
    DecodeError::new(xurrent_values::decode::DecodeErrorKind::Missing).at_plain_key(key)
}
