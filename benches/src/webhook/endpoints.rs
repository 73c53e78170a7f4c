//! Both endpoints: handlers of axum that verify and decode a delivery and respond.

use super::signed::{ACCOUNT, Note, PATH, response};
use crate::error::Error;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use xurrent_webhook::Verifier;
use xurrent_webhook::test::Signer;

/// With a verifier. It also checks that a token is used once, and reads the links of the headers.
pub(super) fn ours(signer: &Signer) -> Result<Router, Error> {
    let verifier = Verifier::builder()
        .account_url(ACCOUNT)
        .public_key(signer.algorithm(), signer.public_key_pem())
        // The deliveries are signed before the first sample.
        .max_age(Duration::from_secs(3_600))
        .build()?;
    Ok(Router::new().route(PATH, post(receive)).with_state(verifier))
}

async fn receive(
    State(verifier): State<Verifier>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    let delivery = verifier.verify(&headers, &body).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let note: Note = delivery.payload().map_err(|_| StatusCode::BAD_REQUEST)?;
    let origin = delivery.origin_id().ok_or(StatusCode::BAD_REQUEST)?;
    Ok(response(origin, delivery.object_id, delivery.person_name.as_deref(), &note))
}

/// With `jsonwebtoken`, which checks the signature, the issuer and the times, and serde's derives.
pub(super) fn peer(signer: &Signer) -> Result<Router, Error> {
    let key = DecodingKey::from_jwk(&serde_json::from_value(signer.jwk("key"))?)?;
    let mut validation = Validation::new(signer.algorithm().as_str().parse()?);
    validation.set_issuer(&[ACCOUNT]);
    validation.validate_nbf = true;
    Ok(Router::new().route(PATH, post(receive_bare)).with_state(Arc::new((key, validation))))
}

#[derive(Deserialize)]
struct Body<'b> {
    jwt: &'b str,
}

#[derive(Deserialize)]
struct Claims {
    data: Message,
}

/// The fields of the SDK's message.
#[derive(Deserialize)]
#[allow(dead_code, reason = "a delivery is decoded in whole")]
struct Message {
    webhook_id: i64,
    #[serde(rename = "webhook_nodeID")]
    webhook_node_id: Option<String>,
    account_id: Option<String>,
    account: String,
    custom_url: Option<String>,
    name: Option<String>,
    event: String,
    object_id: i64,
    #[serde(rename = "object_nodeID")]
    object_node_id: Option<String>,
    person_id: Option<i64>,
    #[serde(rename = "person_nodeID")]
    person_node_id: Option<String>,
    person_name: Option<String>,
    instance_name: Option<String>,
    payload: Note,
}

async fn receive_bare(
    State(trusted): State<Arc<(DecodingKey, Validation)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    let (key, validation) = &*trusted;
    let Body { jwt } = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let token = jsonwebtoken::decode::<Claims>(jwt, key, validation).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let Message { object_id, person_name, payload, .. } = token.claims.data;
    let origin = headers.get("x-xurrent-delivery-origin").and_then(|origin| origin.to_str().ok());
    let origin = origin.ok_or(StatusCode::BAD_REQUEST)?;
    Ok(response(origin, object_id, person_name.as_deref(), &payload))
}
