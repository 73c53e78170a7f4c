//! Leaves of a struct: scalars, enums, and types made from them.

use crate::rust_type::{call, field_type, spans};
use crate::schema::{Field, FieldKind, rust_wrappers};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

/// The leaves of a struct, which one constant checks: each constant costs compile time.
#[derive(Default)]
pub(crate) struct Leaves {
    types: Vec<TokenStream>,
    texts: String,
    checks: Vec<TokenStream>,
}

impl Leaves {
    pub(crate) fn add(&mut self, ty: &Type, schema: &Field, wrappers: u32) {
        let (open, close) = rust_wrappers(wrappers);
        let (written, base) = field_type(ty);
        let (rust, index) = (&schema.rust, self.types.len());
        let hash = hash(rust);
        self.types.push(quote!((__rt::AsLeaf::<#ty>::TYPE, #rust, #hash, #wrappers, #written)));
        self.texts += &format!("{}|{open}|{close}|{base}\n", schema.name);
        self.checks.push(call("check_leaf", spans(ty), quote!(leaves, #index)));
    }

    /// The checks, as statements.
    pub(crate) fn finish(self, on: &str) -> TokenStream {
        let Self { types, texts, checks } = self;
        if types.is_empty() {
            return TokenStream::new();
        }
        quote! {
            let leaves = &__rt::Leaves { on: #on, types: &[#(#types),*], texts: #texts };
            if !leaves.are_right() {
                #(#checks;)*
            }
        }
    }
}

/// The type of a leaf that is written as in the schema and made of types of the standard library, whose names no other
/// types have. The compiler compares it with the type of the field, in less time than [`Leaves`] take.
pub(crate) fn standard_type(ty: &Type, schema: &Field, wrappers: u32) -> Option<TokenStream> {
    let (written, base) = field_type(ty);
    if schema.kind != FieldKind::Leaf || base != schema.rust || written != wrappers {
        return None;
    }
    let base = match base.as_str() {
        "String" => quote!(::std::string::String),
        "bool" => quote!(::core::primitive::bool),
        "f64" => quote!(::core::primitive::f64),
        "i64" => quote!(::core::primitive::i64),
        _ => return None,
    };
    Some(wrapped(base, wrappers))
}

/// A type with the wrappers around it.
fn wrapped(base: TokenStream, wrappers: u32) -> TokenStream {
    if wrappers & 3 == 0 {
        return base;
    }
    let inner = wrapped(base, wrappers >> 2);
    match wrappers & 3 {
        1 => quote!(::core::option::Option<#inner>),
        _ => quote!(::std::vec::Vec<#inner>),
    }
}

/// The hash of a name by FNV-1a. Types that hold leaves have the same one.
fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
