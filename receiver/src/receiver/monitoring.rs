//! Health and metrics for operators.

use crate::inbox::{Inbox, InboxError};
use crate::metrics::Metrics;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tracing::error;

const INBOX_TIMEOUT: Duration = Duration::from_secs(2);

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn router(inbox: Arc<dyn Inbox>, metrics: Arc<Metrics>) -> Router {
    let health = get(health).with_state(Arc::clone(&inbox));
    Router::new().route("/health", health).route("/metrics", get(text)).with_state((inbox, metrics))
}

/// Checks whether a delivery could be stored now.
async fn health(State(inbox): State<Arc<dyn Inbox>>) -> Response {
    match in_time(inbox.probe()).await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

/// Counters belong to the process, so they are available while the inbox is not.
async fn text(State((inbox, metrics)): State<(Arc<dyn Inbox>, Arc<Metrics>)>) -> Response {
    match metrics.text(in_time(inbox.depth()).await.ok()) {
        Ok(text) => ([(CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn in_time<T>(operation: impl Future<Output = Result<T, InboxError>>) -> Result<T, String> {
    match timeout(INBOX_TIMEOUT, operation).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            error!(error = &error as &dyn Error, "the inbox failed");
            Err(error.to_string())
        }
        Err(_) => {
            error!(timeout = ?INBOX_TIMEOUT, "the inbox timed out");
            Err(format!("the inbox timed out after {INBOX_TIMEOUT:?}"))
        }
    }
}
