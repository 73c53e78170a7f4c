//! Bodies, and tokens behind a good signature: nothing panics, and nothing unsigned is accepted.
//!
//! The first byte selects the meaning of the rest: the whole body; a token without its quotes; the header
//! of a token; its claims; or the delivery in them. The last three are signed with the right key.

use http::HeaderMap;
use std::sync::LazyLock;
use xurrent_webhook::test::Signer;
use xurrent_webhook::{Algorithm, Verifier};

const ACCOUNT: &str = "https://wdc.xurrent.com";
/// The year 9999, so that a corpus does not expire.
const END: i64 = 253_402_300_799;

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::generate(Algorithm::Es256).unwrap());
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let builder =
        Verifier::builder().account_url(ACCOUNT).public_key(Algorithm::Es256, SIGNER.public_key_pem());
    builder.build().unwrap()
});

pub(crate) fn check(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let body = |token: &str| format!("{{\"jwt\":\"{token}\"}}").into_bytes();
    let (body, signed) = match kind % 5 {
        0 => (rest.to_vec(), false),
        1 => (body(&text), false),
        2 => (body(&SIGNER.token(&text, "{}")), true),
        3 => (body(&SIGNER.token(r#"{"alg":"ES256"}"#, &text)), true),
        _ => {
            let claims = format!(r#"{{"iss":"{ACCOUNT}","exp":{END},"data":{text}}}"#);
            (body(&SIGNER.token(r#"{"alg":"ES256"}"#, &claims)), true)
        }
    };
    match RUNTIME.block_on(VERIFIER.verify(&HeaderMap::new(), &body)) {
        Ok(delivery) => {
            assert!(signed && delivery.signed);
            let _ = delivery.typed_payload();
        }
        Err(refused) => {
            assert_eq!(refused.to_string(), "the delivery was refused");
            // One short line of a log.
            let reason = refused.reason().to_string();
            assert!(!reason.contains('\n') && reason.len() < 2_000, "{reason}");
        }
    }
}
