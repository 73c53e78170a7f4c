//! Redaction of secrets in text from servers, which may repeat what they were sent in any encoding.

use std::borrow::Cow;

/// The replacement for a secret.
pub const REDACTED: &str = "***";

/// Shorter secrets are redacted only as whole words, since they also occur within others.
const SHORT: usize = 4;

/// The number of characters that identify a secret at the end of a cut text.
const RECOGNISED: usize = 4;

/// The maximum depth of nested encodings, to bound the cost.
const NESTED: usize = 4;

/// The maximum length of an encoded character.
const LONGEST_FORM: usize = 32;

/// Redacts secrets in a text, in any encoding.
pub fn redact<'t>(text: &'t str, secrets: &[&str]) -> Cow<'t, str> {
    let secrets = Secrets::new(secrets);
    let (mut redacted, mut rest, mut at) = (String::new(), 0, 0);
    while at < text.len() {
        match secrets.length_at(text.as_bytes(), at, false) {
            Some(length) => {
                redacted.push_str(&text[rest..at]);
                redacted.push_str(REDACTED);
                at += length;
                rest = at;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if rest == 0 {
        return Cow::Borrowed(text);
    }
    redacted.push_str(&text[rest..]);
    Cow::Owned(redacted)
}

/// Redacts user name, password, query and fragment of a URL. The URL may be invalid.
pub fn redact_url(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    // Whatever stands before the last `@` may be a password.
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
    let (rest, dots) = rest.split_once(['?', '#']).map_or((rest, ""), |(rest, _)| (rest, "?***"));
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{user}{rest}{dots}")
}

/// The secrets to redact.
pub(crate) struct Secrets<'s>(Vec<&'s str>);

impl<'s> Secrets<'s> {
    pub(crate) fn new(secrets: &[&'s str]) -> Self {
        let mut secrets: Vec<&str> =
            secrets.iter().map(|secret| secret.trim()).filter(|secret| !secret.is_empty()).collect();
        // One may begin with another.
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The length in bytes of a secret at `at`. If `is_cut`, the text is the beginning of a longer one, and
    /// the beginning of a secret at its end counts as well.
    pub(crate) fn length_at(&self, text: &[u8], at: usize, is_cut: bool) -> Option<usize> {
        self.0.iter().find_map(|secret| {
            let length = length(&text[at..], secret, is_cut)?;
            let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
            let is_alone = !is_word(at.checked_sub(1).and_then(|before| text.get(before)))
                && !is_word(text.get(at + length));
            (secret.len() >= SHORT || is_alone).then_some(length)
        })
    }
}

/// The length of a secret at the beginning of a text. Each character may be literal or encoded as in URLs,
/// HTML or JSON, also nested.
fn length(text: &[u8], secret: &str, is_cut: bool) -> Option<usize> {
    if text.starts_with(secret.as_bytes()) {
        return Some(secret.len());
    }
    let mut at = 0;
    for (matched, character) in secret.chars().enumerate() {
        let rest = &text[at..];
        let Some(length) = form(rest, character) else {
            let is_cut_form = matches!(rest, [b'%' | b'&' | b'\\', ..]) && rest.len() < LONGEST_FORM;
            let is_begun = rest.is_empty() || is_cut_form;
            return (is_cut && is_begun && matched >= RECOGNISED).then_some(text.len());
        };
        at += length;
    }
    Some(at)
}

/// The length of a character at the beginning of a text, in any encoding.
fn form(text: &[u8], character: char) -> Option<usize> {
    let plain = &mut [0; 4];
    let plain = character.encode_utf8(plain).as_bytes();
    let escaped = match text.first()? {
        b'%' => percent(text, plain),
        b'&' => entity(text, character),
        b'\\' => backslash(text, character),
        b'+' if character == ' ' => Some(1),
        _ => None,
    };
    escaped.or_else(|| text.starts_with(plain).then_some(plain.len()))
}

/// `%2b`, also within another address: `%252b`.
fn percent(text: &[u8], bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for byte in bytes {
        let mut rest = text.get(at..)?.strip_prefix(b"%")?;
        for _ in 0..NESTED {
            let is_within =
                *byte != b'%' || rest.get(2..4).is_some_and(|digits| number(digits, 16) == Some(0x25));
            let Some(inner) = rest.strip_prefix(b"25").filter(|_| is_within) else { break };
            rest = inner;
        }
        (number(rest.get(..2)?, 16)? == u32::from(*byte)).then_some(())?;
        at = text.len() - rest.len() + 2;
    }
    Some(at)
}

/// `&#43;`, `&#x2b;` or a name, also within other HTML: `&amp;#43;`.
fn entity(text: &[u8], character: char) -> Option<usize> {
    /// Each character with its name.
    const NAMES: &str = "&amp; <lt; >gt; \"quot; 'apos; +plus; /sol; =equals; _lowbar; .period; :colon;";
    let mut rest = text.strip_prefix(b"&")?;
    for _ in 0..NESTED {
        let Some(inner) = rest.strip_prefix(b"amp;") else { break };
        if character == '&' && !inner.starts_with(b"amp;") && !inner.starts_with(b"#") {
            break;
        }
        rest = inner;
    }
    let at = text.len() - rest.len();
    let name = NAMES.split(' ').find_map(|name| name.strip_prefix(character));
    if let Some(name) = name.filter(|name| rest.starts_with(name.as_bytes())) {
        return Some(at + name.len());
    }
    let digits = rest.strip_prefix(b"#")?;
    let (digits, radix) = match digits {
        [b'x' | b'X', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    let count = digits.iter().take(8).take_while(|digit| char::from(**digit).is_digit(radix)).count();
    (number(&digits[..count], radix)? == u32::from(character)).then_some(())?;
    let end = text.len() - digits.len() + count;
    Some(end + usize::from(text.get(end) == Some(&b';')))
}

/// `\u002b` or `\/`, also in a text within a text: `\\u002b`.
fn backslash(text: &[u8], character: char) -> Option<usize> {
    let count = text.iter().take(1 << NESTED).take_while(|byte| **byte == b'\\').count();
    let rest = &text[count..];
    let unicode = || {
        let mut at = count;
        for (index, unit) in character.encode_utf16(&mut [0; 2]).iter().enumerate() {
            let prefix: &[u8] = if index == 0 { b"u" } else { b"\\u" };
            let digits = text.get(at..)?.strip_prefix(prefix)?.get(..4)?;
            (number(digits, 16)? == u32::from(*unit)).then_some(())?;
            at += prefix.len() + digits.len();
        }
        Some(at)
    };
    unicode().or_else(|| match rest {
        [b'x', digits @ ..]
            if digits.get(..2).and_then(|digits| number(digits, 16)) == Some(u32::from(character)) =>
        {
            Some(count + 3)
        }
        // A backslash itself is doubled.
        _ if character == '\\' => (count > 1).then_some(2),
        [first, ..] if u32::from(*first) == u32::from(character) && first.is_ascii_punctuation() => {
            Some(count + 1)
        }
        _ => None,
    })
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    (!digits.is_empty()).then_some(())?;
    digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_redacted_in_every_form_that_a_server_writes_it_in() {
        let secret = "aB+c/d=é\"9%&x\\𝄞z";
        for written in [
            secret,
            "aB%2bc%2Fd%3D%C3%a9%229%25%26x%5c%F0%9D%84%9Ez",
            "aB%252bc%252Fd%3D%25C3%25a9%229%2525%26x%5C%F0%9D%84%9Ez",
            "aB&#43;c&#x2F;d&#x3d;&#233;&quot;9%&amp;x\\&#x1d11e;z",
            "aB&#x2b;c&sol;d&equals;é&#34;9&#37;&#38;x&#92;&#119070;z",
            "aB&amp;#43;c/d=é&amp;quot;9%&amp;amp;x\\𝄞z",
            "aB\\u002bc\\/d\\u003D\\u00e9\\\"9\\u0025\\u0026x\\\\\\uD834\\udd1ez",
            "aB\\\\u002bc\\\\/d=\\\\u00E9\\\\\\\"9%&x\\\\𝄞z",
        ] {
            assert_eq!(redact(&format!("<{written}>"), &[secret]), "<***>", "{written}");
        }
        for other in
            ["aB+c", "aB%2bc%2Fd%3D%C3%a8", "ab+c/d=é\"9%&x\\𝄞z", "%", "&", "\\", "&#", "\\u", "%2", "&#x;"]
        {
            assert_eq!(redact(other, &[secret]), other);
        }
    }

    #[test]
    fn a_short_secret_is_redacted_and_leaves_words_alone() {
        assert_eq!(redact("no token_5 here", &["token"]), "no ***_5 here");
        assert_eq!(
            redact("can't find `t`, but Bearer t1 is at t", &["t1", ""]),
            "can't find `t`, but Bearer *** is at t"
        );
        assert_eq!(redact("the word abc, not xabc or abcx", &["abc"]), "the word ***, not xabc or abcx");
        assert_eq!(redact("abcdefgh abcd", &["abcd", "abcdefgh"]), "*** ***");
    }
    #[test]
    fn a_text_of_nothing_but_escapes_costs_no_more_than_any_other() {
        for hostile in ["\\", "%25", "%2525", "&amp;", "&", "amp;", "\\u0", "to", "t&amp;"] {
            let text = hostile.repeat(1_000_000 / hostile.len());
            let begun = std::time::Instant::now();
            assert_eq!(redact(&text, &["to+ken/4711"]), text);
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{hostile}");
        }
    }
}
