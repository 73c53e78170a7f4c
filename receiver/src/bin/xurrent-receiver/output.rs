//! Tables and JSON on standard output.

use crate::admin::{Counts, Letter, Stats};
use crate::error::Error;
use std::io::{self, Write};
use std::time::Duration;
use xurrent_values::quote::quote;

/// The longest text in a column of a table, in characters.
const MAX_TEXT: usize = 200;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    #[default]
    Table,
    /// A line of JSON for each item
    Json,
}

/// Prints a line.
pub(crate) fn line(text: &str) -> Result<(), Error> {
    print(|out| writeln!(out, "{text}"))
}

/// Text of a sender, on one line and without characters that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    quote(text.as_bytes(), &[], MAX_TEXT, false)
}

pub(crate) fn letters(letters: &[Letter], format: Format) -> Result<(), Error> {
    print(|out| {
        if format == Format::Json {
            for letter in letters {
                serde_json::to_writer(&mut *out, letter)?;
                writeln!(out)?;
            }
            return Ok(());
        }
        let mut rows = vec![["ID", "RECEIVED", "EVENT", "RECORD", "ATTEMPTS", "REASON"].map(str::to_owned)];
        rows.extend(letters.iter().map(|letter| {
            let record = letter.record.as_deref().unwrap_or_default();
            let (event, record, reason) = (plain(&letter.event), plain(record), plain(&letter.reason));
            [
                letter.id.to_string(),
                letter.received.clone(),
                event,
                record,
                letter.attempts.to_string(),
                reason,
            ]
        }));
        table(out, &rows)
    })
}

pub(crate) fn stats(stats: &Stats, format: Format) -> Result<(), Error> {
    print(|out| {
        if format == Format::Json {
            serde_json::to_writer(&mut *out, stats)?;
            return writeln!(out);
        }
        let service = match stats.paused {
            None => "not running",
            Some(true) => "running, paused",
            Some(false) => "running",
        };
        writeln!(out, "service: {service}\n")?;
        let mut rows = vec![["EVENT", "PENDING", "TAKEN", "DEAD", "OLDEST PENDING"].map(str::to_owned)];
        rows.extend(stats.events.iter().map(|(event, counts)| row(plain(event), counts)));
        rows.push(row("all".to_owned(), &stats.total));
        table(out, &rows)?;
        if !stats.refused.is_empty() {
            writeln!(out)?;
            let mut rows = vec![["REFUSED BECAUSE OF", "REQUESTS"].map(str::to_owned)];
            rows.extend(stats.refused.iter().map(|(reason, count)| [reason.clone(), count.to_string()]));
            table(out, &rows)?;
        }
        Ok(())
    })
}

fn row(name: String, counts: &Counts) -> [String; 5] {
    let oldest = counts.oldest_pending_seconds.map(Duration::from_secs);
    let oldest = oldest.map_or("-".to_owned(), |age| humantime::format_duration(age).to_string());
    [name, counts.pending.to_string(), counts.taken.to_string(), counts.dead.to_string(), oldest]
}

/// Prints rows in columns as wide as their longest text.
fn table<const N: usize>(out: &mut impl Write, rows: &[[String; N]]) -> io::Result<()> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(text, width)| format!("{text:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

/// A reader that has seen enough, such as `head`, is no failure.
fn print(write: impl FnOnce(&mut io::StdoutLock<'_>) -> io::Result<()>) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::Failed(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
