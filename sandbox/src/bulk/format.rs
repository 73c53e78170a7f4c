//! The formats of an export's files: CSV, Excel, and the ZIP archive of several files.

use csv::{Terminator, WriterBuilder};
use rust_xlsxwriter::{Workbook, XlsxError};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The most records of a workbook. The server splits more of them.
const MAX_RECORDS: usize = 10_000;

/// The longest text of a cell in Excel.
const MAX_CELL: usize = 32_767;

#[derive(Clone, Copy)]
pub(super) enum Format {
    Csv(Terminator),
    Xlsx,
}

/// The cells of a line.
pub(super) type Line = Vec<String>;

impl Format {
    /// The files of a type, with their names.
    pub(super) fn files(
        self,
        name: &str,
        headers: &Line,
        records: &[Line],
    ) -> Result<Vec<(String, Vec<u8>)>, XlsxError> {
        match self {
            Self::Csv(terminator) => Ok(vec![(format!("{name}.csv"), csv(headers, records, terminator))]),
            Self::Xlsx if records.len() <= MAX_RECORDS => {
                Ok(vec![(format!("{name}.xlsx"), workbook(headers, records)?)])
            }
            Self::Xlsx => {
                let parts = records.chunks(MAX_RECORDS).enumerate();
                let file =
                    |(index, part)| Ok((format!("{name}_{}.xlsx", index + 1), workbook(headers, part)?));
                parts.map(file).collect()
            }
        }
    }
}

fn csv(headers: &Line, records: &[Line], terminator: Terminator) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    for line in std::iter::once(headers).chain(records) {
        // Writing to memory does not fail.
        let _ = writer.write_record(line);
    }
    writer.into_inner().unwrap_or_default()
}

fn workbook(headers: &Line, records: &[Line]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (line, row) in std::iter::once(headers).chain(records).zip(0..) {
        for (cell, column) in line.iter().zip(0..) {
            sheet.write_string(row, column, cell.chars().take(MAX_CELL).collect::<String>())?;
        }
    }
    workbook.save_to_buffer()
}

/// A ZIP archive of several files.
pub(super) fn archive(files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        // Writing to memory does not fail.
        let _ = archive.start_file(name, options);
        let _ = archive.write_all(&content);
    }
    archive.finish().map(Cursor::into_inner).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_records_than_a_workbook_takes_are_split() -> Result<(), XlsxError> {
        let headers = vec!["ID".to_owned()];
        let records: Vec<Line> = (0..=MAX_RECORDS).map(|number| vec![number.to_string()]).collect();
        let names = |records: &[Line]| {
            let files = Format::Xlsx.files("people", &headers, records)?;
            Ok::<_, XlsxError>(files.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        assert_eq!(names(&records[..MAX_RECORDS])?, ["people.xlsx"]);
        assert_eq!(names(&records)?, ["people_1.xlsx", "people_2.xlsx"]);
        Ok(())
    }
}
