//! The generated half of the SDK, read back from its source: the same names, fields and docs.

use crate::error::Error;
use crate::run::root;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use syn::{Attribute, Expr, FnArg, GenericArgument, ImplItem, Item, Pat, Type, TypeParamBound};

/// Every type of the SDK, by the file that defines it.
pub(crate) type Model = BTreeMap<String, Vec<Definition>>;

/// One type.
pub(crate) struct Definition {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: syn::Ident,
    pub(crate) kind: Kind,
}

/// What a type is made of.
pub(crate) enum Kind {
    Object(Vec<Field>),
    Input(Vec<Field>),
    Enum(Vec<Variant>),
    /// `type Node = rt::Interface<NodeType>;`, `type PersonOrder = rt::Order<PersonOrderField>;`
    Alias(Box<Type>),
}

pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: syn::Ident,
    pub(crate) wire: String,
    pub(crate) ty: Type,
    pub(crate) required: bool,
}

pub(crate) struct Variant {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: syn::Ident,
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
        let definitions = definitions(&path, &text)?;
        model.insert(module.to_owned(), definitions);
    }
    Ok(model)
}

fn definitions(path: &Path, text: &str) -> Result<Vec<Definition>, Error> {
    let file = syn::parse_file(text).map_err(|source| Error::Rust { file: path.to_owned(), source })?;
    let mut definitions = Vec::new();
    for item in &file.items {
        let (attributes, name, kind) = match item {
            Item::Struct(item) if !item.fields.is_empty() || has_table(&file, &item.ident) => {
                let kind = match item.fields.iter().all(|field| field.ident.is_some()) {
                    true => Kind::Object(object(&file, item)),
                    false => Kind::Input(input(&file, &item.ident)),
                };
                (&item.attrs, &item.ident, kind)
            }
            // An enum without variants is a marker for a root field, not a type of the schema.
            Item::Enum(item) if !item.variants.is_empty() => {
                (&item.attrs, &item.ident, Kind::Enum(variants(&file, item)))
            }
            Item::Type(item) => (&item.attrs, &item.ident, Kind::Alias(item.ty.clone())),
            _ => continue,
        };
        let defined = Definition { docs: docs(attributes), name: name.clone(), kind };
        if let Some(message) = defined.problem(&file) {
            return Err(Error::Source { file: path.to_owned(), message });
        }
        definitions.push(defined);
    }
    Ok(definitions)
}

impl Definition {
    /// Whatever was not understood: a peer with fewer fields than the SDK would be no peer.
    fn problem(&self, file: &syn::File) -> Option<String> {
        let (read, expected) = match &self.kind {
            Kind::Object(fields) => (fields.len(), table(file, &self.name, "TABLE", "fields").len()),
            Kind::Input(fields) => (fields.len(), input_table(file, &self.name).len()),
            Kind::Enum(variants) => (variants.len(), table(file, &self.name, "VALUES", "").len()),
            Kind::Alias(_) => (0, 0),
        };
        (read != expected).then(|| format!("{}: {read} of {expected} fields were understood", self.name))
    }
}

fn docs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect()
}

fn has_table(file: &syn::File, name: &syn::Ident) -> bool {
    constant(file, name, "TABLE").is_some()
}

fn object(file: &syn::File, item: &syn::ItemStruct) -> Vec<Field> {
    let names = table(file, &item.ident, "TABLE", "fields");
    let fields = item.fields.iter().zip(names);
    fields
        .filter_map(|(field, wire)| {
            let name = field.ident.clone()?;
            Some(Field { docs: docs(&field.attrs), name, wire, ty: field.ty.clone(), required: true })
        })
        .collect()
}

