//! The multipart form of a request that starts a job.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;

use crate::rest::Refused;

/// The largest file of an import.
const MAX_FILE: usize = 64 * 1024 * 1024;

const MAX_FIELD: usize = 64 * 1024;

const INVALID: Refused =
    (StatusCode::BAD_REQUEST, "The body must be a complete form, as multipart/form-data");
const TOO_LARGE: Refused = (StatusCode::PAYLOAD_TOO_LARGE, "The form is too large");

#[derive(Debug, Default)]
pub(super) struct BulkForm {
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Option<Bytes>,
}

impl BulkForm {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The mistakes of the form as such: unknown fields, and fields that are given twice.
    pub(super) fn mistakes(&self, known: &[&str]) -> Vec<(String, String)> {
        let mut mistakes = Vec::new();
        for (index, (name, _)) in self.fields.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                mistakes.push((name.clone(), "is not a parameter".to_owned()));
            } else if self.fields[..index].iter().any(|(earlier, _)| earlier == name) {
                mistakes.push((name.clone(), "is given twice".to_owned()));
            }
        }
        mistakes
    }
}

/// Reads the form. A refused body is still read to its end, so that the response arrives.
pub(super) async fn read(parts: &Parts, body: Body) -> Result<BulkForm, Refused> {
    let invalid = |_: MultipartError| INVALID;
    let request = Request::from_parts(parts.clone(), body);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| INVALID)?;
    let (mut form, mut result) = (BulkForm::default(), Ok(()));
    while let Some(mut field) = multipart.next_field().await.map_err(invalid)? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let limit = if is_file { MAX_FILE } else { MAX_FIELD };
        let mut content = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(invalid)? {
            if content.len() + chunk.len() > limit {
                result = Err(TOO_LARGE);
                content.clear();
            } else if result.is_ok() {
                content.extend_from_slice(&chunk);
            }
        }
        match (is_file, String::from_utf8(content)) {
            (true, content) if name == "file" && form.file.is_none() => {
                form.file = Some(content.map_or_else(|error| error.into_bytes().into(), Into::into));
            }
            (false, Ok(text)) => form.fields.push((name, text)),
            _ => result = result.and(Err(INVALID)),
        }
    }
    result.map(|()| form)
}
