//! Model of the generated half of the SDK, read from its declarations.

use crate::error::Error;
use crate::run::root;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, GenericArgument, Ident, Item, LitStr, Token, Type, braced, parse_quote};

/// Every type of the SDK, by the file that declares it.
pub(crate) type Model = BTreeMap<String, Vec<Definition>>;

/// One type.
pub(crate) struct Definition {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) kind: Kind,
}

/// Content of a type.
pub(crate) enum Kind {
    Object(Vec<Field>),
    Input(Vec<Field>),
    Enum(Vec<Variant>),
    /// `type Node = rt::Interface<NodeType>;`, `type PersonOrder = rt::Order<PersonOrderField>;`
    Alias(Box<Type>),
}

pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) wire: String,
    pub(crate) ty: Type,
    pub(crate) required: bool,
}

pub(crate) struct Variant {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) wire: String,
}

/// The folder of the generated source.
pub(crate) fn folder() -> PathBuf {
    root().join("sdk/src/generated")
}

/// Reads all generated files.
pub(crate) fn read() -> Result<Model, Error> {
    let mut model = Model::new();
    let folder = folder();
    for entry in fs::read_dir(&folder).map_err(Error::file("list", &folder))? {
        let path = entry.map_err(Error::file("list", &folder))?.path();
        let Some(module) = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != "mod")
        else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        model.insert(module.to_owned(), definitions(&path, &text)?);
    }
    Ok(model)
}

fn definitions(path: &Path, text: &str) -> Result<Vec<Definition>, Error> {
    let invalid = |source| Error::Rust { file: path.to_owned(), source };
    let mut definitions = Vec::new();
    for item in syn::parse_file(text).map_err(invalid)?.items {
        match item {
            Item::Macro(item) => {
                let declaration = item.mac.path.segments.last().map(|segment| segment.ident.to_string());
                let parser = match declaration.as_deref() {
                    Some("object") => object,
                    Some("input") => input,
                    Some("open_enum") => open_enum,
                    Some("interface") => interface,
                    Some("calls") => continue,
                    other => {
                        let message = format!("unknown declaration {other:?}");
                        return Err(Error::Source { file: path.to_owned(), message });
                    }
                };
                definitions.extend(parser.parse2(item.mac.tokens).map_err(invalid)?);
            }
            Item::Type(item) => {
                let docs = item.attrs.into_iter().filter(|attribute| attribute.path().is_ident("doc"));
                definitions.push(Definition {
                    docs: docs.collect(),
                    name: item.ident,
                    kind: Kind::Alias(item.ty),
                });
            }
            _ => {}
        }
    }
    Ok(definitions)
}

/// `node Team = "Team", see ".." { fields } ..`
fn object(input: ParseStream<'_>) -> syn::Result<Vec<Definition>> {
    let docs = docs(input)?;
    input.parse::<Ident>()?;
    let (name, docs) = header(input, docs, "type")?;
    let content;
    braced!(content in input);
    let fields = fields(&content, true)?;
    input.parse::<TokenStream>()?;
    Ok(vec![Definition { docs, name, kind: Kind::Object(fields) }])
}

/// `TeamCreateInput = "TeamCreateInput", see ".." required { fields } optional { fields }`
fn input(input: ParseStream<'_>) -> syn::Result<Vec<Definition>> {
    let docs = docs(input)?;
    let (name, docs) = header(input, docs, "input")?;
    let mut all = Vec::new();
    while !input.is_empty() {
        let group: Ident = input.parse()?;
        let content;
        braced!(content in input);
        all.extend(fields(&content, group == "required")?);
    }
    Ok(vec![Definition { docs, name, kind: Kind::Input(all) }])
}

/// `NoteMedium = "NoteMedium", see ".." { variants }`
fn open_enum(input: ParseStream<'_>) -> syn::Result<Vec<Definition>> {
    let docs = docs(input)?;
    let (name, docs) = header(input, docs, "enum")?;
    Ok(vec![Definition { docs, name, kind: Kind::Enum(variants(input)?) }])
}

