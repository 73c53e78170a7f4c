//! Looks for secrets in everything that is logged or panicked with, while it is written.

use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, Once, OnceLock, PoisonError};

static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what has a secret in it, and nothing else: there are millions of lines.
struct Sieve;

impl Write for Sieve {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        look(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on every event of `tracing` and of `log`, of every crate at every level, and every
/// panic is looked at.
pub(crate) fn collect(secrets: [&str; 2]) {
    static START: Once = Once::new();
    START.call_once(|| {
        // As they are, and byte by byte, as a list of bytes is shown.
        let bytes = |secret: &str| {
            let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
            bytes.join(", ")
        };
        let forms = secrets.iter().flat_map(|secret| [(*secret).to_owned(), bytes(secret)]).collect();
        SECRETS.set(forms).unwrap();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(|| Sieve)
            .init();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            look(&info.to_string());
            usual(info);
        }));
    });
}

/// Looks at a text that somebody could have shown or logged.
pub(crate) fn look(text: &str) {
    if SECRETS.get().unwrap().iter().any(|secret| text.contains(secret)) {
        FOUND.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}

/// Looks at an error in all its forms, down to its first cause.
pub(crate) fn look_at_error(error: &(dyn std::error::Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        look(&format!("{error} {error:#} {error:?} {error:#?}"));
        next = error.source();
    }
}

/// What had a secret in it so far.
pub(crate) fn found() -> Vec<String> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
