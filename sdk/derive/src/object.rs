//! Selections on structs.

use crate::argument::Arguments;
use crate::attribute::{FIELD, Options};
use crate::constant::Variable;
use crate::context::{Context, Selection};
use crate::field::CheckedField;
use crate::leaf::{Leaves, standard_type};
use crate::rust_type::{call, field_type, mentions, spans};
use crate::schema::{Field, FieldKind, rust_wrappers};
use crate::suggest::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{DataStruct, Error, Fields, Type};

pub(crate) fn selection(
    context: &Context<'_>,
    data: &DataStruct,
    errors: &mut Errors,
) -> syn::Result<Option<Selection>> {
    let item = context.item;
    if let Some(span) = context.options.flag("exhaustive") {
        errors.push(span, "only an enum can be `exhaustive`: this is a struct");
    }
    let fields = match &data.fields {
        Fields::Named(named) if !named.named.is_empty() => &named.named,
        fields => {
            let message = match fields {
                Fields::Unnamed(_) => format!(
                    "the fields of `{item}` have no names to select by: write `struct {item} {{ .. }}`"
                ),
                _ => format!("`{item}` selects nothing: add fields"),
            };
            return Err(Error::new(item.span(), message));
        }
    };
    let mut object = Object::default();
    for (index, field) in fields.iter().enumerate() {
        // The compiler reports duplicate fields.
        if fields.iter().take(index).any(|other| other.ident == field.ident) {
            return Ok(None);
        }
        // Checks all fields, even after an error.
        if let Err(error) = object.add(context, index, field, errors) {
            errors.0.push(error);
        }
    }
    Ok(Some(object.finish(context)))
}

#[derive(Default)]
struct Object {
    parts: Selection,
    keys: Vec<String>,
    /// A line for each key: the GraphQL type of its field, behind the name of a leaf that the key is an alias of.
    types: String,
    nested: Vec<TokenStream>,
    leaves: Leaves,
    /// Constants of flattened fields, with the names of their types.
    flattened: Vec<(Ident, String)>,
    /// Reading, in three steps: declare slots, fill them from the object, take their values.
    before: Vec<TokenStream>,
    slots: Vec<Ident>,
    /// The slots that are not values themselves.
    taken: Vec<Ident>,
    values: Vec<TokenStream>,
}

