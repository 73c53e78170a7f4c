//! JSON Web Tokens and their signing keys, after RFC 7515 to 7519.
//!
//! It shares no code with the SDK, because it tests the SDK.

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

/// A failure of the system's random number generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random number generator failed")]
pub(crate) struct RngError;

/// The signature algorithm of a webhook policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Algorithm {
    /// The name in policies: `es256`.
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

/// The size of the hash in bits.
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
    /// The algorithm with this name in policies.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALGORITHMS.into_iter().find(|algorithm| algorithm.name == name)
    }

    /// Whether there is a public key.
    pub(crate) fn is_asymmetric(self) -> bool {
        matches!(self.family, Family::Rsa(_) | Family::Ec(_))
    }

    /// The name in tokens: `ES256`, but `none`.
    pub(crate) fn jwt_name(self) -> String {
        if self.family == Family::None { self.name.to_owned() } else { self.name.to_uppercase() }
    }
}

/// A signing key. Its private part is never exposed.
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
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self, RngError> {
        let secret = match algorithm.family {
            Family::None => Secret::None,
            Family::Hmac(size) => {
                let of = match size {
                    Size::S256 => hmac::HMAC_SHA256,
                    Size::S384 => hmac::HMAC_SHA384,
                    Size::S512 => hmac::HMAC_SHA512,
                };
                Secret::Shared(Box::new(hmac::Key::generate(of, &SystemRandom::new()).map_err(|_| RngError)?))
            }
            Family::Rsa(_) => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| RngError)?),
            Family::Ec(size) => Secret::Ec(EcdsaKeyPair::generate(signing(size)).map_err(|_| RngError)?),
        };
        let mut key = Self { algorithm, secret, kid: String::new() };
        key.kid = key.public_members().as_ref().map(thumbprint).unwrap_or_default();
        Ok(key)
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The id of the key in a key set; empty without a public key.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key as PEM, if there is one.
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

    /// The entry in a key set, if there is a public key.
    pub(crate) fn jwk(&self) -> Option<Value> {
        let mut jwk = self.public_members()?;
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm.jwt_name());
        Some(jwk)
    }

    /// The required members of a JWK, in the order of their names.
    fn public_members(&self) -> Option<Value> {
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match (&self.secret, self.algorithm.family) {
            (Secret::Rsa(key), _) => {
                // A DER sequence of two numbers: the modulus, and the exponent 65537 at the end.
                let head = key.public_key().as_ref().strip_suffix(&[2, 3, 1, 0, 1])?;
                let modulus = head.get(head.len().checked_sub(key.public_modulus_len())?..)?;
                Some(json!({ "e": number(&[1, 0, 1]), "kty": "RSA", "n": number(modulus) }))
            }
            (Secret::Ec(key), Family::Ec(size)) => {
                // The format byte of an uncompressed point.
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

    /// Signs a token with these claims, which are JSON.
    pub(crate) fn token(&self, claims: &[u8], has_kid: bool) -> Result<String, RngError> {
        let mut header = json!({ "alg": self.algorithm.jwt_name(), "typ": "JWT" });
        if has_kid {
            header["kid"] = json!(self.kid);
        }
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, RngError> {
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
                key.sign(padding, &random, message, &mut signature).map_err(|_| RngError)?;
                Ok(signature)
            }
            Secret::Ec(key) => {
                let signature = key.sign(&random, message).map_err(|_| RngError)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

/// The thumbprint of a key, after RFC 7638.
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
pub(crate) fn uuid() -> Result<String, RngError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| RngError)?;
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
    fn a_shared_secret_signs_the_example_of_rfc_7515() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &URL_SAFE_NO_PAD.decode(secret).unwrap());
        let key = SigningKey { secret: Secret::Shared(Box::new(secret)), ..key("hs256") };
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs\
                       DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_thumbprint_matches_the_example_of_rfc_7638() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP\
                       ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY\
                       368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f\
                       M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let numbers = json!({ "kty": "RSA", "n": modulus, "e": "AQAB" });
        assert_eq!(thumbprint(&numbers), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn debug_output_contains_no_private_key() {
        for name in ["hs512", "rs256", "es512"] {
            let debug = format!("{:?}", key(name));
            assert!(debug.contains(name) && debug.len() < 120, "{debug}");
        }
    }

    #[test]
    fn ids_are_distinct_uuids() {
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|_| uuid().unwrap()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let parts: Vec<&str> = id.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        }
    }
}
