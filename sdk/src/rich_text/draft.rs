//! Drafts of texts, whose files are not uploaded yet.

use super::RichText;
use crate::{Client, Error, Result, Upload};
use xurrent_platform::upload::upload_all;

/// A Markdown text with files to be uploaded. Uploading them makes it a [`RichText`].
///
/// ```no_run
/// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
/// use xurrent::{NoteCreateInput, RichTextDraft, Upload};
///
/// let draft = RichTextDraft::new("Look: ")
///     .image(Upload::path("screen.png"))
///     .text(" The log is attached.")
///     .attach(Upload::bytes("server.log", "started\n"));
/// let (text, attachments) = draft.upload(&client).await?.into_parts();
/// client.note_create(NoteCreateInput::new(id, text).attachments(attachments)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing is uploaded before `upload` is called"]
pub struct RichTextDraft {
    pieces: Vec<Piece>,
    uploads: Vec<Upload>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    /// The next upload, in the text, with the attributes in braces behind it.
    Image(Option<String>),
    /// The next upload, beside the text.
    File,
}

impl RichTextDraft {
    /// Begins with a Markdown text, which may be empty.
    pub fn new(markdown: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(markdown.into())], uploads: Vec::new() }
    }

    /// Continues with a Markdown text.
    pub fn text(mut self, markdown: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(markdown.into()));
        self
    }

    /// Continues with an image. White space, parentheses, backticks and backslashes in its name break the
    /// text: set another one with [`Upload::file_name`].
    pub fn image(self, image: Upload) -> Self {
        self.file(Piece::Image(None), image)
    }

    /// Continues with an image and attributes in braces behind it, such as `width=200`.
    pub fn image_with(self, image: Upload, attributes: impl Into<String>) -> Self {
        self.file(Piece::Image(Some(attributes.into())), image)
    }

    /// Adds a file that is not in the text.
    pub fn attach(self, file: Upload) -> Self {
        self.file(Piece::File, file)
    }

    fn file(mut self, piece: Piece, upload: Upload) -> Self {
        self.pieces.push(piece);
        self.uploads.push(upload);
        self
    }

    /// Uploads all files, up to four at once, and puts their keys into the text. Costs the requests of each
    /// [upload](Client::upload). Nothing is changed in Xurrent before the result is in an input.
    ///
    /// # Errors
    /// Those of [`RichText::inline_with`] for the names of the images, before anything is sent, and
    /// those of [`UploadCall::send`](crate::UploadCall::send): the first one ends all uploads.
    pub async fn upload(self, client: &Client) -> Result<RichText> {
        let Self { pieces, uploads } = self;
        let names: Vec<_> = uploads.iter().map(|upload| upload.checked_name()).collect::<Result<_>>()?;
        // Keys end in the names of the files, so an invalid name makes an invalid key.
        let _ = assemble(&pieces, names)?;
        let files = upload_all(client.runtime(), client.platform(), uploads).await?;
        assemble(&pieces, files.iter().map(|file| file.key.as_str()))
    }
}

/// The text, with these keys for its files.
fn assemble<'k>(pieces: &[Piece], keys: impl IntoIterator<Item = &'k str>) -> Result<RichText> {
    let mut keys = keys.into_iter();
    let mut text = RichText::default();
    let mut key = || keys.next().ok_or_else(|| Error::configuration("a file of the text has no key"));
    for piece in pieces {
        text = match piece {
            Piece::Text(markdown) => text.text(markdown),
            Piece::Image(None) => text.inline(key()?)?,
            Piece::Image(Some(attributes)) => text.inline_with(key()?, attributes)?,
            Piece::File => text.attach(key()?),
        };
    }
    Ok(text)
}
