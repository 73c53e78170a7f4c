//! Input types: input objects, optional arguments and orders.

use super::objects::see;
use super::text::{Text, declared, literal, rust_type};
use crate::ir::{Input, InputField, Order};

pub(super) fn input(text: &mut Text, item: &Input) {
    text.open("rt::input! {");
    text.docs(&item.doc);
    match item.is_arguments {
        true => text.line(&format!("{} = arguments {}", item.rust, literal(&item.graphql))),
        false => text.line(&format!("{} = {}", item.rust, literal(&item.graphql))),
    }
    see(text, &item.doc.link);
    for (section, required) in [("required", true), ("optional", false)] {
        let mut fields = item.fields.iter().filter(|field| field.required == required).peekable();
        if fields.peek().is_some() {
            text.open(&format!("{section} {{"));
            fields.for_each(|item| field(text, item));
            text.close("}");
        }
    }
    text.close("}");
}

fn field(text: &mut Text, field: &InputField) {
    text.docs(&field.doc);
    text.line(&format!("{}: {} =", field.rust, rust_type(&field.ty)));
    let end = if field.required || field.nullable { "," } else { " (NonNull)," };
    text.and(&format!(" {}{end}", declared(&field.line)));
}

pub(super) fn order(text: &mut Text, order: &Order) {
    if order.doc.description.is_some() {
        text.docs(&order.doc);
        text.line("///");
    }
    text.line(&format!("/// GraphQL `input {}`.", order.graphql));
    if let Some(link) = &order.doc.link {
        text.line("///");
        text.line(&format!("/// [Reference]({link})"));
    }
    text.line(&format!("pub type {} = rt::Order<{}>;", order.rust, rust_type(&order.field)));
}
