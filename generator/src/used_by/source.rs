//! What stands around a place in a file of the user: the item, and the chain of calls.

use proc_macro2::{Delimiter, Ident, LineColumn, Spacing, TokenStream, TokenTree};

/// A file that was read.
pub(super) struct Source(TokenStream);

impl Source {
    /// None for what is not Rust.
    pub(super) fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The item at a place: `Ticket::status` for a field, `Sync::run` for a function in an `impl`. Empty outside of
    /// items.
    pub(super) fn item(&self, line: usize, column: usize) -> String {
        let mut path = Vec::new();
        enclosing(self.0.clone(), at(line, column), &mut path);
        path.join("::")
    }

    /// Whether the chain of calls from the name at a place on has a call of another name, or one of its arguments
    /// has. None if no call of a name is there.
    pub(super) fn chain_has(&self, line: usize, column: usize, name: &str) -> Option<bool> {
        chain(self.0.clone(), at(line, column), name)
    }
}

fn at(line: usize, column: usize) -> LineColumn {
    LineColumn { line, column: column.saturating_sub(1) }
}

fn contains(tree: &TokenTree, place: LineColumn) -> bool {
    tree.span().start() <= place && place < tree.span().end()
}

fn is_name(tree: &TokenTree, names: &[&str]) -> bool {
    matches!(tree, TokenTree::Ident(ident) if names.iter().any(|name| ident == name))
}

fn enclosing(tokens: TokenStream, place: LineColumn, path: &mut Vec<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let Some(index) = trees.iter().position(|tree| contains(tree, place)) else { return };
    // The keyword of the item: before the place, or behind it for an attribute.
    const KEYWORDS: [&str; 7] = ["struct", "enum", "union", "fn", "mod", "trait", "impl"];
    let is_end = |tree: &TokenTree| match tree {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let start = trees[..index].iter().rposition(is_end).map_or(0, |end| end + 1);
    let end = trees[index..].iter().position(is_end).map_or(trees.len(), |end| index + end);
    let item = &trees[start..end];
    let keyword = item.iter().position(|tree| is_name(tree, &KEYWORDS));
    match keyword {
        Some(keyword) if is_name(&item[keyword], &["impl"]) => {
            path.extend(implementing(&item[keyword + 1..]));
        }
        Some(keyword) => path.extend(item.get(keyword + 1).map(ToString::to_string)),
        None => {}
    }
    let is_type = keyword.is_some_and(|keyword| is_name(&item[keyword], &["struct", "enum", "union"]));
    match &trees[index] {
        TokenTree::Group(group) if is_type && group.delimiter() == Delimiter::Brace => {
            path.extend(member(group.stream(), place));
        }
        TokenTree::Group(group) => enclosing(group.stream(), place, path),
        _ => {}
    }
}

/// The name of the type in the header of an `impl`: the last one outside of generic arguments.
fn implementing(header: &[TokenTree]) -> Option<String> {
    let mut depth = 0_u32;
    let mut name = None;
    for (index, tree) in header.iter().enumerate() {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => {
                let is_arrow = index.checked_sub(1).is_some_and(
                    |before| matches!(&header[before], TokenTree::Punct(punct) if punct.as_char() == '-'),
                );
                depth = if is_arrow { depth } else { depth.saturating_sub(1) };
            }
            TokenTree::Ident(ident) if depth == 0 && ident == "where" => break,
            TokenTree::Ident(ident) if depth == 0 => name = Some(ident.to_string()),
            _ => {}
        }
    }
    name
}

/// The field or the variant at a place.
fn member(tokens: TokenStream, place: LineColumn) -> Option<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
    let at_place = |member: &&[TokenTree]| member.iter().any(|tree| contains(tree, place));
    let member = trees.split(is_comma).find(at_place)?;
    let is_keyword = |ident: &Ident| *ident == "pub";
    member.iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if !is_keyword(ident) => Some(ident.to_string()),
        _ => None,
    })
}

fn chain(tokens: TokenStream, place: LineColumn, name: &str) -> Option<bool> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let index = trees.iter().position(|tree| contains(tree, place))?;
    match &trees[index] {
        TokenTree::Group(group) => chain(group.stream(), place, name),
        TokenTree::Ident(_) => {
            let is_end = |tree: &&TokenTree| match tree {
                TokenTree::Punct(punct) => {
                    !(matches!(punct.as_char(), '.' | '?' | ':' | '<' | '>')
                        || punct.as_char() == '&' && punct.spacing() == Spacing::Alone)
                }
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            let rest: TokenStream =
                trees[index + 1..].iter().take_while(|tree| !is_end(tree)).cloned().collect();
            Some(has_call(rest, name))
        }
        _ => None,
    }
}

/// Whether a function or a method of this name is called in tokens.
fn has_call(tokens: TokenStream, name: &str) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_call = trees.windows(2).any(|pair| {
        matches!(&pair[0], TokenTree::Punct(punct) if matches!(punct.as_char(), '.' | ':'))
            && is_name(&pair[1], &[name])
    });
    is_call
        || trees.into_iter().any(|tree| match tree {
            TokenTree::Group(group) => has_call(group.stream(), name),
            _ => false,
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Source;

    const TEXT: &str = r#"
#[derive(Select)]
#[select(on = Request)]
pub struct Ticket {
    /// Where it is.
    pub status: Option<RequestStatus>,
    #[select(first = 20)] notes: Vec<NoteLine>,
}

impl<'a, F: Fn(&str) -> bool> Job<F> for sync::Sync<'a, F> where F: Send {
    async fn run(&self) {
        let all = client.people().filter(f(x)).view(PersonView::All).all().await?;
        let one = client.people().first().await?;
        let view = client.weather(WeatherArguments::new().city("x"));
    }
}

fn main() { client.me(); }
"#;

    fn place(text: &str, nth: usize) -> (usize, usize) {
        let start = TEXT.match_indices(text).nth(nth).unwrap().0;
        let line = TEXT[..start].matches('\n').count() + 1;
        (line, start - TEXT[..start].rfind('\n').map_or(0, |end| end + 1) + 1)
    }

    #[test]
    fn names_the_item_at_a_place() {
        let source = Source::read(TEXT).unwrap();
        for (text, nth, expected) in [
            ("Select", 0, "Ticket"),
            ("Request", 0, "Ticket"),
            ("status", 0, "Ticket::status"),
            ("RequestStatus", 0, "Ticket::status"),
            ("first", 0, "Ticket::notes"),
            ("people", 0, "Sync::run"),
            ("me()", 0, "main"),
        ] {
            let (line, column) = place(text, nth);
            assert_eq!(source.item(line, column), expected, "{text}");
        }
    }

    #[test]
    fn follows_a_chain_of_calls() {
        let source = Source::read(TEXT).unwrap();
        let has = |text, nth, name| {
            let (line, column) = place(text, nth);
            source.chain_has(line, column, name)
        };
        assert_eq!(has("people", 0, "view"), Some(true));
        assert_eq!(has("people", 1, "view"), Some(false), "the next statement has it, and another one");
        assert_eq!(has("weather", 0, "city"), Some(true), "in an argument");
        assert_eq!(has("weather", 0, "country"), Some(false));
        assert_eq!(has("(\"x\")", 0, "city"), None, "no name is there");
    }
}
