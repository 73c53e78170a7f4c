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

const fn equal_bytes(mut left: &[u8], mut right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    // The compiler interprets this for every leaf of a selection. Comparing eight bytes takes it as long as one byte.
    while let (Some((first, left_rest)), Some((second, right_rest))) =
        (left.split_first_chunk(), right.split_first_chunk())
    {
        if u64::from_ne_bytes(*first) != u64::from_ne_bytes(*second) {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        if *first != *second {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    true
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
pub(super) const fn fail(template: &str, arguments: &[&str]) -> ! {
    let mut message = Message::new();
    message.write(template, arguments);
    message.fail()
}

/// A message of the compiler.
pub(super) struct Message {
    bytes: [u8; 4096],
    length: usize,
}

impl Message {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 4096], length: 0 }
    }

    /// Adds `template`, in which each `{}` stands for the next argument.
    pub(super) const fn write(&mut self, template: &str, arguments: &[&str]) {
        let (mut template, mut arguments) = (template.as_bytes(), arguments);
        loop {
            (template, arguments) = match (template, arguments) {
                ([b'{', b'}', rest @ ..], [argument, arguments @ ..]) => {
                    self.push(argument.as_bytes());
                    (rest, arguments)
                }
                ([_, rest @ ..], _) => {
                    self.push(template.split_at(1).0);
                    (rest, arguments)
                }
                ([], _) => return,
            }
        }
    }

    /// Fails the compilation with this message.
    #[track_caller]
    #[allow(clippy::panic, reason = "a panic in a constant is a compile error with a custom message")]
    pub(super) const fn fail(&self) -> ! {
        panic!("{}", utf8(self.bytes.split_at(self.length).0))
    }

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
