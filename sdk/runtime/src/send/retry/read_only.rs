//! Detection of documents that only read.

/// Whether every operation of a document is certainly a query, so that it can be retried. A document that
/// does not parse is not.
pub(crate) fn is_read_only(document: &str) -> bool {
    let mut rest = Rest(document.strip_prefix('\u{feff}').unwrap_or(document).as_bytes());
    let mut operations = 0;
    loop {
        // The start of a definition, then its header and the selection in braces.
        let mut token = rest.token();
        match token {
            Some(b"") => return operations > 0,
            Some(b"{") => operations += 1,
            Some(b"query") => {
                operations += 1;
                token = rest.token();
            }
            Some(b"fragment") => token = rest.token(),
            _ => return false,
        }
        loop {
            match token {
                Some(b"{") if rest.close() => break,
                Some(b"(" | b"[") if rest.close() => {}
                Some(b"" | b"{" | b"(" | b"[" | b"}" | b")" | b"]") | None => return false,
                Some(_) => {}
            }
            token = rest.token();
        }
    }
}

/// The rest of a document.
struct Rest<'d>(&'d [u8]);

impl<'d> Rest<'d> {
    /// Goes behind the bracket that closes the one that was just read.
    fn close(&mut self) -> bool {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.token() {
                Some(b"{" | b"(" | b"[") => depth += 1,
                Some(b"}" | b")" | b"]") => depth -= 1,
                Some(b"") | None => return false,
                Some(_) => {}
            }
        }
        true
    }

    /// The next token: a name, a sign, a text in its quotes, or a character of a number. Empty at the end,
    /// none when the text is not GraphQL.
    fn token(&mut self) -> Option<&'d [u8]> {
        loop {
            match self.0 {
                [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => self.skip(1),
                [b'#', ..] => self.skip_while(|byte| !matches!(byte, b'\n' | b'\r')),
                _ => break,
            }
        }
        let start = self.0;
        match *start {
            [] => {}
            [b'"', b'"', b'"', ..] => {
                self.skip(3);
                while !self.0.starts_with(b"\"\"\"") {
                    match self.0 {
                        [b'\\', b'"', b'"', b'"', ..] => self.skip(4),
                        [] => return None,
                        _ => self.skip(1),
                    }
                }
                self.skip(3);
            }
            [b'"', ..] => {
                self.skip(1);
                while !self.0.starts_with(b"\"") {
                    match self.0 {
                        [b'\\', _, ..] => self.skip(2),
                        [b'\n' | b'\r', ..] | [] => return None,
                        _ => self.skip(1),
                    }
                }
                self.skip(1);
            }
            [first, ..] if first == b'_' || first.is_ascii_alphabetic() => {
                self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
            }
            [first, ..] if first.is_ascii_digit() || b"{}()[]!$&.:=@|-+".contains(&first) => self.skip(1),
            _ => return None,
        }
        Some(&start[..start.len() - self.0.len()])
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn skip_while(&mut self, matches: impl Fn(u8) -> bool) {
        let count = self.0.iter().position(|byte| !matches(*byte)).unwrap_or(self.0.len());
        self.skip(count);
    }
}

#[cfg(test)]
mod tests {
    use super::is_read_only;

    #[test]
    fn queries_are_read_only_in_every_form() {
        for query in [
            "{ me { id } }",
            "\u{feff}  # mutation\n query { a }",
            "query Q($a: [Int!] = [1, -2.5e3], $b: I = {c: \"} mutation {\"}) @d(e: {f: 1}) { a(b: $b) }",
            "fragment F on T { mutation } query Q { ...F }",
            "query { mutation }",
            "query { a(b: \"\"\" \\\"\"\" } mutation { \"\"\") }",
            "query mutation { a }",
            "query A { a } query B { b }",
            "{a(b:\"\\\\\")}",
        ] {
            assert!(is_read_only(query), "{query}");
        }
    }

    #[test]
    fn everything_else_counts_as_a_mutation() {
        for other in [
            "",
            "  # query\n",
            "mutation { a }",
            "mutation query { a }",
            "subscription { a }",
            "query A { a } mutation B { b }",
            "{ a } mutation { b }",
            "fragment F on T { a }",
            "# query { a }\rmutation { b }",
            "query A { a(b: \"\\\") } mutation B { c(d: \"\") }",
            "query A { a(b: \"x\n\") } mutation B { c }",
            "query { a",
            "query { a } }",
            "query",
            "Query { a }",
            "queryx { a }",
            "extend query { a }",
            "query { a } \u{a0}",
            "\u{a0}query { a }",
            "query { a(b: \"\"\" \" \"\" ) }",
            "é",
            "\"query\" mutation { a }",
            "\"\"\"query\"\"\" { a }",
        ] {
            assert!(!is_read_only(other), "{other}");
        }
    }
}
