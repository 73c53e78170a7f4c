//! Collects everything that this process logs or panics with, and looks for secrets in it.

use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

static COLLECTED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Adds to what was collected.
struct Collector;

impl Write for Collector {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        COLLECTED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Collector {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// From now on every event of `tracing` and of `log`, of every crate at every level, and every
/// panic is collected.
pub(crate) fn collect() {
    static START: Once = Once::new();
    START.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(Collector)
            .init();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            show(&info.to_string());
            usual(info);
        }));
    });
}

/// Adds a text that somebody could have shown or logged.
pub(crate) fn show(text: &str) {
    let _ = Collector.write_all(text.as_bytes());
    let _ = Collector.write_all(b"\n");
}

/// Adds an error in all its forms, down to its first cause.
pub(crate) fn show_error(error: &(dyn std::error::Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        show(&format!("{error} {error:#} {error:?} {error:#?}"));
        next = error.source();
    }
}

/// What was collected so far.
pub(crate) fn collected() -> String {
    let bytes = COLLECTED.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines of a text with a secret in them: as it is, as a form writes it, or byte by byte.
pub(crate) fn leaks<'t>(text: &'t str, secrets: &[&str]) -> Vec<&'t str> {
    let forms = secrets.iter().flat_map(|secret| {
        let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
        let form: String = secret
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        [(*secret).to_owned(), form, secret.replace('/', "\\/"), bytes.join(", ")]
    });
    let forms: Vec<String> = forms.collect();
    text.lines().filter(|line| forms.iter().any(|form| line.contains(form))).collect()
}
