//! Documentation comments: the schema's words as plain text.

/// The lines of a doc comment.
pub(super) fn lines(description: &str) -> Vec<String> {
    plain_text(description).join("\n\n").lines().map(visible).collect()
}

/// The text with what is not seen in it written out: the compiler refuses a comment that a control
/// for the direction of writing could make look like something else.
pub(super) fn visible(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// The reason of a deprecation. The compiler shows it as it is, rustdoc as Markdown, so only what
/// rustdoc would stumble over is changed: links, tags and back-ticks without a partner.
pub(super) fn note(reason: &str) -> String {
    let lonely = reason.matches('`').count() % 2 == 1;
    let mut note = String::with_capacity(reason.len());
    for c in reason.chars() {
        if matches!(c, '[' | ']' | '<' | '>') || (c == '`' && lonely) {
            note.push('\\');
        }
        note.push(c);
    }
    visible(&note.split_whitespace().map(word_of_note).collect::<Vec<_>>().join(" "))
}

fn word_of_note(word: &str) -> String {
    word.replace("://", "\\://")
}

/// Paragraphs of text in which nothing is Markdown or HTML any more, except that an address
/// becomes a link.
fn plain_text(text: &str) -> Vec<String> {
    let mut paragraphs = vec![Vec::new()];
    for line in text.lines() {
        let words: Vec<String> = line.split_whitespace().map(word).collect();
        match (words.is_empty(), paragraphs.last_mut()) {
            (false, Some(paragraph)) => paragraph.push(line_start(words.join(" "))),
            _ => paragraphs.push(Vec::new()),
        }
    }
    paragraphs.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect()
}

fn word(word: &str) -> String {
    let address = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    let start = word.find("https://").or_else(|| word.find("http://"));
    let Some(start) = start else { return escape(word) };
    let (before, rest) = word.split_at(start);
    let end = rest.find(|c| !address(c)).unwrap_or(rest.len());
    let (url, _) = rest.split_at(end);
    let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    if url.ends_with("://") {
        return escape(word);
    }
    format!("{}<{url}>{}", escape(before), self::word(&rest[url.len()..]))
}

/// A backslash before everything that Markdown could take for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped.replace("://", "\\://")
}

/// What would begin a list, a heading or a rule at the start of a line.
fn line_start(line: String) -> String {
    let first_word = line.split(' ').next().unwrap_or_default();
    let number = first_word.trim_end_matches(['.', ')']);
    let numbered = number.len() < first_word.len() && number.bytes().all(|byte| byte.is_ascii_digit());
    if numbered {
        format!("{number}\\{}", &line[number.len()..])
    } else if line.starts_with(['-', '+', '=', '!']) {
        format!("\\{line}")
    } else {
        line
    }
}
