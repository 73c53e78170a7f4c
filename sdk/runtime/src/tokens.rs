//! The tokens of GraphQL documents, and of parts of them.

/// A token. A character that GraphQL does not use counts as punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'d> {
    Name(&'d str),
    Number(&'d str),
    Text,
    /// `...`
    Spread,
    /// Its first byte.
    Punctuation(u8),
}

/// Reads a document from front to back.
pub(crate) struct Tokens<'d> {
    document: &'d str,
    offset: usize,
}

impl<'d> Tokens<'d> {
    pub(crate) fn new(document: &'d str) -> Self {
        Self { document, offset: 0 }
    }

    /// Where the next token begins.
    pub(crate) fn start(&mut self) -> usize {
        let rest = self.document.get(self.offset..).unwrap_or_default();
        self.offset += rest.len() - rest.trim_start_matches([' ', ',', '\n', '\t', '\r']).len();
        self.offset
    }

    pub(crate) fn peek(&mut self) -> Option<Token<'d>> {
        let before = self.offset;
        let token = self.next();
        self.offset = before;
        token
    }

    /// Skips this punctuation if it comes next.
    pub(crate) fn passes(&mut self, punctuation: u8) -> bool {
        let is_next = self.peek() == Some(Token::Punctuation(punctuation));
        if is_next {
            self.next();
        }
        is_next
    }
}

impl<'d> Iterator for Tokens<'d> {
    type Item = Token<'d>;

    fn next(&mut self) -> Option<Token<'d>> {
        let start = self.start();
        let rest = self.document.get(start..)?;
        let first = *rest.as_bytes().first()?;
        let while_in = |accepts: fn(char) -> bool| {
            let length = rest.find(|it| !accepts(it)).unwrap_or(rest.len());
            (length, &rest[..length])
        };
        let (length, token) = match first {
            b'.' if rest.starts_with("...") => (3, Token::Spread),
            b'"' => (text_length(rest), Token::Text),
            b'-' | b'0'..=b'9' => {
                let (length, number) =
                    while_in(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '+'));
                (length, Token::Number(number))
            }
            _ if first == b'_' || first.is_ascii_alphabetic() => {
                let (length, name) = while_in(|it| it.is_ascii_alphanumeric() || it == '_');
                (length, Token::Name(name))
            }
            _ => (rest.chars().next().map_or(1, char::len_utf8), Token::Punctuation(first)),
        };
        self.offset = start + length;
        Some(token)
    }
}

/// The length of a text in quotes.
fn text_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return at + 1,
            _ => is_escaped = byte == b'\\' && !is_escaped,
        }
    }
    text.len()
}
