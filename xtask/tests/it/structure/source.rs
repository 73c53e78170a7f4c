//! The modules of a crate and the paths in them, read from tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Segments below the crate root; the root itself is empty.
pub(crate) type ModulePath = Vec<String>;

/// One source file. Code that is compiled for tests only is left out.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) path: ModulePath,
    /// Modules that the file declares, read or not, with the value of `#[path]`.
    pub(crate) children: BTreeMap<String, Option<String>>,
    /// Items at the top level of the file.
    pub(crate) items: BTreeSet<String>,
    pub(crate) macros: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    pub(crate) mentions: Vec<Mention>,
}

/// One name of a `use` declaration. The name is `*` for a glob.
pub(crate) struct Import {
    pub(crate) scope: ModulePath,
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) is_public: bool,
}

/// A path outside of `use` declarations.
pub(crate) struct Mention {
    pub(crate) scope: ModulePath,
    pub(crate) path: Vec<String>,
    pub(crate) is_macro: bool,
}

/// Reads a crate from its root file. Modules in a folder `generated` are not read.
pub(crate) fn read(root: &Path) -> Vec<Module> {
    let mut modules = Vec::new();
    let folder = root.parent().unwrap();
    read_file(root.to_owned(), folder, Vec::new(), &mut modules);
    modules
}

fn read_file(file: PathBuf, folder: &Path, path: ModulePath, modules: &mut Vec<Module>) {
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut module = Module { path: path.clone(), ..Module::default() };
    let tokens: TokenStream = text.parse().unwrap();
    module.walk(tokens, &path, true);
    let children = module.children.clone();
    modules.push(module);
    let own_folder = file.parent().unwrap();
    for (child, file) in children {
        let flat = match file {
            Some(path) => own_folder.join(path),
            None => folder.join(format!("{child}.rs")),
        };
        if flat.ends_with("generated/mod.rs") {
            continue;
        }
        let file = if flat.exists() { flat } else { folder.join(&child).join("mod.rs") };
        let path = [path.as_slice(), std::slice::from_ref(&child)].concat();
        read_file(file, &folder.join(child), path, modules);
    }
}

impl Module {
    /// Reads tokens. Only the top level of a file declares modules and items.
    fn walk(&mut self, tokens: TokenStream, scope: &[String], is_top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut file) = (0, None);
        while let Some(token) = tokens.get(at) {
            let follows_dot = at > 0 && is_punct(&tokens, at - 1, '.');
            let word = ident(&tokens, at).filter(|_| !follows_dot);
            let next = ident(&tokens, at + 1);
            at = match (token, word.as_deref()) {
                (TokenTree::Punct(punct), _) if punct.as_char() == '#' => {
                    attribute(&tokens, at + 1, &mut file)
                }
                (TokenTree::Group(group), _) => {
                    self.walk(group.stream(), scope, false);
                    at + 1
                }
                (_, Some("mod")) if next.is_some() => {
                    let name = next.unwrap();
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                        self.walk(body.stream(), &[scope, &[name]].concat(), false);
                    } else if is_top {
                        self.children.insert(name, file.take());
                    }
                    at + 3
                }
                (_, Some("use")) if !is_punct(&tokens, at + 1, '<') => self.import(&tokens, at, scope),
                (_, Some("macro_rules")) => {
                    self.macros.extend(ident(&tokens, at + 2));
                    at + 2
                }
                (_, Some("struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static")) => {
                    self.items.extend(next.filter(|_| is_top));
                    at + 1
                }
                (_, Some(_)) => self.mention(&tokens, at, scope),
                _ => at + 1,
            };
        }
    }

    /// Reads a `use` declaration and returns the position of its semicolon.
    fn import(&mut self, tokens: &[TokenTree], at: usize, scope: &[String]) -> usize {
        let is_pub = |back: usize| at >= back && ident(tokens, at - back).is_some_and(|word| word == "pub");
        let is_public = is_pub(1) || is_pub(2);
        let end = (at..).find(|at| is_punct(tokens, *at, ';')).unwrap();
        let mut names = Vec::new();
        use_tree(&tokens[at + 1..end], &[], &mut names);
        let import = |(name, path)| Import { scope: scope.to_vec(), name, path, is_public };
        self.imports.extend(names.into_iter().map(import));
        end
    }

    /// Reads a path and returns the position behind it.
    fn mention(&mut self, tokens: &[TokenTree], at: usize, scope: &[String]) -> usize {
        let (path, next) = path_at(tokens, at);
        if at >= 2 && is_punct(tokens, at - 1, ':') && is_punct(tokens, at - 2, ':') {
            // `::http::Response` is of another crate.
            return next;
        }
        let is_macro = is_punct(tokens, next, '!') && !is_punct(tokens, next + 1, '=');
        // Quoted code belongs to another crate.
        if is_macro && path[0].starts_with("quote") {
            return next + 2;
        }
        let is_call = matches!(tokens.get(next), Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Parenthesis);
        // A lone word in lower case may be a local variable.
        if path.len() > 1 || is_macro || is_call || path[0].starts_with(char::is_uppercase) {
            self.mentions.push(Mention { scope: scope.to_vec(), path, is_macro });
        }
        next
    }
}

/// Reads an attribute: stores the value of `#[path]`, and returns the position behind the attribute, or
/// behind its item if that is for tests only.
fn attribute(tokens: &[TokenTree], at: usize, file: &mut Option<String>) -> usize {
    let text = tokens.get(at).map(ToString::to_string).unwrap_or_default().replace(' ', "");
    if text.starts_with("[path=") {
        *file = text.split('"').nth(1).map(str::to_owned);
    }
    let is_test = ["[cfg(test)", "[cfg(all(test"].iter().any(|cfg| text.starts_with(cfg));
    if !is_test {
        return at;
    }
    (at..tokens.len()).find(|at| ends_item(&tokens[*at])).map_or(tokens.len(), |end| end + 1)
}

/// The path that begins at a word, and the position behind it.
fn path_at(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    while let Some(word) = ident(tokens, at) {
        path.push(word);
        at += 1;
        if !(is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':') && ident(tokens, at + 2).is_some()) {
            break;
        }
        at += 2;
    }
    (path, at)
}

fn use_tree(tokens: &[TokenTree], prefix: &[String], names: &mut Vec<(String, Vec<String>)>) {
    for tree in tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')) {
        // A path that begins with `::` is of another crate: no name of this one is empty.
        let start = if is_punct(tree, 0, ':') { 2 } else { 0 };
        let external = if start > 0 { vec![String::new()] } else { Vec::new() };
        let (path, next) = path_at(tree, start);
        let path = [prefix, &external, &path].concat();
        match tree.last() {
            Some(TokenTree::Group(group)) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                use_tree(&inner, &path, names);
            }
            Some(TokenTree::Punct(_)) => names.push(("*".to_owned(), path)),
            Some(_) => {
                // `a::{self, b as c}`
                let path = match path.split_last() {
                    Some((last, module)) if last == "self" && !module.is_empty() => module.to_vec(),
                    _ => path,
                };
                let renamed =
                    ident(tree, next + 1).filter(|_| ident(tree, next).is_some_and(|word| word == "as"));
                names.extend(renamed.or_else(|| path.last().cloned()).map(|name| (name, path)));
            }
            None => {}
        }
    }
}

fn ident(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, char: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}
