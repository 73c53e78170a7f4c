//! Model of the generated half of the SDK, read from its declarations.

use crate::error::Error;
use crate::files::{list, read as read_file, root};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeMap;
use std::path::Path;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Item, LitStr, Token};

/// Every type of the SDK, by the file that declares it.
pub(crate) type Model = BTreeMap<String, Vec<Definition>>;

pub(crate) struct Definition {
    /// Rust attributes and comments.
    pub(crate) docs: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Object(Vec<Member>),
    Input(Vec<Member>),
    Enum(Vec<Member>),
    /// `rt::Interface<NodeType>`
    Alias(String),
}

/// A field, or a value of an enum.
pub(crate) struct Member {
    pub(crate) docs: String,
    pub(crate) name: String,
    /// `createdAt: ISO8601Timestamp` or the name of a value.
    pub(crate) signature: String,
    /// The Rust type of a field.
    pub(crate) ty: String,
    pub(crate) required: bool,
}

const PAYLOAD: &str =
    "\n///\n/// The payload's `errors` are not a field: a payload with errors is an `Error`.";

impl Member {
    pub(crate) fn wire(&self) -> &str {
        self.signature.split(':').next().unwrap_or_default()
    }
}

pub(crate) fn read() -> Result<Model, Error> {
    let mut model = Model::new();
    for path in list(&root().join("sdk/src/generated"))? {
        let module = path.file_stem().unwrap_or_default().to_string_lossy();
        if module != "mod" {
            model.insert(module.into_owned(), definitions(&path)?);
        }
    }
    Ok(model)
}

fn definitions(path: &Path) -> Result<Vec<Definition>, Error> {
    let invalid = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = syn::parse_file(&read_file(path)?).map_err(|error| invalid(&error))?;
    let mut definitions = Vec::new();
    for item in file.items {
        match item {
            Item::Macro(item) => {
                let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string());
                match name.as_deref().unwrap_or_default() {
                    "calls" => {}
                    name @ ("object" | "input" | "open_enum" | "interface") => {
                        let parser = |input: ParseStream<'_>| declaration(name, input);
                        definitions.extend(parser.parse2(item.mac.tokens).map_err(|error| invalid(&error))?);
                    }
                    name => return Err(invalid(&format!("unknown declaration `{name}`")).into()),
                }
            }
            Item::Type(item) => {
                let ty = item.ty.to_token_stream().to_string().replace(' ', "");
                let field = ty.strip_prefix("rt::Order<").and_then(|ty| ty.strip_suffix('>'));
                let field = field.ok_or_else(|| invalid(&format!("unknown alias of `{ty}`")))?;
                let kind = Kind::Input(vec![
                    member("direction", "direction: OrderDirection", "OrderDirection", false),
                    member("field", "field", field, true),
                ]);
                definitions.push(Definition { docs: docs(&item.attrs), name: item.ident.to_string(), kind });
            }
            _ => {}
        }
    }
    Ok(definitions)
}

