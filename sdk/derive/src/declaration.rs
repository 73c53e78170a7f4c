//! The declaration of a type, as the SDK's macros hand it on, in the form that [`crate::schema`] reads.

use heck::ToSnakeCase;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::iter::Peekable;
use std::vec::IntoIter;

type Tokens = Peekable<IntoIter<TokenTree>>;

/// The names of types in brackets.
pub(crate) fn names(types: TokenStream) -> String {
    words(types).join(" ")
}

/// What stands between commas, a token each.
fn words(tokens: TokenStream) -> Vec<String> {
    entries(tokens).iter().flatten().map(ToString::to_string).collect()
}

/// One line for the type and one for each of its fields.
pub(crate) fn text(declaration: TokenStream) -> Option<String> {
    let mut tokens = flat(declaration);
    let kind = match tokens.next()?.to_string() {
        // The kinds of an interface: which of its types have ids.
        kind if matches!(kind.as_str(), "none" | "some") => "interface".to_owned(),
        kind => kind,
    };
    let rust = match (tokens.next()?.to_string(), kind.as_str()) {
        (_, "query") => "__private::root::Query".to_owned(),
        (_, "mutation") => "__private::root::Mutation".to_owned(),
        (rust, _) => rust,
    };
    let name = literal(&tokens.next()?)?;
    let mut text = format!("{kind} {name} {rust}");
    let possible = group(&mut tokens, Delimiter::Bracket)?;
    if !possible.stream().is_empty() {
        text.push_str("\n=");
        for ty in entries(possible.stream()) {
            let [TokenTree::Ident(variant), rest @ ..] = ty.as_slice() else { return None };
            let rust = match rest {
                [TokenTree::Ident(_), TokenTree::Ident(rust), ..] => rust,
                _ => variant,
            };
            text.push_str(&format!(" {}={rust}", literal(ty.last()?)?));
        }
    }
    for field in entries(tokens.collect()) {
        text.push('\n');
        text.push_str(&line(field)?);
    }
    Some(text)
}

/// `name: Type = "name: Type" (arguments) { inner }` as `name Type code Type arguments`.
fn line(field: Vec<TokenTree>) -> Option<String> {
    let Entry { name, ty, rust, mut rest } = Entry::parse(field)?;
    let arguments = group(&mut rest, Delimiter::Parenthesis);
    let inner = group(&mut rest, Delimiter::Brace);
    let code = match (&rust, inner) {
        (RustType::Node(_), _) => 'c',
        (_, Some(inner)) if inner.stream().to_string() == "errors" => 'p',
        (RustType::Reference(_), _) | (_, Some(_)) => 'o',
        (RustType::Other(_), None) => 'l',
    };
    let mut line = format!("{name} {ty} {code} {}", rust.name());
    for argument in arguments.into_iter().flat_map(|group| entries(group.stream())) {
        let Entry { name, ty, rust, mut rest } = Entry::parse(argument)?;
        let (ty, default) = match ty.split_once(" = ") {
            Some((ty, _)) => (ty, "?"),
            None => (ty.as_str(), ""),
        };
        line.push_str(&format!(" {name}:{ty}={}", rust.name()));
        if let Some(values) = group(&mut rest, Delimiter::Brace) {
            line.push_str(&format!("{{{}}}", words(values.stream()).join(",")));
        }
        line.push_str(default);
    }
    Some(line)
}

/// What a field and an argument have in common.
struct Entry {
    /// The name in GraphQL, and `=` with the name in Rust where that does not follow from it.
    name: String,
    /// The type in GraphQL.
    ty: String,
    rust: RustType,
    rest: Tokens,
}

/// What the Rust type of a field or an argument is about.
enum RustType {
    /// The nodes of a connection.
    Node(String),
    Reference(String),
    Other(String),
}

impl RustType {
    fn name(&self) -> &str {
        match self {
            Self::Node(name) | Self::Reference(name) | Self::Other(name) => name,
        }
    }
}

impl Entry {
    fn parse(tokens: Vec<TokenTree>) -> Option<Self> {
        let mut rest = tokens.into_iter().peekable();
        let rust_name = rest.next()?.to_string();
        rest.next_if(|token| is_punct(token, ':'))?;
        let mut types = Vec::new();
        while let Some(token) = rest.next_if(|token| !is_punct(token, '=')) {
            types.push(token);
        }
        rest.next()?;
        let line = literal(&rest.next()?)?;
        let (name, ty) = line.split_once(": ")?;
        let follows =
            rust_name.strip_prefix(&name.to_snake_case()).is_some_and(|rest| matches!(rest, "" | "_"));
        let name = if follows { name.to_owned() } else { format!("{name}={rust_name}") };
        Some(Self { name, ty: ty.to_owned(), rust: rust_type(types), rest })
    }
}

fn rust_type(tokens: Vec<TokenTree>) -> RustType {
    if let [TokenTree::Group(node)] = tokens.as_slice() {
        return RustType::Node(node.stream().to_string());
    }
    let names: Vec<String> = tokens
        .iter()
        .filter(|token| matches!(token, TokenTree::Ident(_)))
        .map(ToString::to_string)
        .filter(|name| !matches!(name.as_str(), "rt" | "Option" | "Vec"))
        .collect();
    match names.as_slice() {
        [wrapper, name] if wrapper == "Ref" => RustType::Reference(name.clone()),
        [name] => RustType::Other(name.clone()),
        // A filter is not called by a name of its own.
        _ => RustType::Other(String::new()),
    }
}

/// Tokens between commas.
fn entries(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = flat(tokens).collect();
    let entries = tokens.split(|token| is_punct(token, ',')).filter(|entry| !entry.is_empty());
    entries.map(<[TokenTree]>::to_vec).collect()
}

/// Without the invisible groups around what a macro has passed on.
fn flat(tokens: TokenStream) -> Tokens {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flat.extend(self::flat(group.stream()));
            }
            TokenTree::Group(group) => {
                let inner = self::flat(group.stream()).collect();
                flat.push(Group::new(group.delimiter(), inner).into());
            }
            token => flat.push(token),
        }
    }
    flat.into_iter().peekable()
}

fn group(tokens: &mut Tokens, delimiter: Delimiter) -> Option<Group> {
    match tokens.next_if(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn literal(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(literal) => Some(literal.to_string().trim_matches('"').to_owned()),
        _ => None,
    }
}
