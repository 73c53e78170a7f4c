//! What to export.

use xurrent_runtime::jiff::Timestamp;
use xurrent_runtime::{Error, Result};

/// An export, for `Client::export_start`.
///
/// ```
/// use xurrent_platform::export::{LineSeparator, NewExport};
/// # use xurrent_runtime::jiff::{Timestamp, ToSpan as _};
///
/// let everything = NewExport::new(["people"]);
/// let yesterday = Timestamp::now() - 24.hours();
/// let changes = NewExport::new(["people", "sites"]).from(yesterday).line_separator(LineSeparator::Crlf);
/// ```
#[derive(Debug, Clone)]
#[must_use = "an export does nothing until it is given to a call"]
pub struct NewExport {
    types: Vec<String>,
    from: Option<Timestamp>,
    format: ExportFormat,
    line_separator: Option<LineSeparator>,
    locale: Option<String>,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Comma-separated values in UTF-8.
    #[default]
    Csv,
    /// Excel. The server splits more than 10,000 rows into several files.
    Xlsx,
}

/// The end of a line in CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineSeparator {
    /// A line feed.
    Lf,
    /// A carriage return and a line feed.
    Crlf,
}

impl NewExport {
    /// An export of records of these types, such as `people`, `requests` or `cis`: see the
    /// [list](https://developer.xurrent.com/v1/export/). The file of several types is a ZIP archive with a file for
    /// each.
    pub fn new<T: Into<String>>(types: impl IntoIterator<Item = T>) -> Self {
        Self {
            types: types.into_iter().map(Into::into).collect(),
            from: None,
            format: ExportFormat::default(),
            line_separator: None,
            locale: None,
        }
    }

    /// Exports only records that were changed since this time, which the server accepts for two months. Sent in whole
    /// seconds, rounded down, so that no change is missed.
    pub fn from(mut self, time: Timestamp) -> Self {
        self.from = Some(time);
        self
    }

    /// The format: CSV by default.
    pub fn format(mut self, format: ExportFormat) -> Self {
        self.format = format;
        self
    }

    /// The end of a line in CSV. By default, the server chooses.
    pub fn line_separator(mut self, separator: LineSeparator) -> Self {
        self.line_separator = Some(separator);
        self
    }

    /// The language, such as `nl`, which an export of `translations` needs.
    pub fn locale(mut self, language: impl Into<String>) -> Self {
        self.locale = Some(language.into());
        self
    }

    /// The fields of the form, or an error with all mistakes.
    pub(super) fn fields(&self) -> Result<Vec<(&'static str, String)>> {
        let mut mistakes = Vec::new();
        if self.types.is_empty() {
            mistakes.push("it has no types; expected for example `people`".to_owned());
        }
        for name in self.types.iter().filter(|name| !is_name(name)) {
            mistakes.push(format!("the type is {name:?}; expected for example `people`"));
        }
        if let Some(locale) = self.locale.as_ref().filter(|locale| !is_name(locale)) {
            mistakes.push(format!("`locale` is {locale:?}; expected for example `nl`"));
        }
        if self.line_separator.is_some() && self.format != ExportFormat::Csv {
            mistakes.push("`line_separator` needs the format CSV".to_owned());
        }
        if !mistakes.is_empty() {
            return Err(Error::configuration(format!("invalid export: {}", mistakes.join("; "))));
        }
        let format = match self.format {
            ExportFormat::Csv => "csv",
            ExportFormat::Xlsx => "xlsx",
        };
        let separator = self.line_separator.map(|separator| match separator {
            LineSeparator::Lf => "lf",
            LineSeparator::Crlf => "crlf",
        });
        let mut fields = vec![("type", self.types.join(",")), ("export_format", format.to_owned())];
        fields.extend(self.from.map(|time| ("from", whole_second(time).to_string())));
        fields.extend(separator.map(|separator| ("line_separator", separator.to_owned())));
        fields.extend(self.locale.clone().map(|locale| ("locale", locale)));
        Ok(fields)
    }
}

/// Whether a text is a name, which does not end a field or a list of names.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The second that a time is in.
fn whole_second(time: Timestamp) -> Timestamp {
    let second = time.as_nanosecond().div_euclid(1_000_000_000);
    i64::try_from(second).ok().and_then(|second| Timestamp::from_second(second).ok()).unwrap_or(time)
}
