//! Texts with attachments: writing them, and finding the images in them.

mod draft;
mod scan;

pub use draft::RichTextDraft;

use crate::{Attachment, AttachmentInput, Error, Result};
use std::ops::Range;

/// A Markdown text and the files that belong to it, for any pair of input fields `text` and
/// `textAttachments`.
///
/// ```
/// # fn example(id: xurrent::Id) -> xurrent::Result<()> {
/// use xurrent::{NoteCreateInput, RichText};
///
/// let text = RichText::new("Look: ")
///     .inline("attachments/5/screen.png")?
///     .text(" The log is attached.")
///     .attach("attachments/5/server.log");
/// let input = NoteCreateInput::new(id, text.markdown()).attachments(text.attachments());
/// # Ok(())
/// # }
/// ```
///
/// A file is named by its key, the one that its upload gave; a [`RichTextDraft`] takes files that are not
/// uploaded yet. A file that is added twice is one
/// attachment; one that is inline somewhere is an inline attachment.
#[derive(Debug, Clone, Default)]
#[must_use = "a text does nothing until it is given to an input"]
pub struct RichText {
    markdown: String,
    /// Keys, each with whether its file is shown in the text.
    files: Vec<(String, bool)>,
}

impl RichText {
    /// Begins with a Markdown text, which may be empty.
    pub fn new(markdown: impl Into<String>) -> Self {
        Self { markdown: markdown.into(), files: Vec::new() }
    }

    /// Continues with a Markdown text.
    pub fn text(mut self, markdown: impl AsRef<str>) -> Self {
        self.markdown.push_str(markdown.as_ref());
        self
    }

    /// Continues with an image, `![](key)`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when Markdown would not read
    /// the key as it is: a key that is empty, has white space, parentheses, a back-tick or a
    /// back-slash in it, or begins like a web address. Keys are not escaped, since the server
    /// compares them as they are; upload the file under another name. Also when the text before
    /// the image ends within code or with a back-slash, which would hide the image.
    pub fn inline(self, key: impl AsRef<str>) -> Result<Self> {
        self.image(key.as_ref(), "")
    }

    /// Continues with an image and what stands in the braces behind it, such as `width=200`:
    /// `![](key){:width=200}`.
    ///
    /// # Errors
    /// Those of [`inline`](Self::inline), and when the attributes have a brace or a line end.
    pub fn inline_with(self, key: impl AsRef<str>, attributes: &str) -> Result<Self> {
        if attributes.contains(['{', '}', '\n', '\r']) {
            return Err(Error::invalid_input(format!("{attributes:?} cannot be the attributes of an image")));
        }
        self.image(key.as_ref(), &format!("{{:{attributes}}}"))
    }

    fn image(mut self, key: &str, attributes: &str) -> Result<Self> {
        let breaks = |c: char| c.is_whitespace() || c.is_control() || "()<>`\\".contains(c);
        let begin = self.markdown.len();
        self.markdown.push_str(&format!("![]({key}){attributes}"));
        let image = scan::images(&self.markdown).last().filter(|image| image.range.start == begin);
        if image.is_none_or(|image| image.key != key || key.contains(breaks)) {
            return Err(Error::invalid_input(format!(
                "Markdown cannot show {key:?} as an inline image: upload the file under another name, and \
                 close what is open in the text before it"
            )));
        }
        Ok(self.file(key, true))
    }

    /// Adds a file that does not show in the text.
    pub fn attach(self, key: impl AsRef<str>) -> Self {
        self.file(key.as_ref(), false)
    }

    fn file(mut self, key: &str, inline: bool) -> Self {
        match self.files.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known |= inline,
            None => self.files.push((key.to_owned(), inline)),
        }
        self
    }

    /// The text and the files, each for its field.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<AttachmentInput>) {
        let attachments = self.attachments();
        (self.markdown, attachments)
    }

    /// The text, for the text field.
    #[must_use]
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// The files, for the field of the same name that ends in `Attachments`, in the order in
    /// which they were added.
    #[must_use]
    pub fn attachments(&self) -> Vec<AttachmentInput> {
        let input = |(key, inline): &(String, bool)| match inline {
            true => AttachmentInput::new(key).inline(true),
            false => AttachmentInput::new(key),
        };
        self.files.iter().map(input).collect()
    }
}

/// An image of a record's text that is one of the record's attachments.
///
/// ```
/// use xurrent::InlineImage;
///
/// let text = "Look: ![](attachments/5/screen.png){:width=200} ![](https://example.com/logo.png)";
/// let images = InlineImage::find(text);
/// assert_eq!(images.len(), 1);
/// assert_eq!(images[0].key, "attachments/5/screen.png");
/// assert_eq!(images[0].attributes, Some("width=200"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InlineImage<'t> {
    /// The key of the attachment, as it stands in the text.
    pub key: &'t str,
    /// What stands between `{:` and `}` behind the image.
    pub attributes: Option<&'t str>,
    /// Where in the text the image is, attributes included.
    pub range: Range<usize>,
}

impl<'t> InlineImage<'t> {
    /// The inline images of a Markdown text, in their order.
    ///
    /// Links, images with a web address, and whatever stands in code or behind a back-slash are
    /// no inline images.
    #[must_use]
    pub fn find(markdown: &'t str) -> Vec<Self> {
        scan::images(markdown).collect()
    }

    /// The attachment that this image shows, from the attachments of the same record and text.
    ///
    /// Its `expiring_url` is good for a short time only: fetch the attachment again when the
    /// image is shown again, and never store the address.
    #[must_use]
    pub fn attachment<'a>(&self, attachments: &'a [Attachment]) -> Option<&'a Attachment> {
        attachments.iter().find(|attachment| attachment.key.as_deref() == Some(self.key))
    }
}
