//! The `multipart/form-data` that storages accept, as browsers write it.
//!
//! Written here because the order of the parts, the names and the length are what counts: storages
//! want `Content-Type` first, the file last and a length in advance, and know file names only as
//! browsers write them, in UTF-8 with quotes and line ends as `%22`, `%0D` and `%0A`.

use bytes::Bytes;
use std::hash::{BuildHasher, Hasher, RandomState};

pub(super) struct Form {
    /// Everything before the file.
    pub(super) head: Bytes,
    /// Everything behind it.
    pub(super) tail: Bytes,
    pub(super) boundary: String,
}

/// The file of a request, for transports in memory.
#[derive(Clone)]
pub(crate) struct FileInfo {
    pub(crate) name: String,
    pub(crate) content_type: String,
    /// How many bytes come before the file.
    pub(crate) head: usize,
    /// How many bytes come behind it.
    pub(crate) tail: usize,
}

impl Form {
    pub(super) fn new(parameters: &[(String, String)], name: &str, content_type: &str) -> Self {
        let first = ("Content-Type", content_type);
        let parameters = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let boundary = boundary();
        let mut head = String::new();
        for (name, value) in std::iter::once(first).chain(parameters) {
            let name = quoted(name);
            head += &format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        let name = quoted(name);
        head += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
        );
        Self { head: head.into(), tail: format!("\r\n--{boundary}--\r\n").into(), boundary }
    }
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// What no file contains by chance, nor on purpose, since nobody knows it in advance.
fn boundary() -> String {
    let mut boundary = "xurrent".to_owned();
    for _ in 0..3 {
        // Every `RandomState` has keys of its own.
        boundary += &format!("-{:016x}", RandomState::new().build_hasher().finish());
    }
    boundary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_as_browsers_do() {
        let parameters =
            [("key".to_owned(), "a/${filename}".to_owned()), ("x\"\r\n".to_owned(), "1".to_owned())];
        let form = Form::new(&parameters, "b\"ü.txt", "text/plain");
        let head = std::str::from_utf8(&form.head).unwrap_or_default().replace(&form.boundary, "B");
        assert_eq!(
            head,
            "--B\r\nContent-Disposition: form-data; name=\"Content-Type\"\r\n\r\ntext/plain\r\n\
             --B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n\
             --B\r\nContent-Disposition: form-data; name=\"x%22%0D%0A\"\r\n\r\n1\r\n\
             --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b%22ü.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n"
        );
        assert_eq!(form.tail, format!("\r\n--{}--\r\n", form.boundary));
        assert_ne!(form.boundary, boundary());
    }
}
