//! The endpoint of the attachment storage. It is as strict as S3 and the account's own server, and
//! stricter about the order of fields.

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest as _, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use futures_core::Stream as _;
use serde_json::json;
use std::future::poll_fn;
use std::pin::Pin;

use super::response::ApiResponse;
use super::state::{ServerState, has_type};
use crate::storage::{PermissionError, Provider, Uploads};

/// The size limit of the fields before a file, as on S3.
const MAX_FIELDS: usize = 20_000;

/// A refused upload: status, S3 error code and message.
struct UploadError(StatusCode, &'static str, String);

fn invalid(message: impl Into<String>) -> UploadError {
    UploadError(StatusCode::BAD_REQUEST, "InvalidArgument", message.into())
}

/// Receives a file, and returns the response and the form fields before the file. A refused body is
/// still read to its end, so that the response arrives.
pub(super) async fn receive(
    server: &ServerState,
    parts: &Parts,
    body: Body,
) -> (ApiResponse, Vec<(String, String)>) {
    let uploads = server.engine.uploads();
    let mut fields = Vec::new();
    let Some(provider) = uploads.storage.provider else {
        return (ApiResponse::not_found(), fields);
    };
    let checked = check(server, provider, parts);
    let request = Request::from_parts(parts.clone(), body);
    let received = match Multipart::from_request(request, &()).await {
        Err(error) => Err(checked.err().unwrap_or_else(|| invalid(error.body_text()))),
        Ok(mut form) => {
            let received = match checked {
                Ok(()) => read(uploads, &mut form, &mut fields).await,
                Err(error) => Err(error),
            };
            if received.is_err() {
                while let Ok(Some(mut field)) = form.next_field().await {
                    while let Ok(Some(_)) = field.chunk().await {}
                }
            }
            received
        }
    };
    (response(provider, received), fields)
}

/// Reads a body to its end.
pub(super) async fn drain(body: Body) {
    let mut body = body.into_data_stream();
    while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {}
}

/// Checks the method and the headers.
fn check(server: &ServerState, provider: Provider, parts: &Parts) -> Result<(), UploadError> {
    if parts.method != Method::POST {
        return Err(UploadError(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Use POST".to_owned()));
    }
    match provider {
        Provider::S3 if parts.headers.contains_key(AUTHORIZATION) => {
            return Err(invalid("Only one auth mechanism allowed"));
        }
        Provider::S3 if !parts.headers.contains_key(CONTENT_LENGTH) => {
            let message = "You must provide the Content-Length HTTP header.";
            return Err(UploadError(StatusCode::LENGTH_REQUIRED, "MissingContentLength", message.to_owned()));
        }
        Provider::S3 => {}
        Provider::Local => {
            server
                .authorize(&parts.headers)
                .map_err(|(status, message)| UploadError(status, "AccessDenied", message.to_owned()))?;
        }
    }
    match has_type(&parts.headers, "multipart/form-data") {
        true => Ok(()),
        false => Err(invalid("The form must be multipart/form-data")),
    }
}

/// Reads the form: `Content-Type`, the parameters of the permission, and the file.
async fn read(
    uploads: &Uploads,
    form: &mut Multipart,
    fields: &mut Vec<(String, String)>,
) -> Result<String, UploadError> {
    let mut before = 0;
    loop {
        let field = form.next_field().await.map_err(|error| invalid(error.body_text()))?;
        let field = field.ok_or_else(|| invalid("POST requires exactly one file upload per request."))?;
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            return file(uploads, fields, field).await;
        }
        let text = field.text().await.map_err(|error| invalid(error.body_text()))?;
        before += name.len() + text.len();
        if before > MAX_FIELDS {
            return Err(invalid("Your POST request fields preceding the upload file were too large."));
        }
        fields.push((name, text));
        if fields.first().is_some_and(|(first, _)| first != "Content-Type") {
            return Err(invalid("Content-Type must be the first field"));
        }
    }
}

async fn file(
    uploads: &Uploads,
    fields: &[(String, String)],
    mut field: Field<'_>,
) -> Result<String, UploadError> {
    let [(_, content_type), parameters @ ..] = fields else {
        return Err(invalid("Content-Type must be the first field"));
    };
    let filename = field.file_name().unwrap_or_default().to_owned();
    if filename.is_empty() || field.content_type() != Some(content_type) {
        return Err(invalid("The file must have a name, and the content type that the form has"));
    }
    let key = uploads.authorize(parameters, &filename).map_err(|error| {
        let (code, message) = match error {
            PermissionError::Signature => {
                ("SignatureDoesNotMatch", "The fields are not those that were signed.")
            }
            PermissionError::Expired => ("AccessDenied", "Invalid according to Policy: Policy expired."),
        };
        UploadError(StatusCode::FORBIDDEN, code, message.to_owned())
    })?;
    let mut content = uploads.begin();
    while let Some(chunk) = field.chunk().await.map_err(|error| invalid(error.body_text()))? {
        content.add(&chunk);
        if content.size() > uploads.storage.size_limit {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return Err(UploadError(StatusCode::BAD_REQUEST, "EntityTooLarge", message.to_owned()));
        }
    }
    uploads.finish(&key, &filename, content_type, content);
    Ok(key)
}

fn response(provider: Provider, received: Result<String, UploadError>) -> ApiResponse {
    match (provider, received) {
        (Provider::Local, Ok(key)) => ApiResponse::json(StatusCode::OK, &json!({ "key": key })),
        (Provider::Local, Err(UploadError(status, _, message))) => ApiResponse::message(status, &message),
        (Provider::S3, Ok(key)) => {
            let key = escaped(&key);
            let response = format!(
                "<PostResponse><Location>https://bucket.invalid/{key}</Location><Bucket>bucket</Bucket>\
                 <Key>{key}</Key><ETag>\"0\"</ETag></PostResponse>"
            );
            ApiResponse::xml(StatusCode::CREATED, &response)
        }
        (Provider::S3, Err(UploadError(status, code, message))) => {
            let message = escaped(&message);
            ApiResponse::xml(
                status,
                &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
            )
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
