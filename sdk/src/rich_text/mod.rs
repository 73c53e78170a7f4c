//! Rich texts: Markdown with attachments.

#[cfg(feature = "upload")]
mod draft;
mod inline_image;

#[cfg(feature = "upload")]
pub use draft::RichTextDraft;
pub use inline_image::InlineImage;

use crate::{AttachmentInput, Error, Result};

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
/// A file is named by the key of its upload; a [`RichTextDraft`] takes files that are not uploaded yet. A
/// file that is added twice is one attachment; one that is inline somewhere is an inline attachment.
#[derive(Debug, Clone, Default)]
#[must_use = "a text does nothing until it is in an input"]
pub struct RichText {
    markdown: String,
    /// The keys of the files, each with whether it is inline.
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
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when Markdown changes the key: when it
    /// is empty, has white space, parentheses, a backtick or a backslash, or begins like a URL. Keys are not
    /// escaped, since the server compares them literally; upload the file under another name. Also when the
    /// text before the image ends within code or with a backslash, which hides the image.
    pub fn inline(self, key: impl AsRef<str>) -> Result<Self> {
        self.image(key.as_ref(), "")
    }

    /// Continues with an image and attributes in braces behind it, such as `width=200`:
    /// `![](key){:width=200}`.
    ///
    /// # Errors
    /// Those of [`inline`](Self::inline), and when the attributes have a brace or a line end.
    pub fn inline_with(self, key: impl AsRef<str>, attributes: &str) -> Result<Self> {
        if attributes.contains(['{', '}', '\n', '\r']) {
            return Err(Error::configuration(format!(
                "invalid attributes {attributes:?} of an image: braces and line ends are not allowed"
            )));
        }
        self.image(key.as_ref(), &format!("{{:{attributes}}}"))
    }

    fn image(mut self, key: &str, attributes: &str) -> Result<Self> {
        let breaks = |c: char| c.is_whitespace() || c.is_control() || "()<>`\\".contains(c);
        let begin = self.markdown.len();
        self.markdown.push_str(&format!("![]({key}){attributes}"));
        let image = inline_image::images(&self.markdown).last().filter(|image| image.range.start == begin);
        if image.is_none_or(|image| image.key != key || key.contains(breaks)) {
            return Err(Error::configuration(format!(
                "invalid inline image {key:?}: upload the file under another name, and close code spans in the \
                 text before it"
            )));
        }
        Ok(self.file(key, true))
    }

    /// Adds a file that is not in the text.
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

    /// The text and its files, for both fields of an input.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<AttachmentInput>) {
        let attachments = self.attachments();
        (self.markdown, attachments)
    }

    /// The text, for its field of an input.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// The files in order, for the field of the same name that ends in `Attachments`.
    pub fn attachments(&self) -> Vec<AttachmentInput> {
        let input = |(key, inline): &(String, bool)| match inline {
            true => AttachmentInput::new(key).inline(true),
            false => AttachmentInput::new(key),
        };
        self.files.iter().map(input).collect()
    }
}
