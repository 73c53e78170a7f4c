//! Texts in constants, where neither `==` nor `format!` can be had.

/// Whether the last words of a path are these.
pub(super) const fn ends_with(path: &str, name: &str) -> bool {
    match path.as_bytes().split_at_checked(path.len().wrapping_sub(name.len())) {
        Some((before, end)) => same_bytes(end, name.as_bytes()) && matches!(before, [] | [.., b':']),
        None => false,
    }
}

pub(super) const fn same(left: &str, right: &str) -> bool {
    same_bytes(left.as_bytes(), right.as_bytes())
}

const fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

const DIGITS: usize = 20;

/// The digits of a number, and how many there are; they stand at the end.
pub(super) const fn decimal(mut number: u64) -> ([u8; DIGITS], usize) {
    let mut digits = [b'0'; DIGITS];
    let mut length = 0;
    while length == 0 || number > 0 {
        length += 1;
        digits[DIGITS - length] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    (digits, length)
}

pub(super) const fn text(digits: &[u8; DIGITS], length: usize) -> &str {
    utf8(digits.split_at(DIGITS - length).1)
}

/// A part of a text, cut where no character is.
pub(super) const fn utf8(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// Ends the compilation with a message. A panic in a constant takes one text only, so that it is
/// put together here.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "a panic in a constant is how a compile error with a text of one's own is made"
)]
pub(super) const fn fail(parts: &[&str]) -> ! {
    const SPACE: usize = 1024;
    let mut bytes = [0; SPACE];
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        let from = parts[part].as_bytes();
        let mut index = 0;
        while index < from.len() && length < SPACE {
            bytes[length] = from[index];
            length += 1;
            index += 1;
        }
        part += 1;
    }
    match std::str::from_utf8(bytes.split_at(length).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("the selection does not fit the schema"),
    }
}
