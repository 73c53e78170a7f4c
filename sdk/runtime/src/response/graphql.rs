//! The parts of a GraphQL response.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Selection};
use crate::document::PAYLOAD_ERRORS;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::response::errors as reported;
use crate::response::http::{HttpResponse, Secrets};
use crate::retry::retry_after;
use serde_json::value::RawValue;
use std::time::Duration;

/// What an answer holds: data, errors, or both.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Partial<T> {
    /// The data, unless there is none or it cannot be read for the errors in it.
    pub data: Option<T>,
    /// What the server reported; empty when the answer is whole.
    pub errors: Vec<GraphQlError>,
    /// The `x-request-id` of the answer.
    pub request_id: Option<String>,
}

/// Reads one value where it stands.
pub(crate) type Reading<'a> = &'a mut dyn FnMut(&mut Decoder<'_>) -> Decoded;

/// An answer that was read as far as it could be. The data is where it was read to: this code
/// exists once, not once per type.
pub(crate) struct GraphQlResponse {
    operation: String,
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    /// Whether there was data that could be read.
    has_data: bool,
    /// The data as it was sent, where errors came beside it.
    raw: Option<Box<RawValue>>,
    /// How long the answer asks to wait, where it has errors.
    retry_after: Option<Duration>,
    /// Why the data could not be read.
    problem: Option<DecodeError>,
}

impl GraphQlResponse {
    /// Reads an answer. `data` reads the data itself, which is not null.
    ///
    /// # Errors
    /// When the answer is no GraphQL response at all.
    pub(crate) fn read<'j>(
        answer: &'j HttpResponse,
        operation: &str,
        data: &mut dyn FnMut(&mut Decoder<'j>) -> Decoded,
    ) -> Result<Self> {
        let mut errors: Vec<GraphQlError> = Vec::new();
        let mut start: Option<Decoder<'j>> = None;
        let mut problem = None;
        let mut decoder = Decoder::new(&answer.body);
        let envelope = decoder.entries("a GraphQL response", &mut |decoder, key| match key {
            "data" if start.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "data" if decoder.null()? => Ok(()),
            "data" => {
                let begin = decoder.fork();
                if let Err(error) = data(decoder) {
                    problem = Some(error);
                    *decoder = begin.fork();
                    decoder.skip()?;
                }
                start = Some(begin);
                Ok(())
            }
            "errors" if !errors.is_empty() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "errors" if decoder.null()? => Ok(()),
            "errors" => {
                errors = reported::errors(decoder.raw()?, &answer.secrets);
                Ok(())
            }
            _ => decoder.skip(),
        });
        let request_id = answer.request_id.clone();
        envelope
            .and_then(|()| decoder.finish())
            .map_err(|error| Error::decode(operation, error.concealed(&answer.secrets)))
            .map_err(|error| error.with_request_id(request_id.as_deref()))?;
        let problem = problem.map(|problem: DecodeError| problem.concealed(&answer.secrets));
        errors.extend_from_slice(&answer.errors);
        let has_data = start.is_some() && problem.is_none();
        let raw = if errors.is_empty() { None } else { start.and_then(|mut start| raw(&mut start)) };
        let retry_after = if errors.is_empty() { None } else { retry_after(&answer.headers) };
        Ok(Self { operation: operation.to_owned(), errors, request_id, has_data, raw, retry_after, problem })
    }

    /// Reads the value of one root field.
    pub(crate) fn of_root_field(answer: &HttpResponse, root: &str, value: Reading<'_>) -> Result<Self> {
        Self::read(answer, root, &mut |decoder| root_field(decoder, root, value))
    }

    /// The request id, or an error: what the server reported comes before what cannot be read,
    /// since the one is usually the reason of the other. An empty list of errors is none.
    pub(crate) fn whole(self) -> Result<Option<String>> {
        let error = match self.problem {
            _ if !self.errors.is_empty() => {
                let error = Error::graphql(ErrorKind::GraphQl, &self.operation, self.errors);
                error.with_data(self.raw).with_retry_after(self.retry_after).detect_rate_limit()
            }
            Some(problem) => Error::decode(&self.operation, problem),
            None if self.has_data => return Ok(self.request_id),
            None => {
                let message = format!("the answer to `{}` has neither data nor errors", self.operation);
                Error::new(ErrorKind::Decode, message)
            }
        };
        Err(error.with_request_id(self.request_id.as_deref()))
    }

    /// Whether there was data that could be read.
    pub(crate) fn has_data(&self) -> bool {
        self.has_data
    }

    /// The errors beside the data, or an error when there is no data.
    pub(crate) fn beside_data(self) -> Result<Vec<GraphQlError>> {
        if self.has_data { Ok(self.errors) } else { self.whole().map(|_| Vec::new()) }
    }

    /// All errors and the request id; an error only when there is neither data nor errors.
    pub(crate) fn apart(self) -> Result<(Vec<GraphQlError>, Option<String>)> {
        if self.errors.is_empty() {
            return self.whole().map(|request_id| (Vec::new(), request_id));
        }
        Ok((self.errors, self.request_id))
    }

    /// The value that was read and the errors; an error only when there is neither.
    pub(crate) fn partial<T>(self, value: Option<T>) -> Result<Partial<T>> {
        if self.errors.is_empty() {
            let request_id = self.whole()?;
            return Ok(Partial { data: value, errors: Vec::new(), request_id });
        }
        let data = value.filter(|_| self.has_data);
        Ok(Partial { data, errors: self.errors, request_id: self.request_id })
    }
}

/// Reads `{ "<root>": value }`.
fn root_field(decoder: &mut Decoder<'_>, root: &str, value: Reading<'_>) -> Decoded {
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

fn raw(decoder: &mut Decoder<'_>) -> Option<Box<RawValue>> {
    RawValue::from_string(decoder.raw().ok()?.to_owned()).ok()
}

/// What a mutation's payload reports beside what was selected of it.
#[derive(Default)]
pub(crate) struct PayloadErrors {
    pub(crate) errors: Vec<GraphQlError>,
    /// The payload as it was sent, where it has errors.
    pub(crate) raw: Option<Box<RawValue>>,
}

impl PayloadErrors {
    /// Reads what a mutation returns; when that is a payload, its errors as well.
    pub(crate) fn read(
        answer: &HttpResponse,
        root: &str,
        is_payload: bool,
        value: Reading<'_>,
    ) -> Result<(GraphQlResponse, Self)> {
        let mut this = Self::default();
        let response = GraphQlResponse::read(answer, root, &mut |decoder| {
            root_field(decoder, root, &mut |decoder| {
                this.payload(decoder, &answer.secrets, is_payload, value)
            })
        })?;
        Ok((response, this))
    }

    /// Reads what a mutation returns. A payload that is null has no errors, and is nothing to read.
    pub(crate) fn payload(
        &mut self,
        decoder: &mut Decoder<'_>,
        secrets: &Secrets,
        is_payload: bool,
        value: Reading<'_>,
    ) -> Decoded {
        if is_payload {
            if decoder.null()? {
                return Ok(());
            }
            self.scan(decoder, secrets)?;
        }
        value(decoder)
    }

    /// Makes errors, of the answer or of the payload, an error.
    pub(crate) fn refuse(self, response: GraphQlResponse, operation: &str) -> Result<()> {
        let request_id = response.whole()?;
        self.into_result(operation).map_err(|error| error.with_request_id(request_id.as_deref()))
    }

    /// Puts the errors of the payload behind those of the answer, beside what was read.
    pub(crate) fn allow<T>(mut self, response: GraphQlResponse, payload: Option<T>) -> Result<Partial<T>> {
        let mut partial = response.partial(payload)?;
        partial.errors.append(&mut self.errors);
        Ok(partial)
    }

    pub(crate) fn into_result(self, operation: &str) -> Result<()> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(Error::graphql(ErrorKind::Payload, operation, self.errors).with_data(self.raw)),
        }
    }

    /// Looks ahead for the errors; the payload itself is read afterwards.
    fn scan(&mut self, decoder: &Decoder<'_>, secrets: &Secrets) -> Decoded {
        self.errors = errors_of(&mut decoder.fork(), secrets)?;
        if !self.errors.is_empty() {
            self.raw = raw(&mut decoder.fork());
        }
        Ok(())
    }

    /// Looks ahead for the errors of the payloads in a whole operation. Their paths begin with the
    /// payload's key.
    pub(crate) fn scan_all(
        &mut self,
        decoder: &Decoder<'_>,
        selection: &Selection,
        secrets: &Secrets,
    ) -> Decoded {
        decoder.fork().entries("the data", &mut |scan, key| {
            if !selection.has_payload(key) {
                return scan.skip();
            }
            for mut error in errors_of(scan, secrets)? {
                error.path.insert(0, key.to_owned());
                self.errors.push(error);
            }
            Ok(())
        })?;
        if !self.errors.is_empty() {
            self.raw = raw(&mut decoder.fork());
        }
        Ok(())
    }
}

/// Passes over a payload, and returns what it reports.
fn errors_of(
    decoder: &mut Decoder<'_>,
    secrets: &Secrets,
) -> std::result::Result<Vec<GraphQlError>, DecodeError> {
    let mut errors: Vec<GraphQlError> = Vec::new();
    if decoder.null()? {
        return Ok(errors);
    }
    if decoder.is_list()? {
        let mut index = 0;
        decoder.list("a list of payloads", &mut |decoder| {
            for mut error in errors_of(decoder, secrets)? {
                error.path.insert(0, index.to_string());
                errors.push(error);
            }
            index += 1;
            Ok(())
        })?;
        return Ok(errors);
    }
    decoder.entries("a payload", &mut |decoder, key| match key == PAYLOAD_ERRORS {
        true if decoder.null()? => Ok(()),
        true => {
            errors = reported::errors(decoder.raw()?, secrets);
            Ok(())
        }
        false => decoder.skip(),
    })?;
    Ok(errors)
}
