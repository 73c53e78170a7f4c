//! OpenID Connect discovery: the keys of an issuer, from two documents.

use super::Algorithm;
use super::algorithm::{Jwk, PublicKey};
use super::http_get::{Fetcher, TOTAL};
use super::issuer::{address, canonical, plain};
use super::refused::{Reason, cut};
use super::token::Token;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;
use xurrent_values::decode::{DecodeError, DecodeErrorKind, Decoder};

/// The usable keys of an issuer.
pub(super) struct KeySet(Vec<(String, Algorithm, PublicKey)>);

impl KeySet {
    /// Verifies a token with the keys that match the `kid` and the algorithm in its header. There are several
    /// while an issuer replaces a key under the same `kid`.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<(), Reason> {
        let algorithm = token.algorithm;
        let kid = token.kid.as_deref().unwrap_or_default();
        let mut keys = self.0.iter().filter(|(id, of, _)| id == kid && *of == algorithm).peekable();
        if keys.peek().is_none() {
            return Err(Reason::UnknownKey { kid: cut(kid), algorithm });
        }
        let is_valid = keys.any(|(_, _, key)| key.verifies(token.signed, &token.signature));
        if is_valid { Ok(()) } else { Err(Reason::Signature) }
    }

    /// The `kid` and the algorithm of each key. A key that does not name its algorithm is there with each.
    pub(super) fn names(&self) -> Vec<(String, Algorithm)> {
        self.0.iter().map(|(kid, algorithm, _)| (kid.clone(), *algorithm)).collect()
    }

    /// Reads a JWK set. Keys that cannot be used are ignored.
    fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct JwkSet {
            keys: Vec<Box<RawValue>>,
        }
        let set: JwkSet = serde_json::from_slice(json)?;
        let keys = set.keys.iter().filter_map(|key| serde_json::from_str::<Jwk>(key.get()).ok());
        let of_all = |key: Jwk| {
            let one = |algorithm| Some((key.kid.clone(), algorithm, key.public_key(algorithm)?));
            Algorithm::ALL.into_iter().filter_map(one).collect::<Vec<_>>()
        };
        Ok(Self(keys.flat_map(of_all).collect()))
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

fn success((status, body): (u16, Vec<u8>), what: &str) -> Result<Vec<u8>, String> {
    match status {
        200 => Ok(body),
        300..400 => Err(format!("{what} is a redirect (status {status})")),
        _ => Err(format!("{what} has status {status}")),
    }
}

/// The URL of the JWK set, which must be on the host of the issuer.
fn jwks_uri(json: &[u8], issuer: &Url, loopback: bool) -> Result<Url, String> {
    let (mut jwks_uri, mut named) = (None, None);
    let mut decoder = Decoder::new(json);
    let uri = decoder
        .entries("a configuration", &mut |decoder, key| match key {
            "jwks_uri" => decoder.once::<String>(&mut jwks_uri),
            "issuer" => decoder.once::<String>(&mut named),
            _ => decoder.skip(),
        })
        .and_then(|()| decoder.finish())
        .and_then(|()| {
            jwks_uri.ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_plain_key("jwks_uri"))
        })
        .map_err(|error| format!("the configuration cannot be read: {error}"))?;
    // If the document names an issuer, it must be this one.
    let is_issuer =
        |named: &str| plain(named, loopback).is_ok_and(|url| canonical(&url) == canonical(issuer));
    if named.as_deref().is_some_and(|named| !is_issuer(named)) {
        return Err("the configuration is of another issuer".to_owned());
    }
    let url =
        address(&uri, loopback).map_err(|why| format!("the `jwks_uri` {:?} is refused: {why}", cut(&uri)))?;
    if url.origin() != issuer.origin() {
        return Err(format!("the `jwks_uri` {:?} is on another host", cut(&uri)));
    }
    Ok(url)
}
