//! The parts of a GraphQL response.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field};
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

impl<T> Partial<T> {
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Partial<U> {
        Partial { data: self.data.map(map), errors: self.errors, request_id: self.request_id }
    }
}

/// An answer whose data was read as far as it could be.
pub(crate) struct Response<T> {
    operation: String,
    partial: Partial<T>,
    /// The data as it was sent, where errors came beside it.
    raw: Option<Box<RawValue>>,
    /// Why the data could not be read.
    problem: Option<DecodeError>,
}

impl<T> Response<T> {
    /// Reads an answer. `data` reads the data itself, which is not null.
    ///
    /// # Errors
    /// When the answer is no GraphQL response at all.
    pub(crate) fn read<'j>(
        answer: &'j Answer,
        operation: &str,
        mut data: impl FnMut(&mut Decoder<'j>) -> std::result::Result<T, DecodeError>,
    ) -> Result<Self> {
        let mut value = None;
        let mut errors: Vec<GraphQlError> = Vec::new();
        let mut start = None;
        let mut problem = None;
        let mut decoder = Decoder::new(&answer.body);
        let envelope = decoder.entries("a GraphQL response", |decoder, key| match key {
            "data" if start.is_some() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "data" if decoder.null()? => Ok(()),
            "data" => {
                let begin = decoder.fork();
                match data(decoder) {
                    Ok(read) => value = Some(read),
                    Err(error) => {
                        problem = Some(error);
                        *decoder = begin.fork();
                        decoder.skip()?;
                    }
                }
                start = Some(begin);
                Ok(())
            }
            "errors" if !errors.is_empty() => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
            "errors" if decoder.null()? => Ok(()),
            "errors" => {
                errors = parsed(decoder)?;
                Ok(())
            }
            _ => decoder.skip(),
        });
        let request_id = answer.request_id.clone();
        envelope
            .and_then(|()| decoder.finish())
            .map_err(|error| Error::decode(operation, error).with_request_id(request_id.as_deref()))?;
        let raw = if errors.is_empty() { None } else { start.and_then(|mut start| raw(&mut start)) };
        let partial = Partial { data: value, errors, request_id };
        Ok(Self { operation: operation.to_owned(), partial, raw, problem })
    }

    /// The data, or an error: what the server reported comes before what cannot be read, since
    /// the one is usually the reason of the other. An empty list of errors is none.
    pub(crate) fn whole(self) -> Result<(T, Option<String>)> {
        let Partial { data, errors, request_id } = self.partial;
        let error = match (data, self.problem) {
            (Some(data), _) if errors.is_empty() => return Ok((data, request_id)),
            (_, Some(error)) if errors.is_empty() => Error::decode(&self.operation, error),
            (None, None) if errors.is_empty() => {
                let message = format!("the answer to `{}` has neither data nor errors", self.operation);
                Error::new(ErrorKind::Decode, message)
            }
            _ => Error::graphql(ErrorKind::GraphQl, &self.operation, errors).with_data(self.raw),
        };
        Err(error.with_request_id(request_id.as_deref()))
    }

    /// The data with the errors beside it, or an error when there is no data.
    pub(crate) fn data(mut self) -> Result<(T, Vec<GraphQlError>)> {
        match self.partial.data.take() {
            Some(data) => Ok((data, self.partial.errors)),
            None => self.whole().map(|(data, _)| (data, Vec::new())),
        }
    }

    /// The data and the errors; an error only when there is neither.
    pub(crate) fn partial(self) -> Result<Partial<T>> {
        if self.partial.errors.is_empty() {
            let (data, request_id) = self.whole()?;
            return Ok(Partial { data: Some(data), errors: Vec::new(), request_id });
        }
        Ok(self.partial)
    }
}

/// Reads the value of one root field.
pub(crate) fn root_field<T: Field>(answer: &Answer, root: &str) -> Result<Response<T>> {
    Response::read(answer, root, |decoder| root_value(decoder, root))
}

fn raw(decoder: &mut Decoder<'_>) -> Option<Box<RawValue>> {
    RawValue::from_string(decoder.raw().ok()?.to_owned()).ok()
}

/// Reads `{ "<root>": value }`.
fn root_value<T: Field>(decoder: &mut Decoder<'_>, root: &str) -> std::result::Result<T, DecodeError> {
    let mut value = None;
    decoder.entries(
        "the data",
        |decoder, key| {
            if key == root { decoder.once(&mut value) } else { decoder.skip() }
        },
    )?;
    value.ok_or_else(|| DecodeError::new(DecodeErrorKind::Missing).at_plain_key(root))
}

/// Reads a value that is rare and small with serde.
fn parsed<T: DeserializeOwned>(decoder: &mut Decoder<'_>) -> std::result::Result<T, DecodeError> {
    let text = decoder.raw()?;
    serde_json::from_str(text).map_err(|error| {
        DecodeError::new(DecodeErrorKind::Syntax { message: error.to_string(), offset: error.column() })
    })
}

/// A mutation's payload and the errors that were asked for beside it.
pub(crate) struct Payload<T> {
    pub(crate) value: T,
    pub(crate) errors: Vec<GraphQlError>,
    /// The payload as it was sent, where it has errors.
    pub(crate) raw: Option<Box<RawValue>>,
}

impl<T: Field> Field for Payload<T> {
    fn vacant() -> Self {
        Self { value: T::vacant(), errors: Vec::new(), raw: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        let mut scan = decoder.fork();
        if !scan.fork().null()? {
            scan.entries("a payload", |scan, key| {
                if key == PAYLOAD_ERRORS && !scan.null()? {
                    self.errors = parsed(scan)?;
                } else if key != PAYLOAD_ERRORS {
                    scan.skip()?;
                }
                Ok(())
            })?;
        }
        if !self.errors.is_empty() {
            self.raw = raw(&mut decoder.fork());
        }
        self.value.decode(decoder)
    }

    fn encode(&self, sink: &mut dyn crate::encode::Sink) {
        self.value.encode(sink);
    }
}

/// What `node(id:)` returned: nothing, a record of the type asked for, or one of another type.
pub(crate) enum Found<T> {
    Nothing,
    Record(T),
    Other(String),
}

impl<T: crate::decode::Object> Field for Found<T> {
    fn vacant() -> Self {
        Self::Nothing
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        if decoder.null()? {
            return Ok(());
        }
        let mut typename = None;
        decoder.fork().entries("Node", |scan, key| match key {
            "__typename" => scan.once::<String>(&mut typename),
            _ => scan.skip(),
        })?;
        match typename {
            Some(name) if name == T::TABLE.name => {
                let mut record = T::vacant();
                record.decode(decoder)?;
                *self = Self::Record(record);
                Ok(())
            }
            Some(name) => {
                *self = Self::Other(name);
                decoder.skip()
            }
            None => Err(DecodeError::new(DecodeErrorKind::Missing).at_key("Node", "__typename")),
        }
    }

    fn encode(&self, sink: &mut dyn crate::encode::Sink) {
        match self {
            Self::Record(record) => record.encode(sink),
            _ => sink.null(),
        }
    }
}
