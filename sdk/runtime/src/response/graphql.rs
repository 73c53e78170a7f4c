//! GraphQL responses: data beside errors.

use super::errors;
use super::http::HttpResponse;
use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::outdated::explain;
use crate::retry::retry_after;
use serde_json::value::RawValue;
use std::time::Duration;

/// The data of a response beside its errors.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Partial<T> {
    /// The data, unless there is none or errors left holes in it so that it does not decode.
    pub data: Option<T>,
    /// The errors reported by the server; empty if the data is complete.
    pub errors: Vec<GraphQlError>,
    /// The `x-request-id` of the response.
    pub request_id: Option<String>,
}

pub(crate) type ReadValue<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> Decoded;

/// A response whose data was decoded by a closure, so that this code is compiled once and not once per
/// type.
pub(crate) struct GraphQlResponse {
    operation: String,
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    /// Whether there was data, and it could be decoded.
    pub(crate) has_data: bool,
    /// Whether there was no data, not even null: the server did not begin to execute the operation.
    pub(crate) lacks_data: bool,
    /// The data as JSON, if there are errors beside it.
    raw: Option<Box<RawValue>>,
    /// The `Retry-After` of a response with errors.
    retry_after: Option<Duration>,
    /// Why the data could not be decoded.
    decode_error: Option<DecodeError>,
}

impl GraphQlResponse {
    /// Reads a response. `data` decodes the data, unless it is null. Fails when the body is not a GraphQL
    /// response.
    pub(crate) fn read<'j>(
        response: &'j HttpResponse,
        operation: &str,
        data: &mut dyn FnMut(&mut Decoder<'j>) -> Decoded,
    ) -> Result<Self> {
        let mut errors: Vec<GraphQlError> = Vec::new();
        let mut start: Option<Decoder<'j>> = None;
        let (mut decode_error, mut lacks_data) = (None, true);
        let mut decoder = Decoder::new(&response.body);
        let envelope = decoder.entries("a GraphQL response", &mut |decoder, key| match key {
            "data" if start.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "data" if decoder.null()? => {
                lacks_data = false;
                Ok(())
            }
            "data" => {
                lacks_data = false;
                let begin = decoder.fork();
                if let Err(error) = data(decoder) {
                    decode_error = Some(error.redacted(&response.secrets.texts()));
                    *decoder = begin.fork();
                    decoder.skip()?;
                }
                start = Some(begin);
                Ok(())
            }
            "errors" if !errors.is_empty() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "errors" if decoder.null()? => Ok(()),
            "errors" => {
                errors = errors::parse(decoder.raw()?, &response.secrets);
                Ok(())
            }
            _ => decoder.skip(),
        });
        let request_id = response.request_id.clone();
        envelope.and_then(|()| decoder.finish()).map_err(|error| {
            Error::decode(operation, error.redacted(&response.secrets.texts()))
                .with_request_id(request_id.as_deref())
        })?;
        if let Some(sent) = response.sent.as_deref().filter(|_| lacks_data) {
            explain(&mut errors, sent);
        }
        errors.extend_from_slice(&response.errors);
        let has_data = start.is_some() && decode_error.is_none();
        let (mut raw, mut wait) = (None, None);
        if !errors.is_empty() {
            raw = start.and_then(|mut start| to_raw(&mut start));
            wait = retry_after(&response.headers);
        }
        let operation = operation.to_owned();
        Ok(Self { operation, errors, request_id, has_data, lacks_data, raw, retry_after: wait, decode_error })
    }

    /// Reads a response whose data has one root field.
    pub(crate) fn read_root(response: &HttpResponse, root: &str, value: ReadValue<'_>) -> Result<Self> {
        Self::read(response, root, &mut |decoder| read_root(decoder, root, value))
    }

