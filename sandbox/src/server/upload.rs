//! The attachment storage's side of an upload. It is as strict as those it stands in for, and a little
//! more: an order that some storage might take is refused.

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

use super::response::Reply;
use super::{Shared, credentials, has_type};
use crate::storage::{Incoming, Provider, Refused, Uploads};

/// The most that comes before a file, as S3 has it.
const MAX_FIELDS: usize = 20_000;

/// What was taken, or why not.
pub(super) struct Upload {
    pub(super) reply: Reply,
    /// The parts of the form before the file.
    pub(super) fields: Vec<(String, String)>,
}

/// A refusal with the code that S3 has for it.
struct Refusal(StatusCode, &'static str, String);

fn invalid(why: impl Into<String>) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "InvalidArgument", why.into())
}

/// Takes a file. Whatever is refused is still read to its end, so that the answer arrives.
pub(super) async fn take(shared: &Shared, parts: &Parts, body: Body) -> Upload {
    let uploads = shared.engine.uploads();
    let mut fields = Vec::new();
    let Some(provider) = uploads.storage.provider else {
        return Upload { reply: Reply::message(StatusCode::NOT_FOUND, "Not found"), fields };
    };
    let refused = check(shared, provider, parts).err();
    let request = Request::from_parts(parts.clone(), body);
    let done = match Multipart::from_request(request, &()).await {
        Err(error) => Err(refused.unwrap_or_else(|| invalid(error.body_text()))),
        Ok(mut form) => {
            let done = match refused {
                None => read(uploads, &mut form, &mut fields).await,
                Some(refusal) => Err(refusal),
            };
            if done.is_err() {
                while let Ok(Some(mut field)) = form.next_field().await {
                    while let Ok(Some(_)) = field.chunk().await {}
                }
            }
            done
        }
    };
    Upload { reply: reply(provider, done), fields }
}

/// Reads a body to its end.
pub(super) async fn drain(body: Body) {
    let mut body = body.into_data_stream();
    while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {}
}

/// Looks at everything that is known before the form is read.
fn check(shared: &Shared, provider: Provider, parts: &Parts) -> Result<(), Refusal> {
    if parts.method != Method::POST {
        return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Use POST".to_owned()));
    }
    match provider {
        Provider::S3 if parts.headers.contains_key(AUTHORIZATION) => {
            return Err(invalid("Only one auth mechanism allowed"));
        }
        Provider::S3 if !parts.headers.contains_key(CONTENT_LENGTH) => {
            let why = "You must provide the Content-Length HTTP header.";
            return Err(Refusal(StatusCode::LENGTH_REQUIRED, "MissingContentLength", why.to_owned()));
        }
        Provider::S3 => {}
        Provider::Local => {
            credentials(shared, &parts.headers)
                .map_err(|(status, why)| Refusal(status, "AccessDenied", why.to_owned()))?;
        }
    }
    match has_type(&parts.headers, "multipart/form-data") {
        true => Ok(()),
        false => Err(invalid("The form must be multipart/form-data")),
    }
}

/// Reads the form: `Content-Type`, what the permission consists of, and the file.
async fn read(
    uploads: &Uploads,
    form: &mut Multipart,
    fields: &mut Vec<(String, String)>,
) -> Result<String, Refusal> {
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
) -> Result<String, Refusal> {
    let [(_, content_type), parameters @ ..] = fields else {
        return Err(invalid("Content-Type must be the first field"));
    };
    let filename = field.file_name().unwrap_or_default().to_owned();
    if filename.is_empty() || field.content_type() != Some(content_type) {
        return Err(invalid("The file must have a name, and the content type that the form has"));
    }
    let key = uploads.admit(parameters, &filename).map_err(|refused| {
        let (code, why) = match refused {
            Refused::Signature => ("SignatureDoesNotMatch", "The fields are not those that were signed."),
            Refused::Expired => ("AccessDenied", "Invalid according to Policy: Policy expired."),
        };
        Refusal(StatusCode::FORBIDDEN, code, why.to_owned())
    })?;
    let mut incoming: Incoming = uploads.begin();
    while let Some(piece) = field.chunk().await.map_err(|error| invalid(error.body_text()))? {
        incoming.add(&piece);
        if incoming.size() > uploads.storage.size_limit {
            let why = "Your proposed upload exceeds the maximum allowed size";
            return Err(Refusal(StatusCode::BAD_REQUEST, "EntityTooLarge", why.to_owned()));
        }
    }
    uploads.finish(&key, &filename, content_type, incoming);
    Ok(key)
}

fn reply(provider: Provider, done: Result<String, Refusal>) -> Reply {
    match (provider, done) {
        (Provider::Local, Ok(key)) => Reply::json(StatusCode::OK, &json!({ "key": key })),
        (Provider::Local, Err(Refusal(status, _, why))) => Reply::message(status, &why),
        (Provider::S3, Ok(key)) => {
            let key = escaped(&key);
            let response = format!(
                "<PostResponse><Location>https://bucket.invalid/{key}</Location><Bucket>bucket</Bucket>\
                 <Key>{key}</Key><ETag>\"0\"</ETag></PostResponse>"
            );
            Reply::xml(StatusCode::CREATED, &response)
        }
        (Provider::S3, Err(Refusal(status, code, why))) => {
            let why = escaped(&why);
            Reply::xml(status, &format!("<Error><Code>{code}</Code><Message>{why}</Message></Error>"))
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
