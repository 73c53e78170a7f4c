//! JSON Web Tokens and their signing keys, after RFC 7515 to 7519.
//!
//! It shares no code with the SDK, because it tests the SDK.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RsaEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pem::{EncodeConfig, LineEnding, Pem};
use serde_json::{Value, json};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SigningError {
    #[error("the algorithm of the webhook policy is not supported")]
    Algorithm,
    #[error("the system's random number generator failed")]
    Rng(#[from] Unspecified),
}

#[derive(Clone, Copy)]
pub(crate) struct Algorithm {
    /// The name in policies: `es256`.
    pub(super) name: &'static str,
    family: Family,
}

#[derive(Clone, Copy)]
enum Family {
    None,
    Hmac(&'static hmac::Algorithm),
    Rsa(&'static dyn RsaEncoding),
    /// With the name of the curve.
    Ec(&'static EcdsaSigningAlgorithm, &'static str),
}

static ALGORITHMS: [Algorithm; 10] = [
    Algorithm { name: "none", family: Family::None },
    Algorithm { name: "hs256", family: Family::Hmac(&hmac::HMAC_SHA256) },
    Algorithm { name: "hs384", family: Family::Hmac(&hmac::HMAC_SHA384) },
    Algorithm { name: "hs512", family: Family::Hmac(&hmac::HMAC_SHA512) },
    Algorithm { name: "rs256", family: Family::Rsa(&RSA_PKCS1_SHA256) },
    Algorithm { name: "rs384", family: Family::Rsa(&RSA_PKCS1_SHA384) },
    Algorithm { name: "rs512", family: Family::Rsa(&RSA_PKCS1_SHA512) },
    Algorithm { name: "es256", family: Family::Ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256") },
    Algorithm { name: "es384", family: Family::Ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384") },
    Algorithm { name: "es512", family: Family::Ec(&ECDSA_P521_SHA512_FIXED_SIGNING, "P-521") },
];

impl Algorithm {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALGORITHMS.iter().copied().find(|algorithm| algorithm.name == name)
    }

    /// Whether there is a public key.
    pub(crate) fn is_asymmetric(self) -> bool {
        matches!(self.family, Family::Rsa(_) | Family::Ec(..))
    }

    /// The name in tokens: `ES256`, but `none`.
    pub(crate) fn jwt_name(self) -> String {
        if self.name == "none" { self.name.to_owned() } else { self.name.to_uppercase() }
    }
}

/// A signing key. Its private part is never exposed.
pub(crate) struct SigningKey {
    pub(crate) algorithm: Algorithm,
    secret: Secret,
    /// The id of the key in a key set; empty without a public key.
    pub(crate) kid: String,
}

enum Secret {
    None,
    Shared(Box<hmac::Key>),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    /// With the name of the curve.
    Ec(EcdsaKeyPair, &'static str),
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
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let secret = match algorithm.family {
            Family::None => Secret::None,
            Family::Hmac(hash) => Secret::Shared(Box::new(hmac::Key::generate(*hash, &SystemRandom::new())?)),
            Family::Rsa(padding) => Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048)?, padding),
            Family::Ec(signing, curve) => Secret::Ec(EcdsaKeyPair::generate(signing)?, curve),
        };
        let mut key = Self { algorithm, secret, kid: String::new() };
        key.kid = key.public_members().as_ref().map(thumbprint).unwrap_or_default();
        Ok(key)
    }

    pub(crate) fn public_key_pem(&self) -> Option<String> {
        let der = match &self.secret {
            Secret::None | Secret::Shared(_) => return None,
            Secret::Rsa(key, _) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
            Secret::Ec(key, _) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
        };
        let pem = Pem::new("PUBLIC KEY", der.ok()?.as_ref());
        Some(pem::encode_config(&pem, EncodeConfig::new().set_line_ending(LineEnding::LF)))
    }

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
        match &self.secret {
            Secret::Rsa(key, _) => {
                let (exponent, modulus) = (key.public_key().exponent(), key.public_key().modulus());
                let exponent = number(exponent.big_endian_without_leading_zero());
                let modulus = number(modulus.big_endian_without_leading_zero());
                Some(json!({ "e": exponent, "kty": "RSA", "n": modulus }))
            }
            Secret::Ec(key, curve) => {
                // The format byte of an uncompressed point.
                let point = key.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at(point.len() / 2);
                Some(json!({ "crv": curve, "kty": "EC", "x": number(x), "y": number(y) }))
            }
            Secret::None | Secret::Shared(_) => None,
        }
    }

    /// Signs a token with these claims, which are JSON.
    pub(crate) fn token(&self, claims: &[u8], has_kid: bool) -> Result<String, Unspecified> {
        let mut header = json!({ "alg": self.algorithm.jwt_name(), "typ": "JWT" });
        if has_kid {
            header["kid"] = json!(self.kid);
        }
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match &self.secret {
            Secret::None => Ok(Vec::new()),
            Secret::Shared(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Secret::Rsa(key, padding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*padding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Secret::Ec(key, _) => Ok(key.sign(&random, message)?.as_ref().to_vec()),
        }
    }
}

/// The thumbprint of a key, after RFC 7638.
fn thumbprint(numbers: &Value) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, numbers.to_string().as_bytes()))
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
}