    /// Returns the request id of a response with data and without errors. Errors of the server come before
    /// those of decoding, which they usually cause. An empty list of errors counts as none.
    pub(crate) fn into_request_id(self) -> Result<Option<String>> {
        let error = match self.decode_error {
            _ if !self.errors.is_empty() => {
                let error = Error::graphql(ErrorKind::GraphQl, &self.operation, self.errors);
                error.with_data(self.raw).with_retry_after(self.retry_after).detect_rate_limit()
            }
            Some(error) => Error::decode(&self.operation, error),
            None if self.has_data => return Ok(self.request_id),
            None => {
                let message = format!("the response to `{}` has neither data nor errors", self.operation);
                Error::new(ErrorKind::Decode, message)
            }
        };
        Err(error.with_request_id(self.request_id.as_deref()))
    }

    /// Returns the errors beside the data. Fails when there is no data.
    pub(crate) fn errors_beside_data(self) -> Result<Vec<GraphQlError>> {
        if self.has_data { Ok(self.errors) } else { self.into_request_id().map(|_| Vec::new()) }
    }

    /// Returns all errors and the request id. Fails when there is neither data nor an error.
    pub(crate) fn into_errors(self) -> Result<(Vec<GraphQlError>, Option<String>)> {
        match self.errors.is_empty() {
            true => self.into_request_id().map(|request_id| (Vec::new(), request_id)),
            false => Ok((self.errors, self.request_id)),
        }
    }

    /// Returns the decoded data beside the errors. Fails when there is neither data nor an error.
    pub(crate) fn into_partial<T>(self, data: Option<T>) -> Result<Partial<T>> {
        let data = data.filter(|_| self.has_data);
        let (errors, request_id) = self.into_errors()?;
        Ok(Partial { data, errors, request_id })
    }
}

/// Reads `{ "<root>": value }`.
fn read_root(decoder: &mut Decoder<'_>, root: &str, value: ReadValue<'_>) -> Decoded {
    let mut seen = false;
    decoder.entries("the data", &mut |decoder, key| match key == root {
        false => decoder.skip(),
        true if seen => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
        true => {
            seen = true;
            value(decoder)
        }
    })?;
    if seen { Ok(()) } else { Err(DecodeError::new(DecodeErrorKind::Missing).at_plain_key(root)) }
}

pub(super) fn to_raw(decoder: &mut Decoder<'_>) -> Option<Box<RawValue>> {
    RawValue::from_string(decoder.raw().ok()?.to_owned()).ok()
}

/// Detects an exhausted quota in a response without data. Only bodies that begin with `errors`,
/// `extensions` or null data are parsed, so that all others cost nothing.
pub(crate) fn limited(response: &HttpResponse, operation: &str) -> Option<Error> {
    let begin = response.body.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start();
    let is_likely = begin.starts_with(b"\"errors\"") || begin.starts_with(b"\"extensions\"") || {
        let data =
            begin.strip_prefix(b"\"data\"").and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        data.is_some_and(|data| data.trim_ascii_start().starts_with(b"null"))
    };
    if !is_likely {
        return None;
    }
    let (mut data, mut errors) = (None, None);
    let mut decoder = Decoder::new(&response.body);
    let envelope = decoder.entries("a GraphQL response", &mut |decoder, key| match key {
        "data" if data.is_none() => decoder.raw().map(|json| data = Some(json)),
        "errors" if errors.is_none() => decoder.raw().map(|json| errors = Some(json)),
        "data" | "errors" => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
        _ => decoder.skip(),
    });
    envelope.and_then(|()| decoder.finish()).ok()?;
    if data.is_some_and(|data| data != "null") {
        return None;
    }
    let errors = errors::parse(errors?, &response.secrets);
    let error = Error::graphql(ErrorKind::GraphQl, operation, errors)
        .with_retry_after(retry_after(&response.headers))
        .detect_rate_limit();
    // Without data, nothing was executed. Where data is null, a mutation may have been, in part.
    let error = if data.is_none() { error.not_executed() } else { error };
    error.is_rate_limited().then(|| error.with_request_id(response.request_id.as_deref()))
}
