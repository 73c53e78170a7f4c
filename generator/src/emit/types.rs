//! Types and identifiers.

use crate::ir::RustType;
use crate::overrides::ScalarKind;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The names come from `names`, which makes identifiers only.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

pub(super) fn rust_type(ty: &RustType) -> TokenStream {
    match ty {
        RustType::Scalar(kind) => match kind {
            ScalarKind::String => quote!(String),
            ScalarKind::Id => quote!(rt::Id),
            ScalarKind::Int => quote!(i64),
            ScalarKind::Float => quote!(f64),
            ScalarKind::Boolean => quote!(bool),
            ScalarKind::Decimal => quote!(rt::Decimal),
            ScalarKind::Date => quote!(rt::Date),
            ScalarKind::Time => quote!(rt::TimeOfDay),
            ScalarKind::Timestamp => quote!(rt::Timestamp),
            ScalarKind::Json => quote!(rt::Json),
        },
        RustType::Generated(name) => {
            let name = ident(name);
            quote!(#name)
        }
        RustType::Ref(name) => {
            let name = ident(name);
            quote!(rt::Ref<#name>)
        }
        RustType::Filter { values, ranges } => {
            let values = rust_type(values);
            if *ranges { quote!(rt::RangeFilter<#values>) } else { quote!(rt::Filter<#values>) }
        }
        RustType::List(inner) => {
            let inner = rust_type(inner);
            quote!(Vec<#inner>)
        }
        RustType::Nullable(inner) => {
            let inner = rust_type(inner);
            quote!(Option<#inner>)
        }
    }
}
