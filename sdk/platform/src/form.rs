//! The `multipart/form-data` of uploads, exports and imports, as browsers write it.
//!
//! Written here because the order of the parts, the names and the length are what counts: storages
//! want `Content-Type` first, the file last and a length in advance, and know file names only as
//! browsers write them, in UTF-8 with quotes and line ends as `%22`, `%0D` and `%0A`.

use bytes::Bytes;
use http::HeaderValue;
use std::hash::{BuildHasher, Hasher, RandomState};
use xurrent_runtime::{Error, Result};

pub(crate) struct Form {
    /// Everything before the file.
    pub(crate) head: Bytes,
    /// Everything behind it.
    pub(crate) tail: Bytes,
    boundary: String,
}

/// The file of a request, for transports in memory.
#[cfg(feature = "upload")]
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
    /// A form of these fields, in their order.
    pub(crate) fn new<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let boundary = boundary();
        let mut head = String::new();
        for (name, value) in fields {
            let name = quoted(name);
            head += &format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        Self { head: head.into(), tail: format!("--{boundary}--\r\n").into(), boundary }
    }

    /// A form of these fields, with a file as the last one.
    #[cfg(feature = "upload")]
    pub(crate) fn with_file<'f>(
        fields: impl IntoIterator<Item = (&'f str, &'f str)>,
        name: &str,
        content_type: &str,
    ) -> Self {
        let Self { head, boundary, .. } = Self::new(fields);
        let name = quoted(name);
        let file = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
        );
        let head = [&head, file.as_bytes()].concat().into();
        Self { head, tail: format!("\r\n--{boundary}--\r\n").into(), boundary }
    }

    pub(crate) fn content_type(&self) -> Result<HeaderValue> {
        HeaderValue::try_from(format!("multipart/form-data; boundary={}", self.boundary))
            .map_err(|error| Error::configuration("the form has no boundary").with_source(error))
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

#[cfg(all(test, feature = "upload"))]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_as_browsers_do() {
        let fields = [("Content-Type", "text/plain"), ("key", "a/${filename}"), ("x\"\r\n", "1")];
        let form = Form::with_file(fields, "b\"ü.txt", "text/plain");
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
