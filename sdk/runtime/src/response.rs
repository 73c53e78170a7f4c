//! The parts of a GraphQL response.

use crate::decode::{Decoded, DecodeError, DecodeErrorKind, Decoder, Field};
use crate::document::PAYLOAD_ERRORS;
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::transport::Answer;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Decodes the data of an answer under the key of its root field.
///
/// GraphQL errors come first: a value that does not decode because the server failed on the way
/// is reported in the server's words. An empty list of errors is none.
pub(crate) fn data<T: Field>(answer: &Answer, operation: &str) -> Result<T> {
    read(answer, operation).map_err(|error| error.with_request_id(answer.request_id.as_deref()))
}

fn read<T: Field>(answer: &Answer, operation: &str) -> Result<T> {
    let mut value = None;
    let mut errors = Vec::new();
    let mut raw_data = None;
    let mut problem: Option<DecodeError> = None;
    let mut decoder = Decoder::new(&answer.body);
    let envelope = decoder.entries("a GraphQL response", |decoder, key| match key {
        "data" => {
            let start = decoder.fork();
            match root_value(decoder, operation) {
                Ok(read) => value = read,
                Err(error) => {
                    problem = Some(error);
                    *decoder = start.fork();
                    decoder.skip()?;
                }
            }
            raw_data = Some(start);
            Ok(())
        }
        "errors" => {
            errors = if decoder.null()? { Vec::new() } else { parsed(decoder)? };
            Ok(())
        }
        _ => decoder.skip(),
    });
    envelope.and_then(|()| decoder.finish()).map_err(|error| Error::decode(operation, error))?;
    if !errors.is_empty() {
        let partial = raw_data
            .filter(|start| !matches!(start.fork().null(), Ok(true)))
            .and_then(|mut start| RawValue::from_string(start.raw().ok()?.to_owned()).ok());
        return Err(Error::graphql(ErrorKind::GraphQl, operation, errors).with_data(partial));
    }
    if let Some(error) = problem {
        return Err(Error::decode(operation, error));
    }
    value.ok_or_else(|| Error::new(ErrorKind::Decode, format!("the answer to `{operation}` has neither data nor errors")))
}

/// Reads `{ "<operation>": value }`; nothing when the whole data is null.
fn root_value<T: Field>(decoder: &mut Decoder<'_>, operation: &str) -> std::result::Result<Option<T>, DecodeError> {
    if decoder.null()? {
        return Ok(None);
    }
    let mut value = None;
    decoder.entries("the data", |decoder, key| {
        if key == operation { value.insert(T::vacant()).decode(decoder) } else { decoder.skip() }
    })?;
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(DecodeError::new(DecodeErrorKind::Missing).at_plain_key(operation)),
    }
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
}

impl<T: Field> Field for Payload<T> {
    fn vacant() -> Self {
        Self { value: T::vacant(), errors: Vec::new() }
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
            "__typename" => typename.insert(String::new()).decode(scan),
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
