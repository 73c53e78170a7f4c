//! Constants for connections.

use super::text::{Text, literal};
use crate::ir::ConnectionShape;

pub(super) fn shape(text: &mut Text, shape: &ConnectionShape) {
    let option = |name: &Option<String>| match name {
        Some(name) => format!("Some({})", literal(name)),
        None => "None".to_owned(),
    };
    let ConnectionShape { name, list, page_info, has_next_page, end_cursor, first, after, .. } = shape;
    text.line("#[doc(hidden)]");
    text.open(&format!(
        "pub const {name}: &::xurrent_runtime::ConnectionShape = &::xurrent_runtime::ConnectionShape {{"
    ));
    text.line(&format!("list: {},", literal(list)));
    text.line(&format!("node: {},", option(&shape.node)));
    text.line(&format!("page_info: {},", literal(page_info)));
    text.line(&format!("has_next_page: {},", literal(has_next_page)));
    text.line(&format!("end_cursor: {},", literal(end_cursor)));
    text.line(&format!("total_count: {},", option(&shape.total_count)));
    text.line(&format!("first: {},", literal(first)));
    text.line(&format!("after: {},", literal(after)));
    text.line(&format!("max_page_size: {},", shape.max_page_size));
    text.close("};");
}
