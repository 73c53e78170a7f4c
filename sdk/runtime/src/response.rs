//! The parts of a GraphQL response.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, Table};
use crate::document::PAYLOAD_ERRORS;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::session::Answer;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

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

/// An answer that was read as far as it could be. The data is where it was read to: this code
/// exists once, not once per type.
pub(crate) struct Response {
    operation: String,
    errors: Vec<GraphQlError>,
    request_id: Option<String>,
    /// Whether there was data that could be read.
    has_data: bool,
    /// The data as it was sent, where errors came beside it.
    raw: Option<Box<RawValue>>,
    /// Why the data could not be read.
    problem: Option<DecodeError>,
}

impl Response {
    /// Reads an answer. `data` reads the data itself, which is not null.
    ///
    /// # Errors
    /// When the answer is no GraphQL response at all.
    pub(crate) fn read<'j>(
        answer: &'j Answer,
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
                errors = parsed(decoder)?;
                answer.conceal(&mut errors);
                Ok(())
            }
            _ => decoder.skip(),
        });
        let request_id = answer.request_id.clone();
        envelope
            .and_then(|()| decoder.finish())
            .map_err(|error| Error::decode(operation, error).with_request_id(request_id.as_deref()))?;
        let has_data = start.is_some() && problem.is_none();
        let raw = if errors.is_empty() { None } else { start.and_then(|mut start| raw(&mut start)) };
        Ok(Self { operation: operation.to_owned(), errors, request_id, has_data, raw, problem })
    }

    /// Reads the value of one root field.
    pub(crate) fn of_root_field(answer: &Answer, root: &str, value: &mut dyn Field) -> Result<Self> {
        Self::read(answer, root, &mut |decoder| {
            root_field(decoder, root, &mut |decoder| value.decode(decoder))
        })
    }

    /// The request id, or an error: what the server reported comes before what cannot be read,
    /// since the one is usually the reason of the other. An empty list of errors is none.
    pub(crate) fn whole(self) -> Result<Option<String>> {
        let error = match self.problem {
            _ if !self.errors.is_empty() => {
                Error::graphql(ErrorKind::GraphQl, &self.operation, self.errors).with_data(self.raw)
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

    /// The errors beside the data, or an error when there is no data.
    pub(crate) fn beside_data(self) -> Result<Vec<GraphQlError>> {
        if self.has_data { Ok(self.errors) } else { self.whole().map(|_| Vec::new()) }
    }

    /// The value that was read and the errors; an error only when there is neither.
    pub(crate) fn partial<T>(self, value: T) -> Result<Partial<T>> {
        if self.errors.is_empty() {
            let request_id = self.whole()?;
            return Ok(Partial { data: Some(value), errors: Vec::new(), request_id });
        }
        let data = self.has_data.then_some(value);
        Ok(Partial { data, errors: self.errors, request_id: self.request_id })
    }
}

/// Reads `{ "<root>": value }`.
fn root_field<'j>(
    decoder: &mut Decoder<'j>,
    root: &str,
    value: &mut dyn FnMut(&mut Decoder<'j>) -> Decoded,
) -> Decoded {
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

/// Reads a value that is rare and small with serde.
fn parsed<T: DeserializeOwned>(decoder: &mut Decoder<'_>) -> std::result::Result<T, DecodeError> {
    let text = decoder.raw()?;
    serde_json::from_str(text).map_err(|error| {
        DecodeError::new(DecodeErrorKind::Syntax { message: error.to_string(), offset: error.column() })
    })
}

/// What a mutation's payload reports beside what was selected of it.
#[derive(Default)]
pub(crate) struct PayloadErrors {
    pub(crate) errors: Vec<GraphQlError>,
    /// The payload as it was sent, where it has errors.
    pub(crate) raw: Option<Box<RawValue>>,
}

impl PayloadErrors {
    /// Reads a payload and its errors.
    pub(crate) fn read(answer: &Answer, root: &str, payload: &mut dyn Field) -> Result<(Response, Self)> {
        let mut this = Self::default();
        let response = Response::read(answer, root, &mut |decoder| {
            root_field(decoder, root, &mut |decoder| {
                this.scan(decoder)?;
                payload.decode(decoder)
            })
        })?;
        answer.conceal(&mut this.errors);
        Ok((response, this))
    }

    /// Reads a payload; its errors become an error.
    pub(crate) fn refuse(answer: &Answer, root: &str, payload: &mut dyn Field) -> Result<()> {
        let (response, Self { errors, raw }) = Self::read(answer, root, payload)?;
        let request_id = response.whole()?;
        if errors.is_empty() {
            return Ok(());
        }
        let error = Error::graphql(ErrorKind::Payload, root, errors);
        Err(error.with_data(raw).with_request_id(request_id.as_deref()))
    }

    /// Looks ahead for the errors; the payload itself is read afterwards.
    fn scan(&mut self, decoder: &Decoder<'_>) -> Decoded {
        let mut scan = decoder.fork();
        if scan.null()? {
            return Ok(());
        }
        scan.entries("a payload", &mut |scan, key| match key == PAYLOAD_ERRORS {
            true if scan.null()? => Ok(()),
            true => {
                self.errors = parsed(scan)?;
                Ok(())
            }
            false => scan.skip(),
        })?;
        if !self.errors.is_empty() {
            self.raw = raw(&mut decoder.fork());
        }
        Ok(())
    }
}

/// What `node(id:)` returned: nothing, a record of the type asked for, or one of another type.
pub(crate) enum Found {
    Nothing,
    Record,
    Other(String),
}

impl Found {
    /// Reads a record if it is of the type that `table` names.
    pub(crate) fn read(
        answer: &Answer,
        root: &str,
        table: &Table,
        record: &mut dyn Field,
    ) -> Result<(Response, Self)> {
        let mut found = Self::Nothing;
        let response = Response::read(answer, root, &mut |decoder| {
            root_field(decoder, root, &mut |decoder| {
                if decoder.null()? {
                    return Ok(());
                }
                let typename = typename(decoder)?;
                if typename == table.name {
                    found = Self::Record;
                    record.decode(decoder)
                } else {
                    found = Self::Other(typename);
                    decoder.skip()
                }
            })
        })?;
        Ok((response, found))
    }
}

/// Looks ahead for the type of an object.
fn typename(decoder: &Decoder<'_>) -> std::result::Result<String, DecodeError> {
    let mut typename = None;
    decoder.fork().entries("Node", &mut |scan, key| match key {
        "__typename" => scan.once::<String>(&mut typename),
        _ => scan.skip(),
    })?;
    typename.ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_key("Node", "__typename"))
}
