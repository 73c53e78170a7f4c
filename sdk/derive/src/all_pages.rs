//! `#[select(all)]`: nested connections of which all pages are wanted.

use crate::argument::Arguments;
use crate::attribute::Options;
use crate::context::Context;
use crate::schema::{Field, Kind};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Error;

impl Context<'_> {
    /// Whether all pages of a field are wanted.
    pub(crate) fn all(&self, schema: &Field<'_>, options: &Options, errors: &mut Vec<Error>) -> bool {
        let Some(span) = options.all else { return false };
        let (on, name) = (self.ty.name, schema.name);
        let message = if !schema.is_paged() {
            format!("`{name}` of `{on}` is not a connection: remove `all`")
        } else {
            match self.ty.kind {
                Kind::Node | Kind::AnyNode | Kind::Interface => return true,
                Kind::Query => format!(
                    "`all` is for connections inside of a record: `client.{}()` has all pages of this one",
                    schema.rust_name
                ),
                Kind::Object | Kind::Payload | Kind::Mutation => format!(
                    "`{on}` cannot be fetched by an id, which is how the rest of `{name}` would be: write `first = ..` in place of `all`"
                ),
            }
        };
        errors.push(Error::new(span, message));
        false
    }

    /// What is selected then.
    pub(crate) fn all_pages(
        &self,
        part: &Ident,
        schema: &Field<'_>,
        arguments: &Arguments<'_>,
    ) -> TokenStream {
        let (on, name, others, first) = (self.ty.name, schema.name, &arguments.beside_first, arguments.size);
        // What only the compiler knows: whether the types of an interface have ids.
        let check = (self.ty.kind == Kind::Interface).then(|| {
            let ty = self.generated(self.ty.rust);
            quote!(const _: () = __rt::check_parent(#on, #name, <#ty>::IS_NODE);)
        });
        quote! {{
            #check
            __rt::Selection::AllPages(&__rt::AllPages {
                on: #on, field: #name, arguments: #others, first: #first,
                nodes: #part.nodes, connection: &#part.selection,
            })
        }}
    }
}