/// The fields of an input: the arguments of `new`, which are required, and the setters.
fn input(file: &syn::File, name: &syn::Ident) -> Vec<Field> {
    let signatures = input_table(file, name);
    let mut fields = Vec::new();
    for item in inherent_items(file, name) {
        let ImplItem::Fn(function) = item else { continue };
        let wires = texts(function.block.to_token_stream());
        let arguments = function.sig.inputs.iter().filter_map(argument);
        let is_new = function.sig.ident == "new";
        for ((argument, ty), wire) in arguments.zip(wires) {
            if is_new {
                let doc = signatures.iter().find(|line| line.starts_with(&format!("{wire}: ")));
                let doc =
                    format!("`{}`", doc.map_or(wire.as_str(), |line| line.split('=').next().unwrap_or(line)));
                let docs = vec![syn::parse_quote!(#[doc = #doc])];
                fields.push(Field { docs, name: argument, wire, ty, required: true });
            } else {
                let docs = docs(&function.attrs);
                fields.push(Field { docs, name: function.sig.ident.clone(), wire, ty, required: false });
            }
        }
    }
    fields
}

fn variants(file: &syn::File, item: &syn::ItemEnum) -> Vec<Variant> {
    let values = table(file, &item.ident, "VALUES", "");
    let names = table(file, &item.ident, "VARIANTS", "");
    let wires: BTreeMap<&str, &str> =
        names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    item.variants
        .iter()
        .filter_map(|variant| {
            let wire = (*wires.get(variant.ident.to_string().as_str())?).to_owned();
            Some(Variant { docs: docs(&variant.attrs), name: variant.ident.clone(), wire })
        })
        .collect()
}

/// An argument `name: impl rt::IntoInput<T, ..>`, as its name and `T`.
fn argument(argument: &FnArg) -> Option<(syn::Ident, Type)> {
    let FnArg::Typed(argument) = argument else { return None };
    let (Pat::Ident(name), Type::ImplTrait(ty)) = (&*argument.pat, &*argument.ty) else { return None };
    let Some(TypeParamBound::Trait(bound)) = ty.bounds.first() else { return None };
    Some((name.ident.clone(), first_type(bound.path.segments.last()?)?))
}

/// The `T` of `Name<T, ..>`.
pub(crate) fn first_type(segment: &syn::PathSegment) -> Option<Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

fn impls<'f>(file: &'f syn::File, name: &'f syn::Ident) -> impl Iterator<Item = &'f syn::ItemImpl> {
    file.items.iter().filter_map(move |item| match item {
        Item::Impl(block) => match &*block.self_ty {
            Type::Path(path) if path.path.is_ident(name) => Some(block),
            _ => None,
        },
        _ => None,
    })
}

fn inherent_items<'f>(file: &'f syn::File, name: &'f syn::Ident) -> impl Iterator<Item = &'f ImplItem> {
    impls(file, name).filter(|block| block.trait_.is_none()).flat_map(|block| &block.items)
}

fn constant<'f>(file: &'f syn::File, name: &'f syn::Ident, constant: &str) -> Option<&'f Expr> {
    impls(file, name).flat_map(|block| &block.items).find_map(|item| match item {
        ImplItem::Const(item) if item.ident == constant => Some(&item.expr),
        _ => None,
    })
}

/// The lines of an input's table: `name: String!`.
fn input_table(file: &syn::File, name: &syn::Ident) -> Vec<String> {
    let body = impls(file, name).flat_map(|block| &block.items).find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "table" => Some(function.block.to_token_stream()),
        _ => None,
    });
    body.map(|body| list_after(body, "fields")).unwrap_or_default()
}

/// The entries of a constant: those of one of its fields, or all, texts and `Self::` variants.
fn table(file: &syn::File, name: &syn::Ident, wanted: &str, field: &str) -> Vec<String> {
    let Some(expression) = constant(file, name, wanted) else { return Vec::new() };
    let tokens = expression.to_token_stream();
    if field.is_empty() { entries(tokens) } else { list_after(tokens, field) }
}

/// The string literals in the first brackets after `field:`.
fn list_after(tokens: TokenStream, field: &str) -> Vec<String> {
    let mut found = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == field => found = true,
            TokenTree::Group(group) if found => return texts(group.stream()),
            TokenTree::Group(group) => {
                let inner = list_after(group.stream(), field);
                if !inner.is_empty() {
                    return inner;
                }
            }
            _ => {}
        }
    }
    Vec::new()
}

/// `["value", ..]` as `value`, ..; `[Self::Variant, ..]` as `Variant`, ..
fn entries(tokens: TokenStream) -> Vec<String> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => flat.extend(entries(group.stream())),
            TokenTree::Ident(ident) if ident != "Self" => flat.push(ident.to_string()),
            TokenTree::Literal(_) => flat.extend(texts(token.into())),
            _ => {}
        }
    }
    flat
}

/// All string literals, in their order.
fn texts(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => found.extend(texts(group.stream())),
            TokenTree::Literal(_) => {
                if let Ok(text) = syn::parse2::<syn::LitStr>(token.into()) {
                    found.push(text.value());
                }
            }
            _ => {}
        }
    }
    found
}
