//! Errors of the JSON parser as errors of the decoder.

use super::error::{DecodeError, DecodeErrorKind};
use jiter::{JiterError, JiterErrorType, Peek};
use std::str::Utf8Error;

/// The error of a text at the offset `start`.
#[cold]
pub(super) fn invalid_text(start: usize, error: Utf8Error) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Syntax {
        message: "invalid UTF-8".to_owned(),
        offset: start + error.valid_up_to(),
    })
}

#[cold]
pub(super) fn wrong_type(expected: &'static str, found: Peek) -> DecodeError {
    let found = match found {
        Peek::Null => return DecodeError::new(DecodeErrorKind::Null { expected }),
        Peek::True | Peek::False => "a boolean",
        Peek::String => "a string",
        Peek::Array => "an array",
        Peek::Object => "an object",
        peek if peek.is_num() => "a number",
        _ => "something that is not JSON",
    };
    DecodeError::new(DecodeErrorKind::WrongType { expected, found })
}

/// The error of the parser that started at the offset `base`.
#[cold]
pub(super) fn syntax(base: usize, error: JiterError) -> DecodeError {
    let message = match error.error_type {
        JiterErrorType::JsonError(error) => error.to_string(),
        JiterErrorType::WrongType { expected, actual } => format!("expected {expected}, found {actual}"),
    };
    DecodeError::new(DecodeErrorKind::Syntax { message, offset: base + error.index })
}
