//! What stands at a position of a document.

use crate::tokens::{Token, Tokens};

/// A place in a document: the response keys that lead to it, and what is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'d> {
    pub(super) path: Vec<&'d str>,
    pub(super) item: Item<'d>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Item<'d> {
    /// A field, by its name in the schema.
    Field(&'d str),
    /// An argument of a field, or its value.
    Argument(&'d str),
    /// The type of a fragment.
    Fragment(&'d str),
    /// The declaration of a variable.
    Variable(&'d str),
}

impl<'d> Item<'d> {
    /// The name in the schema, or of the variable.
    pub(super) fn name(self) -> &'d str {
        let (Self::Field(name) | Self::Argument(name) | Self::Fragment(name) | Self::Variable(name)) = self;
        name
    }
}

/// What begins at a line and a column of a document, both counted from 1.
pub(super) fn at(document: &str, line: usize, column: usize) -> Option<Place<'_>> {
    let mut offset = 0;
    for _ in 1..line {
        offset += document.get(offset..)?.find('\n')? + 1;
    }
    let (within, _) = document.get(offset..)?.char_indices().nth(column.checked_sub(1)?)?;
    let tokens = Tokens::new(document);
    let mut walk = Walk { tokens, target: offset + within, path: Vec::new(), found: None };
    walk.document();
    walk.found
}

struct Walk<'d> {
    tokens: Tokens<'d>,
    target: usize,
    path: Vec<&'d str>,
    found: Option<Place<'d>>,
}

impl<'d> Walk<'d> {
    /// `query people($after: String) { .. }`
    fn document(&mut self) {
        let mut variable = None;
        loop {
            let start = self.tokens.start();
            match self.tokens.next() {
                None => return,
                Some(Token::Punctuation(b'{')) => return self.selections(),
                Some(Token::Punctuation(b'$')) => {
                    let Some(Token::Name(name)) = self.tokens.next() else { return };
                    variable = Some(name);
                }
                Some(Token::Punctuation(b')')) => variable = None,
                Some(_) => {}
            }
            if let Some(name) = variable {
                self.find(start, Item::Variable(name));
            }
        }
    }

    fn selections(&mut self) {
        loop {
            let start = self.tokens.start();
            match self.tokens.next() {
                None | Some(Token::Punctuation(b'}')) => return,
                Some(Token::Spread) => self.fragment(start),
                Some(Token::Name(key)) => self.field(start, key),
                Some(_) => {}
            }
        }
    }

    fn fragment(&mut self, start: usize) {
        // `on`
        self.tokens.next();
        let at = self.tokens.start();
        if let Some(Token::Name(name)) = self.tokens.next() {
            self.find(start, Item::Fragment(name));
            self.find(at, Item::Fragment(name));
        }
        if self.tokens.next() == Some(Token::Punctuation(b'{')) {
            self.selections();
        }
    }

    fn field(&mut self, start: usize, key: &'d str) {
        self.path.push(key);
        let mut name = key;
        if self.tokens.peek() == Some(Token::Punctuation(b':')) {
            self.tokens.next();
            let at = self.tokens.start();
            if let Some(Token::Name(aliased)) = self.tokens.next() {
                name = aliased;
                self.find(at, Item::Field(name));
            }
        }
        self.find(start, Item::Field(name));
        if self.tokens.peek() == Some(Token::Punctuation(b'(')) {
            self.tokens.next();
            self.arguments();
        }
        if self.tokens.peek() == Some(Token::Punctuation(b'{')) {
            self.tokens.next();
            self.selections();
        }
        self.path.pop();
    }

    fn arguments(&mut self) {
        let (mut depth, mut argument) = (0_usize, None);
        loop {
            let start = self.tokens.start();
            let token = self.tokens.next();
            match token {
                None => return,
                Some(Token::Punctuation(b')')) if depth == 0 => return,
                Some(Token::Punctuation(b'[' | b'{' | b'(')) => depth += 1,
                Some(Token::Punctuation(b']' | b'}' | b')')) => depth = depth.saturating_sub(1),
                Some(Token::Name(name))
                    if depth == 0 && self.tokens.peek() == Some(Token::Punctuation(b':')) =>
                {
                    argument = Some(name);
                }
                Some(_) => {}
            }
            if let Some(name) = argument {
                self.find(start, Item::Argument(name));
            }
        }
    }

    fn find(&mut self, start: usize, item: Item<'d>) {
        if start == self.target {
            self.found = Some(Place { path: self.path.clone(), item });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Item, at};

    const DOCUMENT: &str = r#"query q($a: [Int!], $b: B) { people(a: $a, text: "} { \" x", list: [{c: d}]) { nodes { x: name(v: open) ... on Node { sdk_id: id } } } me { id } }"#;

    #[test]
    fn every_part_of_a_document_has_its_place() {
        for (text, path, item) in [
            ("$b", "", Item::Variable("b")),
            ("B)", "", Item::Variable("b")),
            ("people", "people", Item::Field("people")),
            ("text:", "people", Item::Argument("text")),
            (r#""} {"#, "people", Item::Argument("text")),
            ("d}", "people", Item::Argument("list")),
            ("x: name", "people.nodes.x", Item::Field("name")),
            ("name", "people.nodes.x", Item::Field("name")),
            ("open", "people.nodes.x", Item::Argument("v")),
            ("... on", "people.nodes", Item::Fragment("Node")),
            ("Node", "people.nodes", Item::Fragment("Node")),
            ("id }", "people.nodes.sdk_id", Item::Field("id")),
            ("me {", "me", Item::Field("me")),
        ] {
            let column = DOCUMENT.find(text).unwrap() + 1;
            // `name` and the like are found where they first stand.
            let place = at(DOCUMENT, 1, column).unwrap();
            assert_eq!((place.path.join(".").as_str(), place.item), (path, item), "{text}");
        }
    }

    #[test]
    fn other_positions_are_no_places() {
        for (line, column) in [(0, 1), (1, 0), (2, 1), (1, 6), (1, 10_000), (usize::MAX, usize::MAX)] {
            assert_eq!(at(DOCUMENT, line, column), None, "{line}:{column}");
        }
        for cut in 0..DOCUMENT.len() {
            for column in 1..=cut {
                at(&DOCUMENT[..cut], 1, column);
            }
        }
    }
}
