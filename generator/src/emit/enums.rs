//! Enums, open to values that the schema does not have.

use super::objects::see;
use super::text::{Text, literal};
use crate::ir::Enum;

pub(super) fn enumeration(text: &mut Text, item: &Enum) {
    text.open("rt::open_enum! {");
    text.docs(&item.doc);
    text.line(&format!("{} = {}", item.rust, literal(&item.graphql)));
    see(text, &item.doc.link);
    text.end(" {");
    text.indented(|text| {
        for variant in &item.variants {
            text.docs(&variant.doc);
            text.line(&format!("{} = {},", variant.rust, literal(&variant.value)));
        }
    });
    text.line("}");
    text.close("}");
}
