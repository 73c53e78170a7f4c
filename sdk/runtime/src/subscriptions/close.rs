//! Close codes of a WebSocket as errors.

use crate::error::{Error, ErrorKind};
use crate::quote::BRIEF;
use crate::secrets::Secrets;
use crate::send::attempts::UNAUTHORIZED_CLOSE;

/// The error of a connection that the server has closed.
pub(super) fn closed(code: Option<u16>, reason: &str, secrets: &Secrets) -> Error {
    let kind = match code {
        None | Some(1000 | 1001 | 1011..=1014 | 4499) => ErrorKind::Transport,
        Some(4408) => ErrorKind::Timeout,
        Some(UNAUTHORIZED_CLOSE | 3000 | 3003 | 4403) => ErrorKind::Unauthorized,
        Some(4429) => ErrorKind::RateLimited,
        Some(_) => ErrorKind::Status,
    };
    let (code_text, reason) = (code.map(|code| format!(" with {code}")), secrets.quote(reason, BRIEF));
    let separator = if reason.is_empty() { "" } else { ": " };
    let message = format!(
        "the server closed the subscription{}{separator}{reason}",
        code_text.as_deref().unwrap_or_default()
    );
    let error = Error::new(kind, message);
    match code {
        // The server has acted as it should.
        None | Some(1000..=1014) => error,
        Some(code) => error.with_status(code),
    }
}

/// Whether a new connection may work where this one was lost.
pub(super) fn is_temporary(error: &Error) -> bool {
    error.has_no_response()
        // Without a status, the client has not sent the request: it waited for a permit already.
        || (error.kind() == ErrorKind::RateLimited && error.status().is_some())
        || matches!(error.status(), Some(502..=504))
}
