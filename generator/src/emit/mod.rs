//! Prints the representation as Rust. One module per construct; none of them decides anything.

mod calls;
mod docs;
mod enums;
mod inputs;
mod objects;
mod selects;
mod types;

use crate::ir::{File, Ir};
use crate::{Error, Files, PREAMBLE};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use types::ident;

/// All files of the generated folder.
pub(crate) fn files(ir: &Ir) -> Result<Files, Error> {
    // Parsing and formatting is most of the work, and files do not depend on each other: two
    // threads take one after the other, since a few files are much larger than the rest.
    let all: Vec<(&String, &File)> = ir.files.iter().collect();
    let next = AtomicUsize::new(0);
    let print = || -> Result<Vec<(String, String)>, Error> {
        let mut printed = Vec::new();
        while let Some((name, file)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            printed.push(formatted(name, record(file))?);
        }
        Ok(printed)
    };
    let (left, right) = std::thread::scope(|scope| {
        let left = scope.spawn(print);
        let right = print();
        (left.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), right)
    });
    let mut files: Files = left?.into_iter().chain(right?).collect();
    files.extend([formatted("mod", index(ir))?]);
    Ok(files)
}

fn formatted(name: &str, tokens: TokenStream) -> Result<(String, String), Error> {
    let file = format!("{name}.rs");
    match syn::parse2::<syn::File>(tokens) {
        Ok(parsed) => {
            let source = format!("{PREAMBLE}\n{}", prettyplease::unparse(&parsed));
            Ok((file, source))
        }
        Err(source) => Err(Error::Emit { file, source }),
    }
}

/// The file of one record.
fn record(file: &File) -> TokenStream {
    let imports: Vec<_> = file.imports.iter().map(|name| ident(name)).collect();
    let imports = match imports.is_empty() {
        true => TokenStream::new(),
        false => quote! { use super::{#(#imports),*}; },
    };
    let objects = file.objects.iter().map(objects::object);
    let interfaces = file.interfaces.iter().map(objects::interface);
    let enums = file.enums.iter().map(enums::enumeration);
    let orders = file.orders.iter().map(inputs::order);
    let inputs = file.inputs.iter().map(inputs::input);
    let calls = calls::calls(&file.calls);
    let selects = file.selectables.iter().map(selects::selectable);
    quote! {
        #imports
        use xurrent_runtime as rt;
        #(#objects)* #(#interfaces)* #(#enums)* #(#orders)* #(#inputs)* #calls #(#selects)*
    }
}

/// `mod.rs`: every file, every name.
fn index(ir: &Ir) -> TokenStream {
    let modules = ir.files.iter().map(|(name, file)| {
        let name = ident(name);
        let exported: Vec<_> = exported(file).into_iter().map(|name| ident(&name)).collect();
        let exported = match exported.is_empty() {
            true => TokenStream::new(),
            false => quote! { pub use self::#name::{#(#exported),*}; },
        };
        quote! { mod #name; #exported }
    });
    let external = ir.external.iter().map(|path| {
        let segments = path.split("::").map(ident);
        quote! { ::#(#segments)::* }
    });
    let selects = ir.roots.iter().map(selects::selectable);
    let all = ir.files.values().flat_map(|file| &file.selectables).chain(&ir.roots);
    let select = selects::index(all);
    let roots: Vec<_> = ir
        .files
        .iter()
        .flat_map(|(name, file)| {
            let name = ident(name);
            file.calls.iter().map(move |call| {
                let constant = calls::constant(call);
                quote! { self::#name::#constant }
            })
        })
        .collect();
    quote! {
        #![doc = " Everything that the schema defines, a file for every record."]
        #(#modules)*
        #(#[doc(inline)] pub use #external;)*
        /// Every root field that a function of the client calls.
        #[doc(hidden)]
        #[inline]
        #[must_use]
        pub fn root_fields() -> Vec<&'static ::xurrent_runtime::RootField> {
            ::std::vec![#(#roots),*]
        }
        #(#selects)* #select
    }
}

fn exported(file: &File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    names.extend(file.objects.iter().map(|it| it.rust.clone()));
    names.extend(file.interfaces.iter().map(|it| it.rust.clone()));
    names.extend(file.enums.iter().map(|it| it.rust.clone()));
    names.extend(file.orders.iter().map(|it| it.rust.clone()));
    names.extend(file.inputs.iter().map(|it| it.rust.clone()));
    names.extend(file.calls.iter().filter_map(calls::marker).map(str::to_owned));
    names
}
