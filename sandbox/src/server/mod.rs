//! The HTTP server in front of the engine.
//!
//! [`respond`] is the way of a request: its fault is chosen, an [`endpoint`](endpoints) responds, the
//! fault takes effect, and the request is recorded. Requests for the [`explorer`] page go apart.

pub(crate) mod api_request;
mod endpoints;
mod explorer;
mod listener;
mod recorded_request;
pub(crate) mod response;
pub(crate) mod state;
mod upload;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::StreamExt as _;
use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::fault::{Effect, Fault, RequestKind};
use api_request::ApiRequest;
use endpoints::Endpoint;
use listener::{ConnectionKiller, SandboxListener};
pub use recorded_request::RecordedRequest;
use response::ApiResponse;
use state::ServerState;

/// Serves https if there is an acceptor, or else http, until `stopped` changes or its sender is dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    server: Arc<ServerState>,
    mut stopped: watch::Receiver<()>,
) {
    let state = (server, acceptor.is_some());
    let app = Router::new().fallback(respond).layer(DefaultBodyLimit::disable()).with_state(state);
    let app = app.into_make_service_with_connect_info::<ConnectionKiller>();
    let listener = SandboxListener { listener, acceptor, handshakes: JoinSet::new() };
    // Serving a bound listener returns no error that could be handled.
    let _ = axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            let _ = stopped.changed().await;
        })
        .await;
}

async fn respond(
    State((server, is_secure)): State<(Arc<ServerState>, bool)>,
    ConnectInfo(killer): ConnectInfo<ConnectionKiller>,
    request: Request,
) -> Response {
    let (parts, mut body) = request.into_parts();
    if let Some(response) = explorer::respond(&server, &parts) {
        return response;
    }
    server.arrivals.lock().push(Instant::now());
    let path = parts.uri.path().to_owned();
    let endpoint = Endpoint::of(&path, is_secure);
    let mut request = ApiRequest { parts, is_secure, body: None, json: None, form: None };
    if !endpoint.is_streamed() {
        request.read(take(&mut body)).await;
    }
    match endpoint {
        // The body can contain a secret; it is recorded as a form without it.
        Endpoint::Token => request.json = None,
        Endpoint::GraphQl => wait(server.latency).await,
        _ => {}
    }
    let fault = next_fault(&server, endpoint, &request);
    if let Some(fault) = &fault {
        wait(fault.delay).await;
    }
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let user = server.user(&request.parts.headers).map(str::to_owned);
    let mut response = match &fault {
        Some(fault) if fault.replaces_execution() => {
            ApiResponse::message(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
        _ => endpoint.respond(&server, &mut request, take(&mut body), effect).await,
    };
    match effect {
        Some(Effect::Errors(messages)) => response.add_errors(messages),
        Some(Effect::Status(status)) => {
            // The response arrives only after the whole body.
            let mut rest = body.into_data_stream();
            while let Some(Ok(_)) = rest.next().await {}
            let body = fault.as_ref().and_then(|fault| fault.body.clone());
            let default = || format!(r#"{{"message":"A fault of the sandbox: {status}"}}"#);
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response = ApiResponse::text(status, body.unwrap_or_else(default));
        }
        _ => {}
    }
    let is_cut = response.is_cut || matches!(effect, Some(Effect::CutBefore | Effect::CutAfter));
    let mut requests = server.requests.lock();
    requests.push(RecordedRequest {
        method: request.parts.method.to_string(),
        path,
        user,
        headers: recorded_request::headers(&request.parts.headers),
        body: request.json,
        form: recorded_request::form(request.form.unwrap_or_default(), &server.oauth.settings.client_secret),
        status: if is_cut { 0 } else { response.status.as_u16() },
    });
    if is_cut {
        killer.kill();
    }
    response.into_response(requests.len(), fault)
}

/// Takes the first queued fault that applies to a request.
fn next_fault(server: &ServerState, endpoint: Endpoint<'_>, request: &ApiRequest) -> Option<Fault> {
    let kind = endpoint.kind()?;
    let user = server.user(&request.parts.headers);
    let user = user.filter(|_| matches!(kind, RequestKind::GraphQl | RequestKind::Rest));
    let operation = request.json.as_ref().and_then(|body| body["operationName"].as_str());
    let mut faults = server.faults.lock();
    let index = faults.iter().position(|fault| fault.applies_to(kind, operation, user))?;
    faults.remove(index)
}

async fn wait(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
