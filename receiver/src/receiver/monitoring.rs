//! Health and metrics, for those who run the receiver.

use super::Receiver;
use crate::inbox::InboxError;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use std::error::Error;
use std::time::Duration;
use tokio::time::timeout;
use tracing::error;

/// How long the inbox may take for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn router(receiver: &Receiver) -> Router {
    Router::new().route("/health", get(health)).route("/metrics", get(metrics)).with_state(receiver.clone())
}

/// Whether a delivery could be stored now.
async fn health(State(receiver): State<Receiver>) -> Response {
    match within(receiver.shared.inbox.probe()).await {
        Some(()) => (StatusCode::OK, "ok\n").into_response(),
        None => unavailable(),
    }
}

async fn metrics(State(receiver): State<Receiver>) -> Response {
    let depth = within(receiver.shared.inbox.depth()).await;
    match depth.and_then(|depth| receiver.shared.metrics.text(depth).ok()) {
        Some(text) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, content_type)], text).into_response()
        }
        None => unavailable(),
    }
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "the inbox does not answer\n").into_response()
}

async fn within<T>(answer: impl Future<Output = Result<T, InboxError>>) -> Option<T> {
    match timeout(PATIENCE, answer).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            error!(error = &error as &dyn Error, "the inbox failed");
            None
        }
        Err(_) => {
            error!(patience = ?PATIENCE, "the inbox does not answer");
            None
        }
    }
}
