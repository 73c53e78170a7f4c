//! Results of the JSON parser as results of the decoder.

use super::error::{DecodeError, DecodeErrorKind};
use jiter::{JiterError, JiterErrorType, Peek};

/// The text of bytes at the offset `start`.
pub(super) fn text(bytes: &[u8], start: usize) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|error| {
        DecodeError::new(DecodeErrorKind::Syntax {
            message: "invalid UTF-8".to_owned(),
            offset: start + error.valid_up_to(),
        })
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

/// The result of the parser that started at the offset `base`.
#[inline]
pub(super) fn at<T>(base: usize, result: Result<T, JiterError>) -> Result<T, DecodeError> {
    result.map_err(|error| syntax(base, error))
}

#[cold]
fn syntax(base: usize, error: JiterError) -> DecodeError {
    let message = match error.error_type {
        JiterErrorType::JsonError(error) => error.to_string(),
        JiterErrorType::WrongType { expected, actual } => format!("expected {expected}, found {actual}"),
    };
    DecodeError::new(DecodeErrorKind::Syntax { message, offset: base + error.index })
}
