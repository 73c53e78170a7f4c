//! Tokens and the keys that sign them, written from the standards: RFC 7515 to 7519.
//!
//! Nothing here is shared with the SDK, which is to be judged by it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::fmt;

/// The randomness that keys are made of can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub(crate) struct NoRandomness;

/// How a webhook policy signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Algorithm {
    /// As policies write it: `es256`.
    name: &'static str,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    None,
    Hmac(Size),
    Rsa(Size),
    Ec(Size),
}

/// The bits of the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    S256,
    S384,
    S512,
}

const ALGORITHMS: [Algorithm; 10] = {
    const fn of(name: &'static str, family: Family) -> Algorithm {
        Algorithm { name, family }
    }
    [
        of("none", Family::None),
        of("hs256", Family::Hmac(Size::S256)),
        of("hs384", Family::Hmac(Size::S384)),
        of("hs512", Family::Hmac(Size::S512)),
        of("rs256", Family::Rsa(Size::S256)),
        of("rs384", Family::Rsa(Size::S384)),
        of("rs512", Family::Rsa(Size::S512)),
        of("es256", Family::Ec(Size::S256)),
        of("es384", Family::Ec(Size::S384)),
        of("es512", Family::Ec(Size::S512)),
    ]
};

impl Algorithm {
    /// The algorithm that a policy names so.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALGORITHMS.into_iter().find(|algorithm| algorithm.name == name)
    }

    /// Whether there is a public key, which others may have.
    pub(crate) fn is_asymmetric(self) -> bool {
        matches!(self.family, Family::Rsa(_) | Family::Ec(_))
    }

    /// As tokens write it: `ES256`, but `none`.
    pub(crate) fn in_token(self) -> String {
        if self.family == Family::None { self.name.to_owned() } else { self.name.to_uppercase() }
    }
}

/// A key that signs. What is private about it is never shown.
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    secret: Secret,
    kid: String,
}

enum Secret {
    None,
    Shared(Box<hmac::Key>),
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm.name)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self, NoRandomness> {
        let secret = match algorithm.family {
            Family::None => Secret::None,
            Family::Hmac(size) => {
                let of = match size {
                    Size::S256 => hmac::HMAC_SHA256,
                    Size::S384 => hmac::HMAC_SHA384,
                    Size::S512 => hmac::HMAC_SHA512,
                };
                Secret::Shared(Box::new(
                    hmac::Key::generate(of, &SystemRandom::new()).map_err(|_| NoRandomness)?,
                ))
            }
            Family::Rsa(_) => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| NoRandomness)?),
            Family::Ec(size) => Secret::Ec(EcdsaKeyPair::generate(signing(size)).map_err(|_| NoRandomness)?),
        };
        let mut key = Self { algorithm, secret, kid: String::new() };
        key.kid = key.public_numbers().as_ref().map(thumbprint).unwrap_or_default();
        Ok(key)
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the key in a set of keys; empty for one that is in none.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, if there is one: `-----BEGIN PUBLIC KEY-----`.
    pub(crate) fn public_key_pem(&self) -> Option<String> {
        let der = match &self.secret {
            Secret::None | Secret::Shared(_) => return None,
            Secret::Rsa(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
            Secret::Ec(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
        };
        let text = STANDARD.encode(der.ok()?.as_ref());
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().copied().map(char::from).chain(['\n']));
        }
        Some(pem + "-----END PUBLIC KEY-----\n")
    }

    /// The key as it stands in a set of keys, if it is one for others.
    pub(crate) fn jwk(&self) -> Option<Value> {
        let mut jwk = self.public_numbers()?;
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm.in_token());
        Some(jwk)
    }

    /// Those members of a JWK that are the key, in the order of their names.
    fn public_numbers(&self) -> Option<Value> {
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match (&self.secret, self.algorithm.family) {
            (Secret::Rsa(key), _) => {
                // Both numbers are the content of a DER sequence. It ends with the exponent, 65537,
                // and before it are all bytes of the modulus.
                let head = key.public_key().as_ref().strip_suffix(&[2, 3, 1, 0, 1])?;
                let modulus = head.get(head.len().checked_sub(key.public_modulus_len())?..)?;
                Some(json!({ "e": number(&[1, 0, 1]), "kty": "RSA", "n": number(modulus) }))
            }
            (Secret::Ec(key), Family::Ec(size)) => {
                // A byte that says that both coordinates follow.
                let point = key.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at(point.len() / 2);
                let curve = match size {
                    Size::S256 => "P-256",
                    Size::S384 => "P-384",
                    Size::S512 => "P-521",
                };
                Some(json!({ "crv": curve, "kty": "EC", "x": number(x), "y": number(y) }))
            }
            _ => None,
        }
    }

    /// Signs a token with these claims, which are JSON. The key is named when the receiver has to look
    /// for it.
    pub(crate) fn token(&self, claims: &[u8], names_key: bool) -> Result<String, NoRandomness> {
        let mut header = json!({ "alg": self.algorithm.in_token(), "typ": "JWT" });
        if names_key {
            header["kid"] = json!(self.kid);
        }
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let random = SystemRandom::new();
        match &self.secret {
            Secret::None => Ok(Vec::new()),
            Secret::Shared(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Secret::Rsa(key) => {
                let padding = match self.algorithm.family {
                    Family::Rsa(Size::S384) => &RSA_PKCS1_SHA384,
                    Family::Rsa(Size::S512) => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(padding, &random, message, &mut signature).map_err(|_| NoRandomness)?;
                Ok(signature)
            }
            Secret::Ec(key) => {
                let signature = key.sign(&random, message).map_err(|_| NoRandomness)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

/// The name of a key by RFC 7638, which no other key has.
fn thumbprint(numbers: &Value) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, numbers.to_string().as_bytes()))
}

fn signing(size: Size) -> &'static EcdsaSigningAlgorithm {
    match size {
        Size::S256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Size::S384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Size::S512 => &ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

/// A random id in the form of a UUID.
pub(crate) fn uuid() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    let number = u128::from_be_bytes(bytes);
    // Version 4, variant 1.
    let number = number & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
    let hex = format!("{number:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn key(name: &str) -> SigningKey {
        SigningKey::generate(Algorithm::from_name(name).unwrap()).unwrap()
    }

    #[test]
    fn a_shared_secret_signs_as_in_rfc_7515() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &URL_SAFE_NO_PAD.decode(secret).unwrap());
        let key = SigningKey { secret: Secret::Shared(Box::new(secret)), ..key("hs256") };
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs\
                       DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_key_is_named_as_in_rfc_7638() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP\
                       ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY\
                       368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f\
                       M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let numbers = json!({ "kty": "RSA", "n": modulus, "e": "AQAB" });
        assert_eq!(thumbprint(&numbers), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn what_is_private_stays_out_of_debug_output() {
        for name in ["hs512", "rs256", "es512"] {
            let debug = format!("{:?}", key(name));
            assert!(debug.contains(name) && debug.len() < 120, "{debug}");
        }
    }

    #[test]
    fn ids_are_uuids_and_never_the_same() {
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|_| uuid().unwrap()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let parts: Vec<&str> = id.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        }
    }
}
