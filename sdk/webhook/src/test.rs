//! A signer of deliveries for your tests, with any algorithm. Behind the feature `test`, which is
//! `webhook-test` of the crate `xurrent`.
//!
//! ```
//! use xurrent_webhook::{Algorithm, Event, Verifier, test::Signer};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let signer = Signer::generate(Algorithm::Es256)?;
//! let verifier = Verifier::builder()
//!     .account_url("https://wdc.xurrent.com")
//!     .public_key(signer.algorithm(), signer.public_key_pem())
//!     .build()?;
//! let delivery = signer.delivery("https://wdc.xurrent.com").event("request.create", 70).body();
//! assert_eq!(verifier.verify(&http::HeaderMap::new(), &delivery).await?.event, Event::RequestCreate);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```

use super::Algorithm;
use super::claims::now;
use super::error::{Error, Result};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use xurrent_values::scalar::Json;

/// A private key, as of a webhook policy. For tests only: the key is generated and cannot be exported.
pub struct Signer {
    algorithm: Algorithm,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl Signer {
    /// Generates a key. An RSA key has 2048 bits, which takes a moment.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn generate(algorithm: Algorithm) -> Result<Self> {
        let curve = |curve| EcdsaKeyPair::generate(curve).map(Key::Ec);
        let key = match algorithm {
            Algorithm::Es256 => curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => curve(&ECDSA_P521_SHA512_FIXED_SIGNING),
            _ => RsaKeyPair::generate(KeySize::Rsa2048).map(Key::Rsa),
        };
        Ok(Self { algorithm, key: key.map_err(|_| Error::new("could not generate a key"))? })
    }

    /// The algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public key, as Xurrent shows it when a webhook policy is created.
    #[must_use]
    pub fn public_key_pem(&self) -> String {
        let der = match &self.key {
            Key::Rsa(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
            Key::Ec(key) => AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()),
        };
        let text = der.map(|der| STANDARD.encode(der.as_ref())).unwrap_or_default();
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// The public key as a JWK with this `kid`.
    #[must_use]
    pub fn jwk(&self, kid: &str) -> Value {
        let (kind, curve) = self.algorithm.key_type();
        let mut jwk = json!({ "kid": kid, "kty": kind, "use": "sig", "alg": self.algorithm.as_str() });
        match &self.key {
            Key::Rsa(key) => {
                let RsaPublicKeyComponents { n, e } = key.public_key().into();
                jwk["n"] = URL_SAFE_NO_PAD.encode::<Vec<u8>>(n).into();
                jwk["e"] = URL_SAFE_NO_PAD.encode::<Vec<u8>>(e).into();
            }
            Key::Ec(key) => {
                // The first byte marks an uncompressed point.
                let point = key.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                jwk["crv"] = curve.into();
                jwk["x"] = URL_SAFE_NO_PAD.encode(x).into();
                jwk["y"] = URL_SAFE_NO_PAD.encode(y).into();
            }
        }
        jwk
    }

    /// A JWK set with this key, as an issuer publishes it.
    #[must_use]
    pub fn key_set(&self, kid: &str) -> Value {
        json!({ "keys": [self.jwk(kid)] })
    }

    /// A valid delivery, issued now, which you can change.
    pub fn delivery(&self, issuer: &str) -> SignedDelivery<'_> {
        let now = now();
        let mut id = [0; 16];
        // Without random numbers, generating the key would have failed.
        let _ = aws_lc_rs::rand::fill(&mut id);
        let header = json!({ "alg": self.algorithm.as_str(), "typ": "JWT" });
        let claims = json!({
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": URL_SAFE_NO_PAD.encode(id),
            "data": { "webhook_id": 1, "account": issuer, "event": "request.update", "object_id": 1, "payload": {} },
        });
        SignedDelivery { signer: self, header, claims }
    }

    /// Signs any header and any claims.
    #[must_use]
    pub fn token(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let padding = match self.algorithm {
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                // If signing fails, the signature is invalid.
                let _ = key.sign(padding, &random, message, &mut signature);
                signature
            }
            Key::Ec(key) => {
                key.sign(&random, message).map(|signature| signature.as_ref().to_vec()).unwrap_or_default()
            }
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// A delivery before it is signed.
#[derive(Debug, Clone)]
#[must_use]
pub struct SignedDelivery<'s> {
    signer: &'s Signer,
    header: Value,
    claims: Value,
}

impl SignedDelivery<'_> {
    /// Sets `kid`, as issuers with discovery do.
    pub fn kid(self, kid: &str) -> Self {
        self.header("kid", kid)
    }

    /// Sets a header parameter.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// Sets a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        if let Some(claims) = self.claims.as_object_mut() {
            claims.remove(name);
        }
        self
    }

    /// Sets the event and the number of its record.
    pub fn event(self, event: &str, object_id: i64) -> Self {
        self.field("event", event).field("object_id", object_id)
    }

    /// Sets the payload.
    pub fn payload(self, payload: impl Into<Value>) -> Self {
        self.field("payload", payload)
    }

    /// Sets a field of the delivery.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(data) = self.claims.get_mut("data").and_then(Value::as_object_mut) {
            data.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Replaces the whole delivery.
    ///
    /// # Errors
    /// If it cannot be serialized as JSON.
    pub fn data(mut self, data: &impl Serialize) -> Result<Self> {
        let data = Json::from_serialize(data).map_err(|_| Error::new("could not serialize the delivery"))?;
        self.claims["data"] = data.to_value();
        Ok(self)
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> String {
        self.signer.token(&self.header.to_string(), &self.claims.to_string())
    }

    /// The request body: `{ "jwt": ".." }`
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        json!({ "jwt": self.token() }).to_string().into_bytes()
    }
}
