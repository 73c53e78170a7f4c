//! Deliveries of webhooks, good and forged, against the verifier; issuers over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod claims;
mod corpus;
mod decoding;
mod discovery;
mod flood;
mod handshake;
mod hostile;
mod links;
mod proxy;
mod random;
mod replay;
mod rules;
mod seed;
mod server;

use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};
use xurrent_webhook::test::Signer;
use xurrent_webhook::{Algorithm, Delivery, Refused, Verifier, VerifierBuilder};

/// The account of all tests.
const ACCOUNT: &str = "https://wdc.xurrent.com";

/// RSA keys take a moment, so every algorithm has one for all tests.
fn signer(algorithm: Algorithm) -> &'static Signer {
    static SIGNERS: LazyLock<[Signer; 6]> =
        LazyLock::new(|| Algorithm::ALL.map(|algorithm| Signer::generate(algorithm).unwrap()));
    SIGNERS.iter().find(|signer| signer.algorithm() == algorithm).unwrap()
}

/// The signer of most tests, and a verifier that knows its key.
fn es256() -> &'static Signer {
    signer(Algorithm::Es256)
}

fn knowing(signer: &Signer) -> VerifierBuilder {
    Verifier::builder().account_url(ACCOUNT).public_key(signer.algorithm(), signer.public_key_pem())
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.iter().map(pair) {
        headers.append(name, value);
    }
    headers
}

async fn verify(verifier: &Verifier, body: impl AsRef<[u8]>) -> Result<Delivery, Refused> {
    verifier.verify(&HeaderMap::new(), body.as_ref()).await
}

/// The precise reason, after the generic one was checked.
#[track_caller]
fn reason<T: std::fmt::Debug>(result: Result<T, Refused>) -> String {
    let refused = result.unwrap_err();
    assert_eq!(refused.to_string(), "the delivery was refused");
    assert!(std::error::Error::source(&refused).is_none());
    refused.reason().to_string()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}
