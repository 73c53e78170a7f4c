//! String functions for constants, where `==` and `format!` do not compile.

/// Whether the last segments of a path are `name`.
pub(super) const fn ends_with(path: &str, name: &str) -> bool {
    match path.as_bytes().split_at_checked(path.len().wrapping_sub(name.len())) {
        Some((before, end)) => equal_bytes(end, name.as_bytes()) && matches!(before, [] | [.., b':']),
        None => false,
    }
}

pub(super) const fn equal(left: &str, right: &str) -> bool {
    equal_bytes(left.as_bytes(), right.as_bytes())
}

const fn equal_bytes(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len()
}

/// Splits a string at the first of an ASCII character.
pub(super) const fn split(text: &str, at: u8) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        if bytes[end] == at {
            let (first, rest) = bytes.split_at(end);
            return (utf8(first), utf8(rest.split_at(1).1));
        }
        end += 1;
    }
    (text, "")
}

/// A number in decimal digits.
pub(super) struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(super) const fn new(mut number: u64) -> Self {
        let mut this = Self { digits: [b'0'; 20], start: 20 };
        while this.start == 20 || number > 0 {
            this.start -= 1;
            this.digits[this.start] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        this
    }

    pub(super) const fn as_str(&self) -> &str {
        utf8(self.digits.split_at(self.start).1)
    }
}

const fn utf8(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// Fails the compilation with `template`, in which each `{}` stands for the next argument.
#[track_caller]
#[allow(clippy::panic, reason = "a panic in a constant is a compile error with a custom message")]
pub(super) const fn fail(template: &str, arguments: &[&str]) -> ! {
    let mut message = Message { bytes: [0; 1024], length: 0 };
    let (mut template, mut arguments) = (template.as_bytes(), arguments);
    loop {
        (template, arguments) = match (template, arguments) {
            ([b'{', b'}', rest @ ..], [argument, arguments @ ..]) => {
                message.push(argument.as_bytes());
                (rest, arguments)
            }
            ([_, rest @ ..], _) => {
                message.push(template.split_at(1).0);
                (rest, arguments)
            }
            ([], _) => panic!("{}", utf8(message.bytes.split_at(message.length).0)),
        }
    }
}

struct Message {
    bytes: [u8; 1024],
    length: usize,
}

impl Message {
    const fn push(&mut self, mut bytes: &[u8]) {
        while let [first, rest @ ..] = bytes
            && self.length < self.bytes.len()
        {
            self.bytes[self.length] = *first;
            self.length += 1;
            bytes = rest;
        }
    }
}