/// `interface HasNotes = "HasNotes", see ".." { fields } types HasNotesType { variants } ..`
fn interface(input: ParseStream<'_>) -> syn::Result<Vec<Definition>> {
    let docs = docs(input)?;
    let kind: Ident = input.parse()?;
    let (name, docs) = header(input, docs, &kind.to_string())?;
    input.parse::<TokenTree>()?;
    input.parse::<Ident>()?;
    let typename: Ident = input.parse()?;
    let types = Definition {
        docs: vec![doc(&format!(" `__typename` of `{name}`"))],
        kind: Kind::Enum(variants(input)?),
        name: typename.clone(),
    };
    input.parse::<TokenStream>()?;
    let alias = Kind::Alias(Box::new(parse_quote!(rt::Interface<#typename>)));
    Ok(vec![Definition { docs, name, kind: alias }, types])
}

fn doc(text: &str) -> Attribute {
    parse_quote!(#[doc = #text])
}

fn docs(input: ParseStream<'_>) -> syn::Result<Vec<Attribute>> {
    let attributes = input.call(Attribute::parse_outer)?;
    Ok(attributes.into_iter().filter(|attribute| attribute.path().is_ident("doc")).collect())
}

/// `Team = "Team", see ".."`
fn header(
    input: ParseStream<'_>,
    mut docs: Vec<Attribute>,
    kind: &str,
) -> syn::Result<(Ident, Vec<Attribute>)> {
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    // Such as `arguments`.
    input.parse::<Option<Ident>>()?;
    docs.push(doc(&format!(" GraphQL `{kind} {}`.", input.parse::<LitStr>()?.value())));
    if input.parse::<Option<Token![,]>>()?.is_some() {
        input.parse::<Ident>()?;
        docs.push(doc(""));
        docs.push(doc(&format!(" [Reference]({})", input.parse::<LitStr>()?.value())));
    }
    Ok((name, docs))
}

/// `created_at: Option<rt::Timestamp> = "createdAt": "ISO8601Timestamp" (arguments) { .. },`
fn fields(input: ParseStream<'_>, required: bool) -> syn::Result<Vec<Field>> {
    let mut fields = Vec::new();
    while !input.is_empty() {
        let mut docs = docs(input)?;
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=]>()?;
        let mut signature = input.parse::<LitStr>()?.value();
        if input.parse::<Option<Token![:]>>()?.is_some() {
            signature = format!("{signature}: {}", input.parse::<LitStr>()?.value());
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Option<Token![,]>>()?;
        docs.push(doc(&format!(" `{signature}`")));
        let wire = signature.split(':').next().unwrap_or_default().to_owned();
        fields.push(Field { docs, name, wire, ty, required });
    }
    Ok(fields)
}

/// `{ EndUser = "end_user", RequestType as Request = "Request", }`
fn variants(input: ParseStream<'_>) -> syn::Result<Vec<Variant>> {
    let content;
    braced!(content in input);
    let mut variants = Vec::new();
    while !content.is_empty() {
        let mut docs = docs(&content)?;
        let name = content.call(Ident::parse_any)?;
        if content.parse::<Option<Token![as]>>()?.is_some() {
            content.call(Ident::parse_any)?;
        }
        content.parse::<Token![=]>()?;
        let wire = content.parse::<LitStr>()?.value();
        content.parse::<Option<Token![,]>>()?;
        docs.push(doc(&format!(" `{wire}`")));
        variants.push(Variant { docs, name, wire });
    }
    Ok(variants)
}

/// The `T` of `Name<T, ..>`.
pub(crate) fn first_type(segment: &syn::PathSegment) -> Option<Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
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
        assert!(count(|kind| matches!(kind, Kind::Enum(variants) if !variants.is_empty())) > 100);
        assert!(crate::peer_serde::package(&model)?.len() > 100);
        Ok(())
    }
}