impl Object {
    fn add(
        &mut self,
        context: &Context<'_>,
        index: usize,
        field: &syn::Field,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        let ty = &field.ty;
        let before = errors.0.len();
        let options = Options::parse(&field.attrs, FIELD, errors);
        let Some(ident) = field.ident.as_ref().filter(|_| errors.0.len() == before) else {
            return Ok(());
        };
        if mentions(ty.to_token_stream(), context.item) {
            let message = format!(
                "`{}` contains itself and would never end: write a second struct for the inner level",
                context.item
            );
            return Err(Error::new_spanned(ty, message));
        }
        let part = format_ident!("F{index}");
        let slot = format_ident!("f{index}", span = Span::mixed_site());
        if let Some(span) = options.flag("flatten") {
            if !options.is_only("flatten") {
                let message = "`flatten` excludes other attributes: they belong to the inner fields";
                return Err(Error::new(span, message));
            }
            self.flatten(context, ident, part, &slot, ty);
            return Ok(());
        }
        let CheckedField { key, schema, arguments, all, deprecated } =
            context.field(ident, &options, errors)?;
        self.parts.deprecated.extend(deprecated.into_iter().map(|it| it.at(&field.attrs)));
        if let (true, Some(whole)) = (all, schema.whole_for(ty)) {
            let message = format!("`all` is for `Vec` and `Connection`: a struct on `{whole}` has one page");
            return Err(Error::new_spanned(ty, message));
        }
        let default = options.flag("default").is_some();
        let value = if default { quote!(::core::option::Option<#ty>) } else { ty.to_token_stream() };
        let expected = context.expected_wrappers(schema, &options);
        let standard = standard_type(ty, schema, expected).filter(|_| !default);
        if standard.is_none() {
            self.taken.push(slot.clone());
        }
        // Errors about its type are at the type.
        let decoded = Ident::new(&slot.to_string(), slot.span().located_at(spans(ty).0));
        self.before.push(match standard {
            Some(ty) => quote!(let mut #slot: #ty = __rt::Field::placeholder();),
            None if schema.kind == FieldKind::Leaf => {
                self.leaves.add(ty, schema, expected);
                quote!(let mut #slot = __rt::AsLeaf::<#value>::slot();)
            }
            None => {
                self.parts.constants.extend(context.part(&part, ty, &value, schema, &options));
                quote!(let mut #slot = #part.slot();)
            }
        });
        self.values.push(if default {
            // The user's span, so that the compiler underlines a type without a default.
            let (first, last) = spans(ty);
            let spanned = quote_spanned!(last=> ::core::default::Default>::default());
            let made = quote_spanned!(first=> <#ty as #spanned);
            quote! {
                #ident: match #slot {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => #made,
                }
            }
        } else {
            quote!(#ident: #decoded)
        });
        self.slots.push(slot);
        self.types.push('\n');
        if all {
            let all = context.all_pages(&part, schema, &arguments);
            self.nested.push(quote!((#key, #all)));
        } else if schema.kind == FieldKind::Leaf && arguments.text.is_empty() {
            if key != schema.name {
                // An entry of `nested` would cost compile time for each field.
                self.types.push_str(&schema.name);
                self.types.push_str(": ");
            }
        } else if key != schema.name || !arguments.text.is_empty() {
            let field = format!("{}{}", schema.name, arguments.text);
            let selection = match (schema.kind, inner(schema, &part)) {
                // A constant of its own would cost compile time for each field.
                (FieldKind::Leaf, _) => quote!(__rt::LEAF),
                (_, inner) => quote!(&#inner),
            };
            self.nested.push(quote!((#key, __rt::Selection::Field { field: #field, selection: #selection })));
        } else {
            let inner = inner(schema, &part);
            self.nested.push(quote!((#key, #inner)));
        }
        match schema.kind {
            FieldKind::Leaf => {}
            FieldKind::Connection => {
                self.parts.connections += 1;
                self.parts.counted.push((arguments.size, part));
            }
            FieldKind::Object | FieldKind::Payload => self.parts.counted.push((0, part)),
        }
        self.add_variables(arguments.variables, errors);
        self.keys.push(key);
        self.types.push_str(&schema.ty.0);
        Ok(())
    }

    /// Adds variables, and checks that those of one name have one type.
    fn add_variables(&mut self, variables: Vec<Variable>, errors: &mut Errors) {
        for variable in variables {
            let (name, ty) = (&variable.name, &variable.ty);
            match self.parts.variables.iter().find(|other| other.name == *name) {
                None => self.parts.variables.push(variable),
                Some(other) if other.ty == *ty => {}
                Some(Variable { ty: before, .. }) => {
                    let message = format!(
                        "`${name}` has type `{}` here and type `{}` above: use two variables",
                        ty.0, before.0
                    );
                    errors.push(variable.ident.span(), message);
                }
            }
        }
    }

    /// Adds another selection on the same type.
    fn flatten(&mut self, context: &Context<'_>, ident: &Ident, part: Ident, slot: &Ident, ty: &Type) {
        let on = context.generated(&context.ty.rust);
        let (name, on_name) = (field_type(ty).1, &context.ty.name);
        let own = quote!(&__rt::Selection::Object(&__rt::Table { name: #on_name, fields: KEYS, nested: &[], source: "" }));
        let arguments = quote!(#own, #on_name, #name, #part.fits, &#part.selection, #part.wrappers);
        let mut checks = vec![call("check_flattened", spans(ty), arguments)];
        if context.ty.is_root() {
            let arguments = quote!(#name, <#ty as __rt::Operation>::DECLARATIONS);
            checks.push(call("check_no_variables", spans(ty), arguments));
        }
        checks.extend(self.flattened.iter().map(|(other, other_name)| {
            let arguments = quote!(&#other.selection, #other_name, &#part.selection, #name);
            call("check_disjoint", spans(ty), arguments)
        }));
        self.parts.constants.extend(quote! {
            const #part: __rt::Part<#ty> = __rt::AsSelection::<#on, #ty>::OBJECT;
            #(const _: () = #checks;)*
        });
        // Reads the same object again from its start, for its own keys.
        self.before.push(quote!(let #slot = (#part.read)(&mut decoder.fork())?;));
        self.values.push(quote!(#ident: #slot));
        self.parts.counted.push((0, part.clone()));
        self.flattened.push((part, name));
    }

    fn finish(self, context: &Context<'_>) -> Selection {
        let Self { parts, keys, types, nested, leaves, flattened, before, slots, taken, values } = self;
        let (name, constants) = (&context.ty.name, &parts.constants);
        let mut selection = quote!(__rt::Selection::Object(TABLE));
        let is_object = flattened.is_empty();
        if !is_object {
            let own = (!keys.is_empty()).then_some(selection);
            let all = own.into_iter().chain(flattened.iter().map(|(part, _)| quote!(#part.selection)));
            selection = quote!(__rt::Selection::Flattened(&[#(#all),*]));
        }
        let source = format!("{}{types}", context.item.unraw());
        let keys = quote!(&[#(#keys),*]);
        let (fields, keys) = match is_object {
            true => (keys, None),
            // The checks of flattened fields need them too.
            false => (quote!(KEYS), Some(quote!(const KEYS: &[&str] = #keys;))),
        };
        // The compiler reports cycles of selections at these spans.
        let table = quote! {
            &__rt::Table { name: #name, fields: #fields, nested: &[#(#nested),*], source: #source }
        };
        let table = quote_spanned!(context.item.span()=> const TABLE: &__rt::Table = #table;);
        let constants = quote!(#keys #table #constants);
        let checks = leaves.finish(name);
        let taken =
            taken.chunks(16).map(|slots| quote!(let (#(#slots,)*) = __rt::Slots::take((#(#slots,)*))?;));
        let read = quote! {
            #(#before)*
            decoder.object(TABLE, &mut [#(&mut #slots),*])?;
            #(#taken)*
            ::core::result::Result::Ok(Self { #(#values),* })
        };
        Selection { constants, checks, selection, is_object, read, ..parts }
    }
}

/// What is selected inside a field, from its part.
fn inner(schema: &Field, part: &Ident) -> TokenStream {
    let errors = &schema.errors;
    match schema.kind {
        FieldKind::Leaf => quote!(__rt::Selection::Leaf),
        FieldKind::Payload => {
            quote!(__rt::Selection::Payload { errors: #errors, selection: &#part.selection })
        }
        FieldKind::Object | FieldKind::Connection => quote!(#part.selection),
    }
}

impl Context<'_> {
    /// The wrappers that the type of a field should have.
    fn expected_wrappers(&self, schema: &Field, options: &Options) -> u32 {
        let wrappers = schema.ty.wrappers();
        let without_null = options.flag("default").is_some() || options.flag("required").is_some();
        if without_null && schema.ty.is_nullable() { wrappers >> 2 } else { wrappers }
    }

    /// The constants of an object or a connection: its part and the check of its type.
    fn part(
        &self,
        part: &Ident,
        ty: &Type,
        value: &TokenStream,
        schema: &Field,
        options: &Options,
    ) -> TokenStream {
        let expected = self.expected_wrappers(schema, options);
        let default = options.flag("default").is_some();
        // A connection is selected as its nodes, or as an object.
        let (rust, kind, shape) = match schema.whole_for(ty) {
            Some(connection) => (connection, FieldKind::Object, None),
            None => (schema.rust.as_str(), schema.kind, schema.shape.as_ref()),
        };
        let (open, close) = rust_wrappers(expected);
        let (written, base) = field_type(ty);
        let (on, name) = (&self.ty.name, &schema.name);
        let generated = self.generated(rust);
        let selection = quote!(__rt::AsSelection::<#generated, #value>);
        let shape = shape.map(|shape| self.generated(shape));
        let (selected, check) = match (kind, &shape) {
            (FieldKind::Connection, Some(shape)) => {
                let parts = quote!(#selection::CONNECTION, #selection::EDGES, #shape);
                (quote!(__rt::shaped(#parts)), "check_connection")
            }
            (FieldKind::Connection, None) => (quote!(#selection::CONNECTION), "check_connection"),
            _ => (quote!(#selection::OBJECT), "check_object"),
        };
        let shift = if default { quote!(>> 2) } else { TokenStream::new() };
        let context = quote! {
            __rt::FieldContext {
                on: #on, field: #name, open: #open, close: #close, wrappers: #expected,
                expected: #rust, base: #base, written: #written, fits: #part.fits,
            }
        };
        let check = call(check, spans(ty), quote!(#context, #part.wrappers #shift));
        let total = shape.map(|shape| {
            let connection = schema.whole.as_deref().unwrap_or(rust);
            call("check_total", spans(ty), quote!(#context, #part.wrappers, #shape, #connection))
        });
        let checks = total.into_iter().chain([check]);
        // The compiler reports cycles of selections at this span.
        let part = quote_spanned!(spans(ty).0=> const #part: __rt::Part<#value> = #selected;);
        quote! {
            #part
            #(const _: () = #checks;)*
        }
    }

    /// The selection of a connection with all its pages.
    fn all_pages(&self, part: &Ident, schema: &Field, arguments: &Arguments) -> TokenStream {
        let (on, name, others, first) =
            (&self.ty.name, &schema.name, &arguments.beside_first, arguments.size);
        let ty = self.generated(&self.ty.rust);
        let cursor = schema.argument(&self.ty.paging.after).ok().flatten();
        let cursor = cursor.map_or_else(String::new, |it| format!("{}!", it.ty.0.trim_end_matches('!')));
        // Only the compiler knows whether the types of an interface have ids.
        let lookup = match self.ty.is_abstract() {
            true => quote!(__rt::check_parent(#on, #name, <#ty>::NODE)),
            false => quote!(<#ty as __rt::Fetch>::LOOKUP),
        };
        quote! {{
            const LOOKUP: &__rt::NodeLookup = #lookup;
            __rt::Selection::AllPages(&__rt::AllPages {
                lookup: LOOKUP, on: #on, field: #name, arguments: #others, cursor: #cursor, first: #first,
                nodes: #part.nodes, connection: &#part.selection,
            })
        }}
    }
}
