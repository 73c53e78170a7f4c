//! Selections on structs.

use crate::constant::Variable;
use crate::context::{Context, Selection};
use crate::field::{CheckedField, FieldSelection};
use crate::rust_type::group;
use crate::schema::FieldKind;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DataStruct, Error, Fields};

pub(crate) fn selection(
    context: &Context<'_>,
    data: &DataStruct,
    errors: &mut Vec<Error>,
) -> Option<Selection> {
    let item = context.item;
    if let Some(span) = context.options.exhaustive {
        errors.push(Error::new(span, "only an enum can be `exhaustive`: this is a struct"));
    }
    let Fields::Named(named) = &data.fields else {
        let message = match data.fields {
            Fields::Unit => format!("`{item}` selects nothing: add fields"),
            _ => format!("the fields of `{item}` have no names to select by: write `struct {item} {{ .. }}`"),
        };
        errors.push(Error::new(item.span(), message));
        return None;
    };
    if named.named.is_empty() {
        let message = format!("`{item}` selects nothing: add fields");
        errors.push(Error::new(item.span(), message));
        return None;
    }
    let mut this = Object::default();
    for (index, field) in named.named.iter().enumerate() {
        // The compiler reports duplicate fields.
        if named.named.iter().take(index).any(|other| other.ident == field.ident) {
            return None;
        }
        // Checks all fields, even after an error.
        if let Some(field) = context.field(index, field, errors) {
            this.add(field);
        }
    }
    check_variables(&this.variables, errors);
    Some(this.finish(context))
}

/// Checks that variables of one name have one type.
fn check_variables(variables: &[Variable], errors: &mut Vec<Error>) {
    for (index, variable) in variables.iter().enumerate() {
        let before = variables[..index].iter().find(|other| other.name() == variable.name());
        if let Some(before) = before.filter(|before| before.ty != variable.ty) {
            let message = format!(
                "`${}` has type `{}` here and type `{}` above: use two variables",
                variable.name(),
                variable.ty.0,
                before.ty.0
            );
            errors.push(Error::new(variable.ident.span(), message));
        }
    }
}

#[derive(Default)]
struct Object {
    constants: TokenStream,
    keys: Vec<String>,
    nested: Vec<TokenStream>,
    counted: Vec<(u64, Ident)>,
    connections: u64,
    variables: Vec<Variable>,
    /// Constants of flattened fields, with the names of their types.
    flattened: Vec<(Ident, String)>,
    /// Reading, in three steps: declare slots, fill them from the object, take their values.
    before: Vec<TokenStream>,
    slots: Vec<Ident>,
    values: Vec<TokenStream>,
}

impl Object {
    fn add(&mut self, field: CheckedField) {
        let CheckedField { ident, part, constants, ty, spans: (first, last), selection, default } = field;
        self.constants.extend(constants);
        let slot = Ident::new(&part.to_string().to_ascii_lowercase(), Span::mixed_site());
        match selection {
            FieldSelection::Flattened { name } => {
                for (other, other_name) in &self.flattened {
                    let check = quote_spanned!(first=> __rt::check_disjoint);
                    let call = group(last, quote!(&#other.selection, #other_name, &#part.selection, #name));
                    self.constants.extend(quote!(const _: () = #check #call;));
                }
                // Reads the same object again from its start, for its own keys.
                self.before.push(quote!(let #slot = (#part.read)(&mut decoder.fork())?;));
                self.values.push(quote!(#ident: #slot));
                self.counted.push((0, part.clone()));
                self.flattened.push((part, name));
            }
            FieldSelection::Field { key, kind, arguments, is_plain, schema, all } => {
                self.before.push(quote!(let mut #slot = #part.slot();));
                self.values.push(match default {
                    true => {
                        // The user's span, so that the compiler underlines a type without a default.
                        let spanned = quote_spanned!(last=> ::core::default::Default>::default());
                        let made = quote_spanned!(first=> <#ty as #spanned);
                        quote! {
                            #ident: match #slot.take()? {
                                ::core::option::Option::Some(value) => value,
                                ::core::option::Option::None => #made,
                            }
                        }
                    }
                    false => quote!(#ident: #slot.take()?),
                });
                self.slots.push(slot);
                if let Some(all) = all {
                    self.nested.push(quote!((#key, #all)));
                } else if !is_plain {
                    let inner = match kind {
                        FieldKind::Leaf => quote!(&__rt::Selection::Leaf),
                        _ => quote!(&#part.selection),
                    };
                    self.nested
                        .push(quote!((#key, __rt::Selection::Field { field: #schema, selection: #inner })));
                } else if kind != FieldKind::Leaf {
                    self.nested.push(quote!((#key, #part.selection)));
                }
                match kind {
                    FieldKind::Leaf => {}
                    FieldKind::Connection => {
                        self.connections += 1;
                        self.counted.push((arguments.size, part));
                    }
                    FieldKind::Object | FieldKind::Payload => self.counted.push((0, part)),
                }
                self.variables.extend(arguments.variables);
                self.keys.push(key);
            }
        }
    }

    fn finish(self, context: &Context<'_>) -> Selection {
        let Self {
            constants,
            keys,
            nested,
            counted,
            connections,
            variables,
            flattened,
            before,
            slots,
            values,
        } = self;
        let name = &context.ty.name;
        let own = quote!(__rt::Selection::Object(TABLE));
        let selection = match flattened.is_empty() {
            true => own,
            false => {
                let own = (!keys.is_empty()).then_some(own);
                let parts = own.into_iter().chain(flattened.iter().map(|(part, _)| quote!(#part.selection)));
                quote!(__rt::Selection::Flattened(&[#(#parts),*]))
            }
        };
        // The compiler reports cycles of selections at these spans.
        let table = quote! {
            &__rt::Table { name: #name, fields: KEYS, nested: &[#(#nested),*] }
        };
        let table = quote_spanned!(context.item.span()=> const TABLE: &__rt::Table = #table;);
        let constants = quote! {
            const KEYS: &[&str] = &[#(#keys),*];
            #table
            #constants
        };
        let read = quote! {
            #(#before)*
            decoder.object(TABLE, &mut [#(&mut #slots),*])?;
            ::core::result::Result::Ok(Self { #(#values),* })
        };
        Selection { constants, selection, counted, connections, read, variables }
    }
}
