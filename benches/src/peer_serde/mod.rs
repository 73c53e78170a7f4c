//! Peer: structs with `serde` derives, with the same fields and docs as the SDK's.

pub(crate) mod model;

use crate::error::Error;
use crate::scratch::Sources;
use model::{Definition, Field, Kind, Model, Variant, first_type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::path::PathBuf;
use syn::Type;

/// The package.
pub(crate) const PACKAGE: &str = "serde-records";

const MANIFEST: &str = r#"[package]
name = "serde-records"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
rust_decimal = { version = "1", default-features = false, features = ["std", "serde"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
"#;

/// The sources of the package, below `records/`.
pub(crate) fn package(model: &Model) -> Result<Sources, Error> {
    let mut sources = Sources::from([
        ("records/Cargo.toml".to_owned(), MANIFEST.to_owned()),
        ("records/src/shared.rs".to_owned(), include_str!("shared.rs.template").to_owned()),
    ]);
    let mut modules = TokenStream::new();
    for (module, definitions) in model {
        // Files that hold nothing but root fields have no types.
        if definitions.is_empty() {
            continue;
        }
        let items: TokenStream = definitions.iter().map(definition).collect();
        let file = quote! {
            use crate::shared::*;
            use crate::*;
            use serde::{Deserialize, Serialize};
            #items
        };
        let file_name = format!("{module}.rs");
        sources.insert(format!("records/src/{file_name}"), format(file, &file_name)?);
        let module = format_ident!("{module}");
        modules.extend(quote! { mod #module; pub use self::#module::*; });
    }
    let library = quote! {
        //! Plain structs of the schema, with derives.
        #![allow(unused_imports)]
        pub mod shared;
        #modules
    };
    sources.insert("records/src/lib.rs".to_owned(), format(library, "lib.rs")?);
    Ok(sources)
}

/// The formatted text of a file.
pub(crate) fn format(tokens: TokenStream, file: &str) -> Result<String, Error> {
    let parsed = syn::parse2(tokens).map_err(|source| Error::Rust { file: PathBuf::from(file), source })?;
    Ok(prettyplease::unparse(&parsed))
}

fn definition(definition: &Definition) -> TokenStream {
    let Definition { docs, name, kind } = definition;
    let derive = quote!(#[derive(Debug, Clone, Serialize, Deserialize)]);
    match kind {
        Kind::Object(fields) => {
            let fields = fields.iter().map(|field| {
                let Field { docs, name, wire, ty, .. } = field;
                let ty = value(ty);
                quote!(#(#docs)* #[serde(rename = #wire)] pub #name: #ty,)
            });
            quote!(#(#docs)* #derive pub struct #name { #(#fields)* })
        }
        Kind::Input(fields) => {
            let fields = fields.iter().map(input_field);
            quote!(#(#docs)* #derive pub struct #name { #(#fields)* })
        }
        Kind::Enum(variants) => {
            let variants = variants.iter().map(|variant| {
                let Variant { docs, name, wire } = variant;
                quote!(#(#docs)* #[serde(rename = #wire)] #name,)
            });
            quote! {
                #(#docs)* #derive pub enum #name {
                    #(#variants)*
                    /// A value that the schema did not have when this crate was generated.
                    #[serde(untagged)]
                    Unrecognized(String),
                }
            }
        }
        Kind::Alias(ty) => alias(docs, name, ty),
    }
}

fn input_field(field: &Field) -> TokenStream {
    let Field { docs, name, wire, ty, required } = field;
    let ty = value(ty);
    if *required {
        quote!(#(#docs)* #[serde(rename = #wire)] pub #name: #ty,)
    } else {
        quote! {
            #(#docs)*
            #[serde(rename = #wire, skip_serializing_if = "Option::is_none")]
            pub #name: Option<#ty>,
        }
    }
}

/// An interface stays an alias; an order is a struct, as every input object of a schema is.
fn alias(docs: &[syn::Attribute], name: &syn::Ident, ty: &Type) -> TokenStream {
    match last_segment(ty) {
        Some(segment) if segment.ident == "Order" => {
            let field = first_type(segment);
            quote! {
                #(#docs)*
                #[derive(Debug, Clone, Serialize, Deserialize)]
                pub struct #name {
                    /// `direction: OrderDirection`
                    #[serde(rename = "direction", skip_serializing_if = "Option::is_none")]
                    pub direction: Option<OrderDirection>,
                    /// `field`
                    #[serde(rename = "field")]
                    pub field: #field,
                }
            }
        }
        _ => {
            let ty = value(ty);
            quote!(#(#docs)* pub type #name = #ty;)
        }
    }
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type that a plain struct has where the SDK has `ty`.
fn value(ty: &Type) -> TokenStream {
    let Some(segment) = last_segment(ty) else { return quote!(#ty) };
    let inner = first_type(segment);
    let generic = |name: &str| {
        let (name, inner) = (format_ident!("{name}"), inner.as_ref().map(value));
        quote!(#name<#inner>)
    };
    match segment.ident.to_string().as_str() {
        "Id" | "Timestamp" | "TimeOfDay" | "Date" => quote!(String),
        "Decimal" => quote!(rust_decimal::Decimal),
        "Json" => quote!(serde_json::Value),
        "Ref" => quote!(Ref),
        "Filter" => filter(inner.as_ref()),
        "RangeFilter" => range_filter(inner.as_ref()),
        name @ ("Option" | "Vec" | "Box" | "Interface") => generic(name),
        _ => {
            let name = &segment.ident;
            quote!(#name)
        }
    }
}

fn filter(inner: Option<&Type>) -> TokenStream {
    match inner.and_then(last_segment) {
        Some(segment) if segment.ident == "Id" => quote!(IdFilter),
        _ => quote!(StringFilter),
    }
}

fn range_filter(inner: Option<&Type>) -> TokenStream {
    match inner.and_then(last_segment).map(|segment| segment.ident.to_string()).as_deref() {
        Some("Timestamp") => quote!(DateTimeFilter),
        Some("Date") => quote!(DateFilter),
        Some("Decimal") => quote!(DecimalFilter),
        _ => quote!(IntFilter),
    }
}
