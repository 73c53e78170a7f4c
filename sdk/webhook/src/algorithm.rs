//! Signature algorithms and public keys.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, EcdsaVerificationAlgorithm,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use std::fmt;

/// A signature algorithm of a webhook policy. `none` and the algorithms with a shared secret, which a policy
/// can also have, are never accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
    Es512,
}

/// The key type of an algorithm.
enum Family {
    Rsa(&'static RsaParameters),
    /// The parameters, the name of the curve and the size of a coordinate.
    Ec(&'static EcdsaVerificationAlgorithm, &'static str, usize),
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 6] = [Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::Es384, Self::Es512];

    /// The name in the header of a token: `RS256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.parameters().0
    }

    /// The algorithm with exactly this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    fn parameters(self) -> (&'static str, Family) {
        use Family::{Ec, Rsa};
        match self {
            Self::Rs256 => ("RS256", Rsa(&RSA_PKCS1_2048_8192_SHA256)),
            Self::Rs384 => ("RS384", Rsa(&RSA_PKCS1_2048_8192_SHA384)),
            Self::Rs512 => ("RS512", Rsa(&RSA_PKCS1_2048_8192_SHA512)),
            Self::Es256 => ("ES256", Ec(&ECDSA_P256_SHA256_FIXED, "P-256", 32)),
            Self::Es384 => ("ES384", Ec(&ECDSA_P384_SHA384_FIXED, "P-384", 48)),
            Self::Es512 => ("ES512", Ec(&ECDSA_P521_SHA512_FIXED, "P-521", 66)),
        }
    }

    /// The key type and the curve, as JWK names them.
    pub(super) fn key_type(self) -> (&'static str, Option<&'static str>) {
        match self.parameters().1 {
            Family::Rsa(_) => ("RSA", None),
            Family::Ec(_, curve, _) => ("EC", Some(curve)),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A public key for one algorithm.
pub(super) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// Reads PEM with `-----BEGIN PUBLIC KEY-----`.
    pub(super) fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, &'static str> {
        if pem.contains("PRIVATE KEY") {
            return Err("it is a private key, which only Xurrent should have");
        }
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| "it is not PEM with `-----BEGIN PUBLIC KEY-----`")?;
        let parsed = match algorithm.parameters().1 {
            Family::Rsa(parameters) => {
                let rsa = rsa::PublicKey::from_der(&key).map_err(|_| "it is not an RSA key")?;
                let bits = RsaParameters::public_modulus_len(rsa.as_ref()).unwrap_or_default();
                if bits < parameters.min_modulus_len() {
                    return Err("the RSA key has less than 2048 bits");
                }
                ParsedPublicKey::new(parameters, &key)
            }
            Family::Ec(parameters, ..) => ParsedPublicKey::new(parameters, &key),
        };
        parsed.map(Self).map_err(|_| "it is a key for another algorithm")
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// A public key in the form of RFC 7517.
#[derive(Deserialize)]
pub(super) struct Jwk {
    pub(super) kid: String,
    kty: String,
    r#use: String,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    /// The key, if it is for signatures with this algorithm.
    pub(super) fn public_key(&self, algorithm: Algorithm) -> Option<PublicKey> {
        let is_named = self.alg.as_deref().is_none_or(|name| name == algorithm.as_str());
        if self.r#use != "sig" || self.kty != algorithm.key_type().0 || !is_named {
            return None;
        }
        let number = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        let key = match algorithm.parameters().1 {
            Family::Rsa(parameters) => {
                let (modulus, exponent) = (number(&self.n)?, number(&self.e)?);
                let leading_zeros = modulus.iter().take_while(|byte| **byte == 0).count();
                let modulus = modulus.get(leading_zeros..)?;
                if modulus.len() * 8 < parameters.min_modulus_len().try_into().ok()? {
                    return None;
                }
                RsaPublicKeyComponents { n: modulus, e: &exponent }.to_parsed_public_key(parameters)
            }
            Family::Ec(parameters, curve, size) => {
                let (x, y) = (number(&self.x)?, number(&self.y)?);
                if self.crv.as_deref() != Some(curve) || x.len() != size || y.len() != size {
                    return None;
                }
                ParsedPublicKey::new(parameters, [&[4], &*x, &*y].concat())
            }
        };
        key.ok().map(PublicKey)
    }
}
