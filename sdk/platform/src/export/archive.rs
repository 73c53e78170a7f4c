//! The ZIP archive of an export of several types.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use xurrent_runtime::{Error, ErrorKind, Result};
use zip::ZipArchive;
use zip::read::ZipFile;

/// The most files of an archive: there are fewer types, but a large type has several files.
const MAX_FILES: usize = 10_000;

const MAX_SIZE: u64 = 16 << 30;

/// The longest file name, in bytes, as in file systems.
const MAX_NAME: usize = 255;

/// The files of an export of several types, one after the other. It reads synchronously: in an async program, use it
/// within `tokio::task::spawn_blocking`.
///
/// ```no_run
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::{fs::File, io, path::Path};
/// use xurrent_platform::export::ExportArchive;
///
/// let mut archive = ExportArchive::open("export.zip")?;
/// while let Some(mut file) = archive.next_file()? {
///     // The name has no folder, so the file stays in `data`.
///     let mut target = File::create_new(Path::new("data").join(file.name()))?;
///     io::copy(&mut file, &mut target)?;
/// }
/// # Ok(())
/// # }
/// ```
pub struct ExportArchive<R> {
    archive: ZipArchive<R>,
    next: usize,
    names: HashSet<String>,
    /// How many bytes may still be read.
    left: u64,
}

/// A file of an archive. Reading it to its end checks it against its checksum.
pub struct ArchivedFile<'a, R: Read> {
    name: String,
    file: ZipFile<'a, R>,
    left: &'a mut u64,
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Decode, message)
}

impl ExportArchive<BufReader<File>> {
    /// Opens a file that was downloaded.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it cannot be read, is not an archive, or has more than 10,000 files.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path)
            .map_err(|error| invalid(format!("could not read {}", path.display())).with_source(error))?;
        Self::new(BufReader::new(file))
    }
}

impl<R: Read + Seek> ExportArchive<R> {
    /// Reads the list of files.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is not an archive, or has more than 10,000 files.
    pub fn new(reader: R) -> Result<Self> {
        let archive = ZipArchive::new(reader)
            .map_err(|error| invalid("not a ZIP archive: the file of one type is none").with_source(error))?;
        match archive.len() {
            0..=MAX_FILES => Ok(Self { archive, next: 0, names: HashSet::new(), left: MAX_SIZE }),
            files => Err(invalid(format!("the archive has {files} files; expected at most {MAX_FILES}"))),
        }
    }

    /// The most bytes of all files together when they are unpacked: 16 GiB by default. Reading more is an error.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.left = bytes;
        self
    }

    /// The next file, without folders; none behind the last one.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] for a file that is damaged or encrypted, that has the name of another one or one that is no
    /// file name.
    pub fn next_file(&mut self) -> Result<Option<ArchivedFile<'_, R>>> {
        while self.next < self.archive.len() {
            let index = self.next;
            self.next += 1;
            if self.archive.by_index_raw(index).is_ok_and(|entry| entry.is_dir()) {
                continue;
            }
            let file = self.archive.by_index(index).map_err(|error| {
                invalid(format!("could not read file {} of the archive", index + 1)).with_source(error)
            })?;
            let name = file_name(file.name())
                .ok_or_else(|| invalid(format!("invalid name {:?} of a file of the archive", file.name())))?;
            if !self.names.insert(name.to_lowercase()) {
                return Err(invalid(format!("two files of the archive have the name {name:?}")));
            }
            return Ok(Some(ArchivedFile { name, file, left: &mut self.left }));
        }
        Ok(None)
    }
}

/// The last part of a path, if it is a name on every system.
fn file_name(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let is_name = !name.trim().is_empty()
        && name.len() <= MAX_NAME
        && !matches!(name, "." | "..")
        && !name.contains([':', '<', '>', '"', '|', '?', '*'])
        && !name.chars().any(char::is_control);
    is_name.then(|| name.to_owned())
}

impl<R: Read> ArchivedFile<'_, R> {
    /// Its name, without a folder.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<R: Read> Read for ArchivedFile<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        *self.left =
            left.ok_or_else(|| io::Error::other("the files of the archive are larger than `max_size`"))?;
        Ok(read)
    }
}

impl<R> fmt::Debug for ExportArchive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportArchive").field("next", &self.next).finish_non_exhaustive()
    }
}

impl<R: Read> fmt::Debug for ArchivedFile<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchivedFile").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    fn archive(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn read(zip: Vec<u8>) -> Result<Vec<(String, String)>> {
        let mut archive = ExportArchive::new(Cursor::new(zip))?;
        let mut files = Vec::new();
        while let Some(mut file) = archive.next_file()? {
            let mut text = String::new();
            file.read_to_string(&mut text).map_err(|error| invalid("damaged").with_source(error))?;
            files.push((file.name().to_owned(), text));
        }
        Ok(files)
    }

    #[test]
    fn files_come_one_after_the_other() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let zip = archive(&[("people.csv", b"Name\n"), ("export/sites.csv", b"ID\n")], method);
            let expected = [("people.csv", "Name\n"), ("sites.csv", "ID\n")];
            assert_eq!(read(zip).unwrap(), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        }
        assert!(read(archive(&[], CompressionMethod::Stored)).unwrap().is_empty());
        for other in [&b"ID,Name\n1,Ada\n"[..], b"", b"PK\x03\x04"] {
            assert!(read(other.to_vec()).unwrap_err().is_decode());
        }
    }

    #[test]
    fn names_stay_in_their_folder() {
        for (path, name) in [
            ("../../etc/passwd", Some("passwd")),
            ("/etc/passwd", Some("passwd")),
            ("..\\..\\boot.ini", Some("boot.ini")),
            ("C:\\people.csv", Some("people.csv")),
            ("C:people.csv", None),
            ("a/..", None),
            ("a/ ", None),
            ("a\nb", None),
            ("people.csv:stream", None),
        ] {
            assert_eq!(file_name(path).as_deref(), name, "{path}");
        }
        let twice = archive(&[("a/People.csv", b""), ("b/people.csv", b"")], CompressionMethod::Stored);
        assert!(read(twice).unwrap_err().to_string().contains("two files"));
    }

    #[test]
    fn a_bomb_is_read_up_to_the_limit() {
        let zeros = vec![0; 1_000_000];
        let zip = archive(&[("a.csv", &zeros), ("b.csv", &zeros)], CompressionMethod::Deflated);
        assert!(zip.len() < 10_000);
        let mut archive = ExportArchive::new(Cursor::new(zip)).unwrap().max_size(1_500_000);
        assert_eq!(io::copy(&mut archive.next_file().unwrap().unwrap(), &mut io::sink()).unwrap(), 1_000_000);
        let error = io::copy(&mut archive.next_file().unwrap().unwrap(), &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("larger than `max_size`"), "{error}");
    }

    #[test]
    fn damage_is_an_error() {
        let good = archive(&[("people.csv", b"Name\nAda\nGrace\n")], CompressionMethod::Stored);
        let at = good.windows(3).position(|part| part == b"Ada").unwrap();
        let mut damaged = good.clone();
        damaged[at] = b'E';
        assert!(read(damaged).is_err());
        assert!(read(good[..good.len() / 2].to_vec()).is_err());
    }
}
