//! The part of a batch's response that belongs to one call.

use crate::call::Prepared;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder};
use crate::document::{BATCH, alias};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::pagination::page_size::is_too_costly;
use crate::remaining_pages::{Caller, Plan};
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::secrets::Secrets;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The part of a batch's response that belongs to one call.
pub struct Part {
    operation: &'static str,
    /// The value of its root field, as JSON.
    json: Option<String>,
    /// The errors of this call.
    errors: Vec<GraphQlError>,
    /// The errors of all calls, for a part that has no data because of another one.
    all_errors: Arc<[GraphQlError]>,
    pub(crate) request_id: Option<String>,
    pub(super) secrets: Secrets,
    /// Why the remaining pages of its nested connections could not be fetched.
    incomplete: Option<Error>,
}

impl Part {
    /// Whether it has no data because of another call: GraphQL drops all data if a non-null field fails.
    pub(crate) fn is_dropped(&self) -> bool {
        self.json.is_none() && self.errors.is_empty() && !self.all_errors.is_empty()
    }

    /// Decodes the value. Errors of the server come before those of decoding.
    pub(super) fn read<T>(
        self,
        read: impl FnOnce(&mut Decoder<'_>) -> std::result::Result<T, DecodeError>,
    ) -> Result<T> {
        let Self { operation, json, errors, all_errors, secrets, incomplete, .. } = self;
        if let Some(error) = incomplete {
            return Err(error);
        }
        let decode = |error: DecodeError| {
            Error::decode(operation, error.at_plain_key(operation).redacted(&secrets.texts()))
        };
        match json {
            Some(json) if errors.is_empty() => read(&mut Decoder::new(json.as_bytes())).map_err(decode),
            None if errors.is_empty() && all_errors.is_empty() => {
                Err(decode(DecodeError::new(DecodeErrorKind::Missing)))
            }
            json => {
                let errors = if errors.is_empty() { all_errors.to_vec() } else { errors };
                let data = json.and_then(|json| RawValue::from_string(json).ok());
                let error = Error::graphql(ErrorKind::GraphQl, operation, errors).with_data(data);
                Err(error.detect_rate_limit())
            }
        }
    }

    /// Fetches the remaining pages of its nested connections, unless it failed.
    pub(super) async fn fetch_remaining(&mut self, caller: Caller<'_>, plan: &Plan) {
        let Some(json) = self.json.take_if(|_| self.errors.is_empty()) else { return };
        match caller.complete_value(json, plan, self.secrets.clone()).await {
            Ok(json) => self.json = Some(json),
            Err(error) => self.incomplete = Some(error),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// Splits the response of a batch into the parts of its calls.
pub(super) fn split(response: &HttpResponse, calls: &[Prepared]) -> Result<Vec<Part>> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let read = GraphQlResponse::read(response, BATCH, &mut |decoder| {
        decoder.entries("the data", &mut |decoder, key| match values
            .insert(key.to_owned(), decoder.raw()?.to_owned())
        {
            None => Ok(()),
            Some(_) => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
        })
    })?;
    let lacks_data = read.lacks_data;
    let (mut errors, request_id) = read.into_errors()?;
    let index_of = |error: &GraphQlError| {
        let first = error.path.first()?;
        (0..calls.len()).find(|index| alias(*index) == *first)
    };
    // An error without a call concerns the whole request: an invalid document, a missing scope.
    if let Some(general) = errors.iter().position(|error| index_of(error).is_none()) {
        errors.rotate_left(general);
        let data = values.iter().map(|(key, value)| format!("{key:?}:{value}")).collect::<Vec<_>>().join(",");
        let data = RawValue::from_string(format!("{{{data}}}")).ok().filter(|_| !values.is_empty());
        let error = Error::graphql(ErrorKind::GraphQl, BATCH, errors).with_data(data);
        let error = error.detect_rate_limit().with_request_id(request_id.as_deref());
        return Err(if lacks_data && is_too_costly(&error) { error.not_executed() } else { error });
    }
    let all_errors: Arc<[GraphQlError]> = errors.into();
    let part = |(index, call): (usize, &Prepared)| {
        let operation = call.call.root.name;
        let own = all_errors.iter().filter(|error| index_of(error) == Some(index)).cloned();
        let errors = own.map(|mut error| {
            operation.clone_into(&mut error.path[0]);
            error
        });
        Part {
            operation,
            json: values.remove(&alias(index)),
            errors: errors.collect(),
            all_errors: Arc::clone(&all_errors),
            request_id: request_id.clone(),
            secrets: response.secrets.clone(),
            incomplete: None,
        }
    };
    Ok(calls.iter().enumerate().map(part).collect())
}