/// `node Team = "Team", see ".." { fields } connections { fields } macro $__select_Team`,
/// `TeamCreateInput = "TeamCreateInput", see ".." required { fields } optional { fields }`,
/// `NoteMedium = "NoteMedium", see ".." { values }` or
/// `interface HasNotes = "HasNotes", see ".." { fields } types HasNotesType { values } nodes some`.
fn declaration(declaration: &str, input: ParseStream<'_>) -> syn::Result<Vec<Definition>> {
    let mut docs = docs(&input.call(Attribute::parse_outer)?);
    let keyword = match declaration {
        "object" | "interface" => input.parse::<Ident>()?.to_string(),
        _ => String::new(),
    };
    let name = input.call(Ident::parse_any)?.to_string();
    input.parse::<Token![=]>()?;
    // Such as `arguments`.
    input.parse::<Option<Ident>>()?;
    let graphql = input.parse::<LitStr>()?.value();
    let (title, note) = match (declaration, keyword.as_str()) {
        ("object", "payload") => ("type", PAYLOAD),
        ("object", _) => ("type", ""),
        ("input", _) => ("input", ""),
        ("open_enum", _) => ("enum", ""),
        (_, keyword) => (keyword, "\n///\n/// Fetched as the name of its type and its id."),
    };
    docs += &format!("/// GraphQL `{title} {graphql}`.{note}\n");
    if input.parse::<Option<Token![,]>>()?.is_some() {
        input.parse::<Ident>()?;
        docs += &format!("///\n/// [Reference]({})\n", input.parse::<LitStr>()?.value());
    }
    let (mut all, mut types) = (Vec::new(), None);
    let mut words = Vec::new();
    for token in input.parse::<TokenStream>()? {
        let TokenTree::Group(group) = token else {
            words.push(token.to_string());
            continue;
        };
        let group = members.parse2(group.stream())?;
        match words.first().map_or("", String::as_str) {
            "" | "required" => all.extend(group),
            "optional" => all.extend(group.into_iter().map(|field| Member { required: false, ..field })),
            "types" => types = Some((words.swap_remove(1), group)),
            title => {
                docs += &format!("///\n/// Not fetched by default, {title}:\n///\n");
                group.iter().for_each(|field| docs += &format!("/// - `{}`\n", field.signature));
            }
        }
        words.clear();
    }
    let kind = match (declaration, types) {
        ("object", _) => Kind::Object(all),
        ("input", _) => Kind::Input(all),
        (_, None) => Kind::Enum(all),
        (_, Some((types, values))) => {
            let alias = Definition { docs, kind: Kind::Alias(format!("rt::Interface<{types}>")), name };
            let docs = format!("/// `__typename` of `{}`\n", alias.name);
            return Ok(vec![alias, Definition { docs, name: types, kind: Kind::Enum(values) }]);
        }
    };
    Ok(vec![Definition { docs, name, kind }])
}

/// `created_at: Option<rt::Timestamp> = "createdAt: ISO8601Timestamp" (arguments) { .. },` or
/// `RequestType as Request = "Request",`
fn members(input: ParseStream<'_>) -> syn::Result<Vec<Member>> {
    let mut members = Vec::new();
    while !input.is_empty() {
        let docs = docs(&input.call(Attribute::parse_outer)?);
        let name = input.call(Ident::parse_any)?.to_string();
        let mut ty = String::new();
        while !input.peek(Token![=]) {
            ty += &input.parse::<TokenTree>()?.to_string();
        }
        input.parse::<Token![=]>()?;
        let mut signature = input.parse::<LitStr>()?.value();
        if input.parse::<Option<Token![:]>>()?.is_some() {
            signature = format!("{signature}: {}", input.parse::<LitStr>()?.value());
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Option<Token![,]>>()?;
        members.push(Member { docs, ..member(&name, &signature, ty.trim_start_matches(':'), true) });
    }
    Ok(members)
}

fn member(name: &str, signature: &str, ty: &str, required: bool) -> Member {
    let [name, signature, ty] = [name, signature, ty].map(str::to_owned);
    Member { docs: String::new(), name, signature, ty, required }
}

fn docs(attributes: &[Attribute]) -> String {
    attributes.iter().map(|attribute| format!("{}\n", attribute.to_token_stream())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declaration_of_the_sdk_is_read() -> Result<(), Error> {
        let model = read()?;
        let count = |is: fn(&Kind) -> bool| model.values().flatten().filter(|it| is(&it.kind)).count();
        assert!(count(|kind| matches!(kind, Kind::Object(fields) if !fields.is_empty())) > 200);
        assert!(count(|kind| matches!(kind, Kind::Input(fields) if !fields.is_empty())) > 200);
        assert!(count(|kind| matches!(kind, Kind::Enum(values) if !values.is_empty())) > 100);
        assert!(crate::peer_serde::package(&model).len() > 100);
        Ok(())
    }
}
