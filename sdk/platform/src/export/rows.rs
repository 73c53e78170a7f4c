//! Typed rows of a CSV file.

use csv::{Reader, ReaderBuilder, StringRecord};
use serde::de::DeserializeOwned;
use std::fmt;
use std::io::{self, Read};
use std::marker::PhantomData;
use xurrent_runtime::{Error, ErrorKind, Result};

/// The largest row, in bytes, with what is buffered behind it.
const MAX_ROW: u64 = 64 << 20;

/// The rows of a CSV file of an export, as values of a type that implements `Deserialize`. A column is found by its
/// name, so that the order is free and other columns are ignored. The tab that the server puts before a cell that begins
/// with `=`, `+`, `-` or `@` is removed.
///
/// An empty cell is `None` in an `Option`. The iterator ends with the first error. It reads synchronously, a row at a time.
///
/// ```
/// use serde::Deserialize;
/// use xurrent_platform::export::Rows;
///
/// #[derive(Deserialize)]
/// struct Person {
///     #[serde(rename = "ID")]
///     id: u64,
///     #[serde(rename = "Name")]
///     name: String,
///     #[serde(rename = "Job Title")]
///     job_title: Option<String>,
/// }
///
/// let csv = "Name,VIP,ID,Job Title\nAda,true,7,\n\t=Grace,false,8,Admiral\n";
/// let people = Rows::new(csv.as_bytes())?.collect::<Result<Vec<Person>, _>>()?;
/// assert_eq!((people[0].id, people[0].job_title.as_deref()), (7, None));
/// assert_eq!(people[1].name, "=Grace");
/// # Ok::<(), xurrent_runtime::Error>(())
/// ```
pub struct Rows<R, T> {
    reader: Reader<Bounded<R>>,
    headers: StringRecord,
    row: StringRecord,
    has_ended: bool,
    rows: PhantomData<fn() -> T>,
}

impl<R: Read, T: DeserializeOwned> Rows<R, T> {
    /// Reads the names of the columns.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the first line cannot be read.
    pub fn new(reader: R) -> Result<Self> {
        let mut reader = ReaderBuilder::new().from_reader(Bounded { reader, left: MAX_ROW });
        let headers = reader.headers().map_err(unreadable)?.iter();
        let headers = headers.map(|header| header.trim_start_matches('\u{feff}')).collect();
        Ok(Self { reader, headers, row: StringRecord::new(), has_ended: false, rows: PhantomData })
    }

    fn row(&mut self) -> Result<Option<T>> {
        self.reader.get_mut().left = MAX_ROW;
        if !self.reader.read_record(&mut self.row).map_err(unreadable)? {
            return Ok(None);
        }
        if self.row.iter().any(|cell| plain(cell) != cell) {
            let position = self.row.position().cloned();
            self.row = self.row.iter().map(plain).collect();
            self.row.set_position(position);
        }
        self.row.deserialize(Some(&self.headers)).map(Some).map_err(unreadable)
    }
}

/// A cell as it was before the server protected spreadsheets from it.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\t').filter(|cell| cell.starts_with(['=', '+', '-', '@'])).unwrap_or(cell)
}

fn unreadable(error: csv::Error) -> Error {
    Error::new(ErrorKind::Decode, "could not read a row of the export").with_source(error)
}

impl<R: Read, T: DeserializeOwned> Iterator for Rows<R, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let row = self.row().transpose();
        self.has_ended = !matches!(row, Some(Ok(_)));
        row
    }
}

impl<R, T> fmt::Debug for Rows<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// A reader that fails when one row does not end.
struct Bounded<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| io::Error::other(format!("a row has more than {MAX_ROW} bytes")))?;
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::error::Error as _;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        #[serde(rename = "ID")]
        id: u64,
        #[serde(rename = "Note")]
        note: Option<String>,
    }

    fn rows(csv: &str) -> Result<Vec<Row>> {
        Rows::new(csv.as_bytes())?.collect()
    }

    fn row(id: u64, note: Option<&str>) -> Row {
        Row { id, note: note.map(str::to_owned) }
    }

    #[test]
    fn rows_are_found_by_the_names_of_columns() {
        let csv = "\u{feff}New,Note,ID\r\nx,\"a, \"\"b\"\"\nc\",1\r\n,,2\r\n";
        assert_eq!(rows(csv).unwrap(), [row(1, Some("a, \"b\"\nc")), row(2, None)]);
        assert!(rows("ID,Note\n").unwrap().is_empty() && rows("").unwrap().is_empty());
    }

    #[test]
    fn only_the_tab_of_the_server_is_removed() {
        let cells = ["\t=1+1", "\t+1", "\t-1", "\t@x", "\tx", "\t", "\t\t=1", "=1", "x\t=1"];
        let csv = cells.iter().fold("ID,Note\n".to_owned(), |csv, cell| csv + &format!("1,{cell}\n"));
        let notes: Vec<_> = rows(&csv).unwrap().into_iter().map(|row| row.note.unwrap()).collect();
        assert_eq!(notes, ["=1+1", "+1", "-1", "@x", "\tx", "\t", "\t\t=1", "=1", "x\t=1"]);
    }

    #[test]
    fn a_wrong_row_is_an_error_with_its_line_and_the_last_item() {
        for (csv, line) in [("ID,Note\n1,a\nx,b\n3,c\n", "line: 3"), ("ID,Note\n1,a\n2\n3,c\n", "line: 3")] {
            let mut rows = Rows::<_, Row>::new(csv.as_bytes()).unwrap();
            assert_eq!(rows.next().unwrap().unwrap(), row(1, Some("a")));
            let error = rows.next().unwrap().unwrap_err();
            assert!(error.is_decode() && error.source().unwrap().to_string().contains(line), "{error:#}");
            assert!(rows.next().is_none());
        }
        assert!(rows("Note\na\n").is_err());
    }

    #[test]
    fn a_row_without_an_end_is_an_error() {
        let endless = "ID,Note\n1,\"".as_bytes().chain(io::repeat(b'x'));
        let mut rows = Rows::<_, Row>::new(endless).unwrap();
        let error = rows.next().unwrap().unwrap_err();
        assert!(error.source().unwrap().to_string().contains("a row has more than"), "{error:#}");
    }
}
