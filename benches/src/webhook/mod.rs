//! Deliveries through a handler of axum, against one with `jsonwebtoken` and serde. The signature check alone
//! is the limit of both.

mod endpoints;
mod signed;

use crate::error::{DIFFERENT, Error};
use crate::pairs::median;
use crate::run::Run;
use crate::table::{Row, Unit};
use aws_lc_rs::signature::ParsedPublicKey;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use http::StatusCode;
use signed::{Signed, bare_key};
use std::hint::black_box;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;
use xurrent_webhook::Algorithm;
use xurrent_webhook::test::Signer;

/// Deliveries of one sample, each with its own id, because a token is accepted once.
const DELIVERIES: usize = 1_000;

pub(crate) fn compare(run: &Run<'_>, algorithm: Algorithm) -> Result<Row, Error> {
    run.prepare("signing");
    let signer = Signer::generate(algorithm)?;
    let signed = (0..DELIVERIES).map(|_| Signed::new(&signer)).collect::<Result<Vec<_>, Error>>()?;
    let key = bare_key(&signer)?;
    // One thread: the rates are those of a core.
    let runtime = Builder::new_current_thread().build()?;
    let responses = [endpoints::ours(&signer)?, endpoints::peer(&signer)?]
        .map(|router| runtime.block_on(respond(&mut router.clone(), signed[0].request()?)));
    let [ours, peer] = responses;
    if ours? != peer? {
        return Err(DIFFERENT.into());
    }
    let mut checks = Vec::new();
    let ours = || {
        checks.push(signature_checks(&key, &signed)?);
        // A new verifier has seen no token.
        deliver(&runtime, endpoints::ours(&signer)?, &signed)
    };
    let peer = || deliver(&runtime, endpoints::peer(&signer)?, &signed);
    let pairs = run.measure(31, ours, peer)?;
    let rate = |microseconds: f64| 1e6 / microseconds;
    Ok(run.row(pairs, Unit::Microseconds).target(1.0).note(format!(
        "{:.0} deliveries a second and core, {:.0} with axum, jsonwebtoken and serde, {:.0} checks of the bare signature; \
         {} of aws-lc on all sides, without sockets; bodies of {} bytes, {DELIVERIES} a sample",
        rate(pairs.ours),
        rate(pairs.peer),
        rate(median(checks.into_iter())),
        algorithm.as_str(),
        signed[0].body.len(),
    )))
}

/// Microseconds of a delivery: from its request to the response.
fn deliver(runtime: &Runtime, mut router: Router, signed: &[Signed]) -> Result<f64, Error> {
    let requests = signed.iter().map(Signed::request).collect::<Result<Vec<_>, Error>>()?;
    runtime.block_on(async {
        let started = Instant::now();
        for request in requests {
            black_box(respond(&mut router, request).await?);
        }
        Ok(per_delivery(started))
    })
}

/// The response of an endpoint, which accepts the delivery.
async fn respond(router: &mut Router, request: Request) -> Result<Vec<u8>, Error> {
    let response = router.call(request).await?;
    match response.status() {
        StatusCode::OK => Ok(to_bytes(response.into_body(), usize::MAX).await?.into()),
        status => Err(format!("the response to a delivery was {status}").into()),
    }
}

/// Microseconds of the signature check of a delivery.
fn signature_checks(key: &ParsedPublicKey, signed: &[Signed]) -> Result<f64, Error> {
    let started = Instant::now();
    for Signed { message, signature, .. } in signed {
        key.verify_sig(black_box(message), signature)?;
    }
    Ok(per_delivery(started))
}

fn per_delivery(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / DELIVERIES as f64
}
