//! Health and metrics, for those who run the receiver.

use super::endpoint::Receiver;
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
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// Counters are the process's own: they outlast an inbox that cannot be asked.
async fn metrics(State(receiver): State<Receiver>) -> Response {
    let depth = within(receiver.shared.inbox.depth()).await.ok();
    match receiver.shared.metrics.text(depth) {
        Ok(text) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, content_type)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The answer of the inbox, or why there is none.
async fn within<T>(answer: impl Future<Output = Result<T, InboxError>>) -> Result<T, String> {
    match timeout(PATIENCE, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            error!(error = &error as &dyn Error, "the inbox failed");
            Err(error.to_string())
        }
        Err(_) => {
            error!(patience = ?PATIENCE, "the inbox does not answer");
            Err(format!("the inbox does not answer within {PATIENCE:?}"))
        }
    }
}
