//! Signed deliveries, and the key that signed them.

use crate::error::Error;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use axum::body::Body;
use axum::extract::Request;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use xurrent_webhook::Algorithm;
use xurrent_webhook::test::Signer;

pub(super) const ACCOUNT: &str = "https://wdc.xurrent.com";

/// The path of the endpoint.
pub(super) const PATH: &str = "/xurrent";

const HEADERS: [(&str, &str); 5] = [
    ("content-type", "application/json; charset=utf-8"),
    ("user-agent", "xurrent/1.0 (https://developer.xurrent.com/v1/webhooks)"),
    ("x-xurrent-delivery", "1f2a0d5c-9e58-4a52-8df2-3f6f2a1b7c11"),
    ("x-xurrent-delivery-origin", "0b1c2d3e-9e58-4a52-8df2-3f6f2a1b7c11"),
    (
        "link",
        r#"<https://wdc.xurrent.com/requests/219>; rel="canonical", <https://api.xurrent.com/v1/requests/219>; rel="resource""#,
    ),
];

/// The payload of the delivery, which both sides decode.
#[derive(Debug, Deserialize)]
pub(super) struct Note {
    pub(super) note_id: u64,
    pub(super) source: String,
    pub(super) member: Named,
    pub(super) status: String,
    pub(super) team: Option<Named>,
}

/// A record in a payload.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: u64,
    pub(super) name: String,
}

/// The response to a delivery: some of all parts that both sides decode.
pub(super) fn response(origin: &str, object_id: i64, person: Option<&str>, note: &Note) -> String {
    let Note { note_id, source, member, status, team } = note;
    let (person, team) = (person.unwrap_or_default(), team.as_ref().map_or("", |team| &team.name));
    format!("{origin} {object_id} {person} {note_id} {source} {} {} {status} {team}", member.id, member.name)
}

/// A delivery: its body, and the input of a bare signature check.
pub(super) struct Signed {
    pub(super) body: Bytes,
    pub(super) message: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Signed {
    /// Signs the example delivery of Xurrent's documentation.
    pub(super) fn new(signer: &Signer) -> Result<Self, Error> {
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
        Ok(Self {
            message: message.as_bytes().to_vec(),
            signature: URL_SAFE_NO_PAD.decode(signature)?,
            body: serde_json::json!({ "jwt": token }).to_string().into(),
        })
    }

    /// The request as a server passes it to a router.
    pub(super) fn request(&self) -> Result<Request, Error> {
        let mut request = Request::builder().method(Method::POST).uri(PATH);
        for (name, value) in HEADERS {
            request = request.header(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Ok(request.body(Body::from(self.body.clone()))?)
    }
}

/// The key, for signature checks alone.
pub(super) fn bare_key(signer: &Signer) -> Result<ParsedPublicKey, Error> {
    let algorithm: &'static dyn VerificationAlgorithm = match signer.algorithm() {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        _ => &ECDSA_P256_SHA256_FIXED,
    };
    let pem = signer.public_key_pem();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Ok(ParsedPublicKey::new(algorithm, STANDARD.decode(base64)?)?)
}
