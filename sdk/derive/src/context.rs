//! Context of a derive and the selection it produces.

use crate::attribute::Options;
use crate::constant::Variable;
use crate::deprecation::Deprecated;
use crate::schema::Type;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

/// The parts of an implementation, from a struct or an enum.
#[derive(Default)]
pub(crate) struct Selection {
    /// Constants: the fields and checks of their own.
    pub(crate) constants: TokenStream,
    /// Checks that share one constant, as statements.
    pub(crate) checks: TokenStream,
    /// `rt::Selection`
    pub(crate) selection: TokenStream,
    /// Whether it is an object with a table of the item's own.
    pub(crate) is_object: bool,
    /// The number of each part in one record, and its constant.
    pub(crate) counted: Vec<(u64, Ident)>,
    /// The connections of the item itself.
    pub(crate) connections: u64,
    /// The body of `read`.
    pub(crate) read: TokenStream,
    /// One per name.
    pub(crate) variables: Vec<Variable>,
    pub(crate) deprecated: Vec<Deprecated>,
}

/// The derived item and the type that it is a selection on.
pub(crate) struct Context<'a> {
    /// The crate that holds the generated types.
    pub(crate) sdk: Ident,
    pub(crate) ty: &'a Type,
    pub(crate) item: &'a Ident,
    pub(crate) options: &'a Options,
}

impl Context<'_> {
    /// The generated type with this Rust path.
    pub(crate) fn generated(&self, path: &str) -> TokenStream {
        below(&self.sdk, path)
    }
}

/// A path below another one.
pub(crate) fn below(parent: impl ToTokens, path: &str) -> TokenStream {
    let segments = path.split("::").map(|segment| format_ident!("{segment}"));
    quote!(#parent #(::#segments)*)
}

/// A block for constants and implementations, with the SDK in scope.
pub(crate) fn block(sdk: &Ident, content: &TokenStream) -> TokenStream {
    quote! {
        #[allow(dead_code, unused_imports, unused_parens, unused_qualifications, deprecated, clippy::all, reason = "repeats the user's types")]
        const _: () = {
            use #sdk::__private as __rt;
            use __rt::{NotLeaf as _, NotSelection as _};
            #content
        };
    }
}
