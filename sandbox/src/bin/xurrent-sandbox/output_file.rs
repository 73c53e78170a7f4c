//! Output files, overwritten at each start.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

/// Opens a file for overwriting, if it is empty or begins with `start`, like the output of an earlier run.
pub(super) fn create(path: &Path, start: &str) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        // Terminals and pipes have no content to lose.
        return File::options().write(true).open(path);
    }
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut found = Vec::new();
    (&file).take(start.len() as u64).read_to_end(&mut found)?;
    if !found.is_empty() && found != start.as_bytes() {
        let message = "the file has other content; choose another file";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    file.set_len(0)?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_with_other_content_is_not_overwritten() {
        let path = std::env::temp_dir().join(format!("xurrent-sandbox-{}", std::process::id()));
        fs::write(&path, "years of work").unwrap();
        let error = create(&path, "{\"id\":").unwrap_err();
        assert!(error.to_string().contains("other content"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "years of work");
        for before in ["", "{\"id\":1}\n{\"id\":2}\n"] {
            fs::write(&path, before).unwrap();
            create(&path, "{\"id\":").unwrap().write_all(b"{\"id\":3}").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "{\"id\":3}");
        }
        fs::remove_file(&path).unwrap();
        create(&path, "{\"id\":").unwrap();
        fs::remove_file(&path).unwrap();
    }
}
