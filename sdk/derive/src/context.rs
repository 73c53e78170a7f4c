//! What the parts of the derive tell each other.

use crate::argument::Variable;
use crate::attribute::Options;
use crate::schema::Type;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// What a selection is made of, whatever item it is on.
pub(crate) struct Selection<'a> {
    /// Constants: the fields and their checks.
    pub(crate) constants: TokenStream,
    /// `rt::Selection`
    pub(crate) selection: TokenStream,
    /// How often each part occurs in one record, and its constant.
    pub(crate) counted: Vec<(u64, Ident)>,
    /// The connections of the item itself.
    pub(crate) connections: u64,
    /// The body of `read`.
    pub(crate) read: TokenStream,
    pub(crate) variables: Vec<Variable<'a>>,
}

/// What every part of the implementation is written with.
pub(crate) struct Context<'a> {
    /// The crate that holds the generated types.
    pub(crate) sdk: Ident,
    pub(crate) ty: &'a Type<'a>,
    pub(crate) item: &'a Ident,
    pub(crate) options: &'a Options,
}

impl Context<'_> {
    /// The generated type with this Rust path.
    pub(crate) fn generated(&self, path: &str) -> TokenStream {
        let sdk = &self.sdk;
        let segments = path.split("::").map(|segment| format_ident!("{segment}"));
        quote!(#sdk #(::#segments)*)
    }
}
