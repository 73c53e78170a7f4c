//! The steps of a request: read the body, authenticate, store, respond.

use super::{Receiver, Shared};
use crate::authenticator::Authenticated;
use crate::inbox::{RawDelivery, Rejection, RunOnDrop};
use crate::log::printable;
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode, request};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::time::timeout;
use tower_service::Service;
use tracing::{Instrument, debug, error, info, info_span, warn};

impl<B> Service<Request<B>> for Receiver
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let started = Instant::now();
            let (head, body) = request.into_parts();
            let status = if head.method == Method::POST {
                match read(&shared, body).await {
                    Ok(body) => receive_in_time(&shared, &head, body, started).await,
                    Err(status) => status,
                }
            } else {
                StatusCode::METHOD_NOT_ALLOWED
            };
            shared.metrics.responded(status, started.elapsed());
            Ok(response(status))
        })
    }
}

/// Reads the body within the limits on its size and time. A sender counts as a request only when its
/// body has arrived, so slow senders do not displace others.
async fn read<B>(shared: &Shared, body: B) -> Result<Bytes, StatusCode>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let sender = shared.senders.enter_within(shared.max_concurrent_requests);
    let status = if body.size_hint().lower() > shared.body_limit as u64 {
        // Announced as too large, so it is not read.
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        let collected = Limited::new(body, shared.body_limit).collect();
        tokio::select! {
            biased;
            read = timeout(shared.read_timeout.min(shared.deadline), collected) => match read {
                Ok(Ok(body)) => return Ok(body.to_bytes()),
                Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
                Ok(Err(_)) => StatusCode::BAD_REQUEST,
                Err(_) => StatusCode::REQUEST_TIMEOUT,
            },
            () = sender.evicted() => StatusCode::REQUEST_TIMEOUT,
        }
    };
    if let Some(suppressed) = shared.log.admit(status.canonical_reason().unwrap_or_default()) {
        info!(%status, suppressed, "could not read a body");
    }
    Err(status)
}

/// Receives a delivery within the rest of the deadline.
async fn receive_in_time(
    shared: &Arc<Shared>,
    head: &request::Parts,
    body: Bytes,
    started: Instant,
) -> StatusCode {
    let Ok(_permit) = shared.requests.try_acquire() else {
        if let Some(suppressed) = shared.log.admit("too_many") {
            warn!(suppressed, "too many concurrent requests: responding with 503");
        }
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let deadline = shared.deadline;
    let received = receive(shared, head, body);
    timeout(deadline.saturating_sub(started.elapsed()), received).await.unwrap_or_else(|_| {
        if let Some(suppressed) = shared.log.admit("deadline") {
            error!(?deadline, suppressed, "delivery not stored before the deadline: responding with 503");
        }
        StatusCode::SERVICE_UNAVAILABLE
    })
}

async fn receive(shared: &Shared, head: &request::Parts, body: Bytes) -> StatusCode {
    let authenticated = shared.authenticator.authenticate(&head.uri, &head.headers, body);
    let (delivery, release) = match authenticated.instrument(info_span!("verify")).await {
        Ok(Authenticated::Delivery(delivery)) => (delivery, None),
        Ok(Authenticated::OneTime(delivery, release)) => (delivery, Some(release)),
        Ok(Authenticated::Handshake) => {
            info!("handshake confirmed");
            return StatusCode::OK;
        }
        Err(rejection) => return reject(shared, &rejection),
    };
    // Makes the credential valid again if the inbox fails, the deadline passes, or the sender disconnects.
    let mut release = RunOnDrop(release);
    if let Err(rejection) = delivery.check_lengths() {
        return reject(shared, &rejection);
    }
    let status = store(shared, delivery).await;
    if status == StatusCode::OK {
        release.0 = None;
    }
    status
}

fn reject(shared: &Shared, rejection: &Rejection) -> StatusCode {
    let reason = rejection.reason();
    if let Some(suppressed) = shared.log.admit(reason) {
        let detail = printable(&rejection.to_string());
        warn!(reason, detail, suppressed, "delivery rejected");
    }
    shared.metrics.rejected(reason);
    StatusCode::FORBIDDEN
}

async fn store(shared: &Shared, delivery: RawDelivery) -> StatusCode {
    let (id, event) = (delivery.id.clone(), delivery.event.clone());
    match shared.inbox.store(delivery).instrument(info_span!("store", event)).await {
        Ok(stored) => {
            debug!(?stored, delivery = id, event, "delivery stored");
            shared.metrics.stored(stored, &event);
            StatusCode::OK
        }
        Err(error) => {
            if let Some(suppressed) = shared.log.admit("not_stored") {
                let error = &error as &dyn Error;
                error!(error, delivery = id, event, suppressed, "could not store a delivery");
            }
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// A response that discloses nothing but its status.
fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let body = match status {
        StatusCode::OK => r#"{"message":"Received"}"#,
        StatusCode::FORBIDDEN => r#"{"message":"Refused"}"#,
        StatusCode::METHOD_NOT_ALLOWED => r#"{"message":"Use POST"}"#,
        StatusCode::REQUEST_TIMEOUT => r#"{"message":"Too slow"}"#,
        StatusCode::PAYLOAD_TOO_LARGE => r#"{"message":"Too large"}"#,
        StatusCode::SERVICE_UNAVAILABLE => r#"{"message":"Try again later"}"#,
        _ => r#"{"message":"Bad request"}"#,
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}
