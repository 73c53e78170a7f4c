//! Arguments as a selection has them: `notes(first: 20, view: open)`.

use crate::tokens::{Token, Tokens};

/// A value in a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal<'t> {
    Null,
    Boolean,
    /// Without a fraction.
    Int,
    Float,
    Text,
    /// A value of an enum.
    Symbol(&'t str),
    List(Vec<Literal<'t>>),
    Variable(&'t str),
}

/// The name of a field, and its arguments.
pub(super) fn field(text: &str) -> (&str, Vec<(&str, Literal<'_>)>) {
    match text.split_once('(') {
        None => (text, Vec::new()),
        Some((name, rest)) => (name, arguments(rest.strip_suffix(')').unwrap_or(rest))),
    }
}

/// Arguments without the parentheses around them.
pub(super) fn arguments(text: &str) -> Vec<(&str, Literal<'_>)> {
    let mut tokens = Tokens::new(text);
    let mut arguments = Vec::new();
    while let Some(Token::Name(name)) = tokens.next() {
        tokens.passes(b':');
        let Some(value) = value(&mut tokens) else { break };
        arguments.push((name, value));
    }
    arguments
}

fn value<'t>(tokens: &mut Tokens<'t>) -> Option<Literal<'t>> {
    Some(match tokens.next()? {
        Token::Punctuation(b'[') => {
            let mut items = Vec::new();
            while !tokens.passes(b']') {
                items.push(value(tokens)?);
            }
            Literal::List(items)
        }
        Token::Punctuation(b'$') => match tokens.next()? {
            Token::Name(name) => Literal::Variable(name),
            _ => return None,
        },
        Token::Text => Literal::Text,
        Token::Number(number) if number.contains(['.', 'e', 'E']) => Literal::Float,
        Token::Number(_) => Literal::Int,
        Token::Name("null") => Literal::Null,
        Token::Name("true" | "false") => Literal::Boolean,
        Token::Name(symbol) => Literal::Symbol(symbol),
        Token::Spread | Token::Punctuation(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Literal, field};

    #[test]
    fn arguments_are_read_as_the_derive_writes_them() {
        let text =
            r#"notes(first: 20, view: open, text: "a, \")\\", ids: [1, -2.5, [null]], on: $on, all: true)"#;
        let (name, arguments) = field(text);
        assert_eq!(name, "notes");
        let list = vec![Literal::Int, Literal::Float, Literal::List(vec![Literal::Null])];
        let expected = [
            ("first", Literal::Int),
            ("view", Literal::Symbol("open")),
            ("text", Literal::Text),
            ("ids", Literal::List(list)),
            ("on", Literal::Variable("on")),
            ("all", Literal::Boolean),
        ];
        assert_eq!(arguments, expected);
        assert_eq!(field("subject"), ("subject", Vec::new()));
    }
}
