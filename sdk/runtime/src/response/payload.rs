//! The errors in the payload of a mutation.

use super::errors;
use super::graphql::{GraphQlResponse, Partial, ReadValue, to_raw};
use super::http::HttpResponse;
use crate::decode::{DecodeError, Decoded, Decoder, Selection};
use crate::document::PAYLOAD_ERRORS;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::secrets::Secrets;
use serde_json::value::RawValue;

/// The errors of one or more payloads.
#[derive(Default)]
pub(crate) struct PayloadErrors {
    errors: Vec<GraphQlError>,
    /// The payload as JSON, if it has errors.
    raw: Option<Box<RawValue>>,
}

impl PayloadErrors {
    /// Reads the result of a mutation, and the errors in it if it is a payload.
    pub(crate) fn read(
        response: &HttpResponse,
        root: &str,
        is_payload: bool,
        value: ReadValue<'_>,
    ) -> Result<(GraphQlResponse, Self)> {
        let mut this = Self::default();
        let read = GraphQlResponse::read_root(response, root, &mut |decoder| {
            this.read_value(decoder, &response.secrets, is_payload, value)
        })?;
        Ok((read, this))
    }

    /// Reads the value of a mutation. A payload that is null has no errors and is not read.
    pub(crate) fn read_value(
        &mut self,
        decoder: &mut Decoder<'_>,
        secrets: &Secrets,
        is_payload: bool,
        value: ReadValue<'_>,
    ) -> Decoded {
        if is_payload {
            if decoder.null()? {
                return Ok(());
            }
            self.errors = payload_errors(&mut decoder.fork(), secrets)?;
            self.keep_raw(decoder);
            // The errors tell why a record is missing.
            if !self.errors.is_empty() && value(&mut decoder.fork()).is_err() {
                return decoder.skip();
            }
        }
        value(decoder)
    }

    /// Reads the errors of all payloads of an operation. Their paths begin with the payload's key.
    pub(crate) fn read_operation(
        &mut self,
        decoder: &Decoder<'_>,
        selection: &Selection,
        secrets: &Secrets,
    ) -> Decoded {
        decoder.fork().entries("the data", &mut |scan, key| {
            if !selection.has_payload(key) {
                return scan.skip();
            }
            for mut error in payload_errors(scan, secrets)? {
                error.path.insert(0, key.to_owned());
                self.errors.push(error);
            }
            Ok(())
        })?;
        self.keep_raw(decoder);
        Ok(())
    }

    fn keep_raw(&mut self, decoder: &Decoder<'_>) {
        if !self.errors.is_empty() {
            self.raw = to_raw(&mut decoder.fork());
        }
    }

    /// Fails if the response or the payload has errors. Returns the request id otherwise.
    pub(crate) fn check(self, response: GraphQlResponse, operation: &str) -> Result<Option<String>> {
        let request_id = response.into_request_id()?;
        match self.into_result(operation) {
            Ok(()) => Ok(request_id),
            Err(error) => Err(error.with_request_id(request_id.as_deref())),
        }
    }

    pub(crate) fn into_result(self, operation: &str) -> Result<()> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(Error::graphql(ErrorKind::Payload, operation, self.errors).with_data(self.raw)),
        }
    }

    /// Returns the payload beside the errors of the response and then those of the payload.
    pub(crate) fn into_partial<T>(self, response: GraphQlResponse, payload: Option<T>) -> Result<Partial<T>> {
        let mut partial = response.into_partial(payload)?;
        partial.errors.extend(self.errors);
        Ok(partial)
    }
}

/// Reads only the errors of a payload, or of a list of payloads.
fn payload_errors(
    decoder: &mut Decoder<'_>,
    secrets: &Secrets,
) -> std::result::Result<Vec<GraphQlError>, DecodeError> {
    let mut found: Vec<GraphQlError> = Vec::new();
    if decoder.null()? {
        return Ok(found);
    }
    if decoder.is_list()? {
        let mut index = 0;
        decoder.list("a list of payloads", &mut |decoder| {
            for mut error in payload_errors(decoder, secrets)? {
                error.path.insert(0, index.to_string());
                found.push(error);
            }
            index += 1;
            Ok(())
        })?;
        return Ok(found);
    }
    decoder.entries("a payload", &mut |decoder, key| {
        if key != PAYLOAD_ERRORS {
            return decoder.skip();
        }
        if !decoder.null()? {
            found = errors::parse(decoder.raw()?, secrets);
        }
        Ok(())
    })?;
    Ok(found)
}
