//! Verification and decoding of deliveries, against the signature check alone.

use crate::error::{DIFFERENT, Error};
use crate::run::Run;
use crate::table::{Row, Unit};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::hint::black_box;
use std::time::{Duration, Instant};
use xurrent_webhook::test::Signer;
use xurrent_webhook::{Algorithm, Verifier};

const ACCOUNT: &str = "https://wdc.xurrent.com";

/// Deliveries of one sample, each with its own id, because a token is accepted once.
const DELIVERIES: usize = 1_000;

/// One delivery: its body, and the input of a bare signature check.
struct Signed {
    body: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

pub(crate) fn compare(run: &Run<'_>, algorithm: Algorithm) -> Result<Row, Error> {
    run.prepare("signing");
    let signer = Signer::generate(algorithm)?;
    let signed = (0..DELIVERIES).map(|_| sign(&signer)).collect::<Result<Vec<_>, Error>>()?;
    let key = bare_key(&signer)?;
    let headers = headers();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let ours = || {
        // A new verifier has seen no token.
        let verifier = verifier(&signer)?;
        let started = Instant::now();
        let passed = runtime.block_on(async {
            let mut passed = 0;
            for delivery in &signed {
                let verified = verifier.verify(&headers, black_box(&delivery.body)).await;
                passed += usize::from(black_box(verified).is_ok());
            }
            passed
        });
        finish(started, passed)
    };
    let peer = || {
        let started = Instant::now();
        let check = |signed: &&Signed| key.verify_sig(black_box(&signed.message), &signed.signature).is_ok();
        let passed = signed.iter().filter(check).count();
        finish(started, passed)
    };
    let pairs = run.measure(31, ours, peer)?;
    let size = signed.first().map_or(0, |signed| signed.body.len());
    Ok(run
        .row(pairs, Unit::Microseconds)
        .target(1.10)
        .note(format!("a body of {size} bytes, {DELIVERIES} deliveries a sample")))
}

/// Microseconds of a delivery, if all of them passed.
fn finish(started: Instant, passed: usize) -> Result<f64, Error> {
    let elapsed = started.elapsed().as_secs_f64();
    if passed == DELIVERIES { Ok(elapsed * 1e6 / DELIVERIES as f64) } else { Err(DIFFERENT.into()) }
}

/// The example delivery of Xurrent's documentation.
fn sign(signer: &Signer) -> Result<Signed, Error> {
    let data = serde_json::json!({
        "webhook_id": 945,
        "webhook_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9XZWJob29rLzM",
        "account_id": "wdc",
        "account": ACCOUNT,
        "name": "Note added to Request of mycompany",
        "event": "request.note-added",
        "object_id": 219,
        "object_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9SZXEvMjE5",
        "person_id": 8543,
        "person_nodeID": "NG1lMjQuMjIwODEyMTAxMzQ1QDRtZS1kZW1vLmNvbS9QZXJzb24vNg",
        "person_name": "Howard Tanner",
        "instance_name": "Production",
        "payload": {
            "note_id": 3455,
            "source": "self service",
            "member": { "name": "Tom Edwards", "id": 8529 },
            "status": "workflow_pending",
            "team": { "id": 372, "name": "End-User Support, Houston" },
        },
    });
    let body = signer.delivery(ACCOUNT).claim("exp", 9_999_999_999_i64).data(&data)?;
    let token = body.token();
    let (message, signature) = token.rsplit_once('.').ok_or("a token without a signature")?;
    Ok(Signed {
        message: message.as_bytes().to_vec(),
        signature: URL_SAFE_NO_PAD.decode(signature)?,
        body: serde_json::json!({ "jwt": token }).to_string().into_bytes(),
    })
}

fn verifier(signer: &Signer) -> Result<Verifier, Error> {
    Ok(Verifier::builder()
        .account_url(ACCOUNT)
        .public_key(signer.algorithm(), signer.public_key_pem())
        // The deliveries are signed before the first sample.
        .max_age(Duration::from_secs(3_600))
        .build()?)
}

fn bare_key(signer: &Signer) -> Result<ParsedPublicKey, Error> {
    let algorithm: &'static dyn VerificationAlgorithm = match signer.algorithm() {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        _ => &ECDSA_P256_SHA256_FIXED,
    };
    let pem = signer.public_key_pem();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Ok(ParsedPublicKey::new(algorithm, STANDARD.decode(base64)?)?)
}

fn headers() -> HeaderMap {
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("user-agent", "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)"),
        ("x-xurrent-delivery", "1f2a0d5c-9e58-4a52-8df2-3f6f2a1b7c11"),
        ("x-xurrent-delivery-origin", "0b1c2d3e-9e58-4a52-8df2-3f6f2a1b7c11"),
        (
            "link",
            r#"<https://wdc.xurrent.com/requests/219>; rel="canonical", <https://api.xurrent.com/v1/requests/219>; rel="resource""#,
        ),
    ];
    headers
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .into_iter()
        .collect()
}
