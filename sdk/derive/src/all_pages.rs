//! Option `all`: nested connections with all pages.

use crate::argument::Arguments;
use crate::attribute::Options;
use crate::context::Context;
use crate::schema::{Field, TypeKind};
use crate::suggest::Errors;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Context<'_> {
    /// Whether all pages of a field are selected.
    pub(crate) fn all(&self, schema: &Field, options: &Options, errors: &mut Errors) -> bool {
        let Some(span) = options.flag("all") else { return false };
        let (on, name) = (&self.ty.name, &schema.name);
        let message = if !schema.is_paged() {
            format!("`{name}` of `{on}` is not a connection: remove `all`")
        } else {
            match self.ty.kind {
                TypeKind::Node | TypeKind::AnyNode | TypeKind::Interface => return true,
                TypeKind::Query => format!(
                    "`all` is for connections of a record: `client.{}()` fetches all pages of this one",
                    schema.rust_name
                ),
                TypeKind::Object | TypeKind::Payload | TypeKind::Mutation => format!(
                    "`{on}` cannot be fetched by id, so the remaining pages of `{name}` cannot be: write `first = ..` instead of `all`"
                ),
            }
        };
        errors.push(span, message);
        false
    }

    /// The selection of such a field.
    pub(crate) fn all_pages(&self, part: &Ident, schema: &Field, arguments: &Arguments) -> TokenStream {
        let (on, name, others, first) =
            (&self.ty.name, &schema.name, &arguments.beside_first, arguments.size);
        // Only the compiler knows whether the types of an interface have ids.
        let check = (self.ty.kind == TypeKind::Interface).then(|| {
            let ty = self.generated(&self.ty.rust);
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
