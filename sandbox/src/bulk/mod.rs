//! Exports and imports of the REST interface.
//!
//! [`form`] reads the request that starts a job, [`export`] and [`import`] do the work, [`format`] writes files, [`jobs`] delays its end, and
//! [`file`] serves what it leaves.

mod columns;
mod export;
mod file;
mod form;
mod format;
mod import;
pub(crate) mod jobs;
mod settings;

use axum::body::Body;
use axum::http::StatusCode;
use std::sync::Arc;

use crate::rest::{self, PATH, RestResult};
use crate::server::api_request::ApiRequest;
use crate::server::response::ApiResponse;
use crate::server::state::ServerState;
pub use jobs::BulkJob;
use jobs::{FILES, JobKind};
pub use settings::BulkJobs;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    Start(JobKind),
    /// With the token.
    Poll(JobKind, &'p str),
    /// With the name.
    File(&'p str),
}

impl<'p> Route<'p> {
    pub(crate) fn of(path: &'p str) -> Option<Self> {
        if let Some(name) = path.strip_prefix(FILES) {
            return Some(Self::File(name));
        }
        let rest = path.strip_prefix(PATH)?.strip_prefix('/')?;
        let (kind, rest) = match rest.strip_prefix("export") {
            Some(rest) => (JobKind::Export, rest),
            None => (JobKind::Import, rest.strip_prefix("import")?),
        };
        match rest.strip_prefix('/') {
            None if rest.is_empty() => Some(Self::Start(kind)),
            Some(token) if !token.is_empty() && !token.contains('/') => Some(Self::Poll(kind, token)),
            _ => None,
        }
    }

    /// Whether its body is read while it arrives.
    pub(crate) fn is_streamed(self) -> bool {
        matches!(self, Self::Start(_))
    }

    pub(crate) fn is_file(self) -> bool {
        matches!(self, Self::File(_))
    }

    pub(crate) fn method(self) -> &'static str {
        if self.is_streamed() { "POST" } else { "GET" }
    }

    pub(crate) async fn respond(
        self,
        server: &Arc<ServerState>,
        request: &mut ApiRequest,
        body: Body,
    ) -> ApiResponse {
        match self {
            Self::Start(kind) => start(server, request, body, kind).await,
            Self::Poll(kind, token) => {
                let (jobs, token) = (Arc::clone(server), token.to_owned());
                let poll = move |_| -> RestResult {
                    let status = jobs.bulk.poll(kind, &token);
                    let response = status.map(|status| ApiResponse::json(StatusCode::OK, &status));
                    Ok(response.unwrap_or_else(ApiResponse::not_found))
                };
                rest::respond(server, &request.parts.headers, || Ok(poll)).await
            }
            Self::File(name) => file::respond(&server.bulk, &request.parts.headers, name),
        }
    }
}

async fn start(
    server: &Arc<ServerState>,
    request: &mut ApiRequest,
    body: Body,
    kind: JobKind,
) -> ApiResponse {
    let form = form::read(&request.parts, body).await;
    if let Ok(form) = &form {
        request.form = Some(form.fields.clone());
    }
    let headers = &request.parts.headers;
    let language = rest::language(headers).to_owned();
    let worker = Arc::clone(server);
    let route = || {
        let form = form?;
        Ok(move |_| match kind {
            JobKind::Export => export::start(&worker.engine, &worker.bulk, &form),
            JobKind::Import => import::start(&worker.engine, &worker.bulk, &form, &language),
        })
    };
    rest::respond(server, headers, route).await
}
