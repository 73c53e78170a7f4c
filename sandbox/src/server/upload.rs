//! The endpoint of the attachment storage. It is as strict as S3 and the account's own server, and
//! stricter about the order of fields.

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::api_request::ApiRequest;
use super::response::ApiResponse;
use super::state::{ServerState, has_type};
use crate::storage::{Provider, UploadedFile, Uploads, content_hash};

/// The size limit of the fields before a file, as on S3.
const MAX_FIELDS: usize = 20_000;

/// A refused upload: status, S3 error code and message.
struct UploadError(StatusCode, &'static str, String);

fn invalid(message: impl Into<String>) -> UploadError {
    UploadError(StatusCode::BAD_REQUEST, "InvalidArgument", message.into())
}

impl From<MultipartError> for UploadError {
    fn from(error: MultipartError) -> Self {
        invalid(error.body_text())
    }
}

/// Receives a file, and keeps the form fields before it in the request. A refused body is still read to
/// its end, so that the response arrives.
pub(super) async fn receive(server: &ServerState, request: &mut ApiRequest, body: Body) -> ApiResponse {
    let uploads = server.engine.uploads();
    let Some(provider) = uploads.storage.provider else {
        return ApiResponse::not_found();
    };
    let checked = check(server, provider, &request.parts);
    let body = Request::from_parts(request.parts.clone(), body);
    let received = match Multipart::from_request(body, &()).await {
        Err(error) => checked.and(Err(invalid(error.body_text()))),
        Ok(mut form) => {
            let fields = request.form.insert(Vec::new());
            let received = match checked {
                Ok(()) => read(uploads, &mut form, fields).await,
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
    response(provider, received)
}

fn check(server: &ServerState, provider: Provider, parts: &Parts) -> Result<(), UploadError> {
    let (headers, is_s3) = (&parts.headers, provider == Provider::S3);
    let authorized = if is_s3 { Ok(()) } else { server.authorize(headers) };
    let (status, code, message) = match authorized {
        _ if parts.method != Method::POST => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Use POST"),
        _ if is_s3 && headers.contains_key(AUTHORIZATION) => {
            return Err(invalid("Only one auth mechanism allowed"));
        }
        _ if is_s3 && !headers.contains_key(CONTENT_LENGTH) => {
            let message = "You must provide the Content-Length HTTP header.";
            (StatusCode::LENGTH_REQUIRED, "MissingContentLength", message)
        }
        Err((status, message)) => (status, "AccessDenied", message),
        Ok(()) if !has_type(headers, "multipart/form-data") => {
            return Err(invalid("The form must be multipart/form-data"));
        }
        Ok(()) => return Ok(()),
    };
    Err(UploadError(status, code, message.to_owned()))
}

/// Reads the form: `Content-Type`, the parameters of the permission, and the file.
async fn read(
    uploads: &Uploads,
    form: &mut Multipart,
    fields: &mut Vec<(String, String)>,
) -> Result<String, UploadError> {
    let mut before = 0;
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            return file(uploads, fields, field).await;
        }
        let text = field.text().await?;
        before += name.len() + text.len();
        if before > MAX_FIELDS {
            return Err(invalid("Your POST request fields preceding the upload file were too large."));
        }
        fields.push((name, text));
        if fields[0].0 != "Content-Type" {
            return Err(invalid("Content-Type must be the first field"));
        }
    }
    Err(invalid("POST requires exactly one file upload per request."))
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
    let key = uploads
        .authorize(parameters, &filename)
        .map_err(|(code, message)| UploadError(StatusCode::FORBIDDEN, code, message.to_owned()))?;
    let (hash, content) = (content_hash(&[]), Some(Vec::new()));
    let mut file = UploadedFile {
        key: key.clone(),
        filename,
        content_type: content_type.clone(),
        size: 0,
        hash,
        content,
    };
    while let Some(chunk) = field.chunk().await? {
        uploads.add(&mut file, &chunk);
        if file.size > uploads.storage.size_limit {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return Err(UploadError(StatusCode::BAD_REQUEST, "EntityTooLarge", message.to_owned()));
        }
    }
    uploads.files.lock().insert(key.clone(), file);
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
