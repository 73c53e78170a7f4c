//! The HTTP server in front of the engine.
//!
//! [`respond`] is the way of a request: its fault is chosen, an [`endpoint`](endpoints) responds, the
//! fault takes effect, and the request is recorded.

pub(crate) mod api_request;
mod chunked_body;
mod endpoints;
mod listener;
mod recorded_request;
pub(crate) mod response;
pub(crate) mod state;
mod upload;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use secrecy::ExposeSecret as _;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::fault::{Effect, Fault, RequestInfo, RequestKind};
use crate::storage;
use api_request::ApiRequest;
use endpoints::Endpoint;
use listener::{ConnectionKiller, HttpListener, HttpsListener};
pub use recorded_request::RecordedRequest;
use response::ApiResponse;
use state::ServerState;

/// The state of one listener.
#[derive(Clone)]
struct ListenerState {
    server: Arc<ServerState>,
    is_secure: bool,
}

/// Serves http until `stopped` changes or its sender is dropped.
pub(crate) async fn serve(listener: TcpListener, server: Arc<ServerState>, stopped: watch::Receiver<()>) {
    serve_on(HttpListener(listener), ListenerState { server, is_secure: false }, stopped).await;
}

/// Serves https, with the endpoints that exist over https only.
pub(crate) async fn serve_secure(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    server: Arc<ServerState>,
    stopped: watch::Receiver<()>,
) {
    let listener = HttpsListener::new(listener, acceptor);
    serve_on(listener, ListenerState { server, is_secure: true }, stopped).await;
}

async fn serve_on<L>(listener: L, state: ListenerState, mut stopped: watch::Receiver<()>)
where
    L: Listener<Addr: fmt::Debug>,
    ConnectionKiller: for<'a> Connected<IncomingStream<'a, L>>,
{
    let app = Router::new().fallback(respond).layer(DefaultBodyLimit::disable()).with_state(state);
    // Serving a bound listener returns no error that could be handled.
    let _ = axum::serve(listener, app.into_make_service_with_connect_info::<ConnectionKiller>())
        .with_graceful_shutdown(async move {
            let _ = stopped.changed().await;
        })
        .await;
}

async fn respond(
    State(ListenerState { server, is_secure }): State<ListenerState>,
    ConnectInfo(killer): ConnectInfo<ConnectionKiller>,
    request: Request,
) -> Response {
    server.arrivals.lock().push(Instant::now());
    let (parts, body) = request.into_parts();
    if parts.uri.path() == storage::PATH {
        return upload(&server, &killer, &parts, body).await;
    }
    let mut request = ApiRequest::read(parts, body, is_secure).await;
    let path = request.path().to_owned();
    let endpoint = Endpoint::of(&path, is_secure);
    if endpoint == Endpoint::Token {
        // The body can contain a secret; it is recorded as a form without it.
        request.json = None;
    }
    if endpoint == Endpoint::GraphQl {
        wait(server.latency).await;
    }
    let fault = next_fault(&server, endpoint, &request);
    if let Some(fault) = &fault {
        wait(fault.delay).await;
    }
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let user = server.user(request.headers()).map(str::to_owned);
    let mut response = match &fault {
        Some(fault) if fault.replaces_execution() => {
            ApiResponse::message(StatusCode::INTERNAL_SERVER_ERROR, "")
        }
        _ => endpoint.respond(&server, &request, effect).await,
    };
    match effect {
        Some(Effect::Errors(messages)) => response.add_errors(messages),
        Some(Effect::Status(status)) => response = ApiResponse::fault(*status, fault.as_ref()),
        _ => {}
    }
    let form = request.form.as_deref().unwrap_or_default();
    let form = recorded_request::form(form, server.oauth.settings.client_secret.expose_secret());
    finish(&server, &killer, &request.parts, Recorded { user, body: request.json, form }, response, fault)
}

/// Receives an upload to the attachment storage, whose body is streamed.
async fn upload(server: &ServerState, killer: &ConnectionKiller, parts: &Parts, body: Body) -> Response {
    let fault = server.faults.next(&RequestInfo::of_kind(RequestKind::Upload));
    if let Some(fault) = &fault {
        wait(fault.delay).await;
    }
    let (response, fields) = match fault.as_ref().map(|fault| &fault.effect) {
        Some(Effect::CutBefore) => (ApiResponse::message(StatusCode::INTERNAL_SERVER_ERROR, ""), Vec::new()),
        Some(Effect::Status(status)) => {
            upload::drain(body).await;
            (ApiResponse::fault(*status, fault.as_ref()), Vec::new())
        }
        _ => upload::receive(server, parts, body).await,
    };
    let user = server.user(&parts.headers).map(str::to_owned);
    let recorded = Recorded { user, body: None, form: recorded_request::permission(&fields) };
    finish(server, killer, parts, recorded, response, fault)
}

/// The parts of a recorded request that are not in its head.
struct Recorded {
    user: Option<String>,
    body: Option<serde_json::Value>,
    form: Vec<(String, String)>,
}

/// Records a request, and sends its response unless the connection is cut.
fn finish(
    server: &ServerState,
    killer: &ConnectionKiller,
    parts: &Parts,
    Recorded { user, body, form }: Recorded,
    response: ApiResponse,
    fault: Option<Fault>,
) -> Response {
    let effect = fault.as_ref().map(|fault| &fault.effect);
    let is_cut = response.is_cut || matches!(effect, Some(Effect::CutBefore | Effect::CutAfter));
    let number = server.next_number();
    server.requests.lock().push(RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        user,
        headers: recorded_request::headers(&parts.headers),
        body,
        form,
        status: if is_cut { 0 } else { response.status.as_u16() },
    });
    if is_cut {
        killer.kill();
    }
    response.into_response(number, fault)
}

fn next_fault(server: &ServerState, endpoint: Endpoint<'_>, request: &ApiRequest) -> Option<Fault> {
    let kind = endpoint.kind()?;
    let mut info = RequestInfo::of_kind(kind);
    if matches!(kind, RequestKind::GraphQl | RequestKind::Rest) {
        info.user = server.user(request.headers());
    }
    if kind == RequestKind::GraphQl {
        info.operation = request.json.as_ref().and_then(|body| body["operationName"].as_str());
    }
    server.faults.next(&info)
}

async fn wait(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
