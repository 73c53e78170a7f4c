//! Payloads of mutations that arrive apart from the mutation's response.

use crate::client::ClientCore;
use crate::decode::{DecodeError, DecodeErrorKind, Read, Selection, read_field};
use crate::document::{OperationType, Shape};
use crate::error::Result;
use crate::operation::{ReadMutation, returned};
use crate::remaining_pages::{Caller, Plan};
use crate::response::http::HttpResponse;
use crate::response::{GraphQlResponse, Partial, PayloadErrors};
use crate::select::{Object, Select};
use tokio::time::Instant;

/// The payload of a mutation whose GraphQL response is fetched later, from wherever the API says. Its data
/// has one field, by whatever name the mutation had in its document.
#[derive(Debug, Clone, Copy)]
pub struct DeferredPayload<T> {
    operation: &'static str,
    read: Read<T>,
    selection: Selection,
}

impl<T: Object> DeferredPayload<T> {
    /// A payload with all leaf fields. `operation` is its name in errors.
    #[must_use]
    pub fn new(operation: &'static str) -> Self {
        Self { operation, read: read_field, selection: Selection::Object(T::TABLE) }
    }

    /// The payload with what `S` selects of it.
    #[must_use]
    pub fn select<S: Select<T>>(self) -> DeferredPayload<S> {
        DeferredPayload { operation: self.operation, read: S::read, selection: S::SELECTION }
    }
}

impl<T> DeferredPayload<T> {
    /// Its selection.
    #[must_use]
    pub fn selection(&self) -> Selection {
        self.selection
    }

    /// Decodes the payload.
    ///
    /// # Errors
    /// Those of a mutation.
    pub fn decode(&self, response: &HttpResponse) -> Result<T> {
        let (read, reported, payload) = self.read(response)?;
        let request_id = reported.check(read, self.operation)?;
        returned(payload, self.operation, request_id)
    }

    /// Decodes the payload even if the server reports errors.
    ///
    /// # Errors
    /// Those of a mutation without those that the server reports.
    pub fn decode_partial(&self, response: &HttpResponse) -> Result<Partial<T>> {
        let (read, reported, payload) = self.read(response)?;
        reported.into_partial(read, payload)
    }

    fn read(&self, response: &HttpResponse) -> Result<ReadMutation<T>> {
        let (mut reported, mut payload, mut seen) = (PayloadErrors::default(), None, false);
        let read = GraphQlResponse::read(response, self.operation, &mut |decoder| {
            decoder.entries("the data", &mut |decoder, _| {
                if std::mem::replace(&mut seen, true) {
                    return Err(DecodeError::new(DecodeErrorKind::Duplicate));
                }
                reported.read_value(decoder, &response.secrets, true, &mut |decoder| {
                    payload = Some((self.read)(decoder)?);
                    Ok(())
                })
            })?;
            seen.then_some(()).ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing))
        })?;
        Ok((read, reported, payload))
    }
}

/// Fetches the remaining pages of nested connections in the response to a mutation with a deferred payload,
/// for a call that began at `start`. With `partial`, also where the server reports errors beside the data.
///
/// # Errors
/// [`ErrorKind::Incomplete`](crate::ErrorKind::Incomplete) when they could not be fetched.
pub async fn fetch_remaining(
    client: &ClientCore,
    operation: &'static str,
    selection: Selection,
    response: HttpResponse,
    start: Instant,
    partial: bool,
) -> Result<HttpResponse> {
    if Plan::of(selection).is_empty() {
        return Ok(response);
    }
    let mut root = String::new();
    // Data that cannot be read is an error of the decoder.
    let _ = GraphQlResponse::read(&response, operation, &mut |decoder| {
        decoder.entries("the data", &mut |decoder, key| {
            key.clone_into(&mut root);
            decoder.skip()
        })
    });
    let plan = Plan::of_call(&root, selection, Shape::Plain);
    Caller::new(client, operation, OperationType::Mutation, start, partial).complete(response, &plan).await
}
