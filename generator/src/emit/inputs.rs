//! Input types: input objects, optional arguments and orders. Enums, open to values that the schema
//! does not have.

use super::text::{Text, declared, deprecated, literal, rust_type};
use crate::ir::{Enum, Input, InputField, Order};
use crate::names;

pub(super) fn input(text: &mut Text, item: &Input) {
    if item.is_one_of {
        return one_of(text, item);
    }
    text.open("rt::input! {");
    text.docs(&item.doc);
    let arguments = if item.is_arguments { "arguments " } else { "" };
    text.line(&format!("{} = {arguments}{}", item.rust, literal(&item.graphql)));
    text.see(&item.doc);
    if let Some(reason) = &item.new {
        text.and(&format!(", {}new", deprecated(Some(reason))));
    }
    for (section, required) in [("required", true), ("optional", false)] {
        let fields = item.fields.iter().filter(|field| field.argument.is_required() == required);
        let mut fields = fields.peekable();
        if fields.peek().is_some() {
            text.open(&format!("{section} {{"));
            fields.for_each(|item| field(text, item));
            text.close("}");
        }
    }
    text.close("}");
}

/// An input of which exactly one field is given.
fn one_of(text: &mut Text, item: &Input) {
    text.open("rt::one_of! {");
    text.docs(&item.doc);
    text.line(&format!("{} = {}", item.rust, literal(&item.graphql)));
    text.see(&item.doc);
    text.end(" {");
    text.indented(|text| item.fields.iter().for_each(|item| field(text, item)));
    text.line("}");
    text.close("}");
}

fn field(text: &mut Text, InputField { argument, rust, ty }: &InputField) {
    text.described(argument.description.as_deref(), argument.deprecation().as_deref());
    text.line(&format!("{rust}: {} =", rust_type(ty)));
    let end = if argument.is_required() || argument.ty.is_nullable() { "," } else { " (NonNull)," };
    text.and(&format!(" {}{end}", declared(&argument.signature())));
}

pub(super) fn order(text: &mut Text, order: &Order) {
    text.docs(&order.doc);
    if order.doc.description.is_some() {
        text.line("///");
    }
    text.line(&format!("/// GraphQL `input {}`.", order.graphql));
    if let Some(link) = &order.doc.link {
        text.line("///");
        text.line(&format!("/// [Reference]({link})"));
    }
    text.line(&format!("pub type {} = rt::Order<{}>;", order.rust, rust_type(&order.field)));
}

pub(super) fn enumeration(text: &mut Text, item: &Enum) {
    text.open("rt::open_enum! {");
    text.docs(&item.doc);
    text.line(&format!("{} = {}", item.rust, literal(&item.graphql)));
    text.see(&item.doc);
    text.end(" {");
    text.indented(|text| {
        for variant in &item.variants {
            text.docs(&variant.doc);
            if names::is_unusual(&variant.rust) {
                text.line("#[allow(non_camel_case_types, reason = \"two values differ in case only\")]");
            }
            text.line(&format!("{} = {},", variant.rust, literal(&variant.value)));
        }
    });
    text.line("}");
    text.close("}");
}
