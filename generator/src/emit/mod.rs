//! Prints the representation as Rust. One module per construct; none of them decides anything.

mod calls;
mod docs;
mod enums;
mod inputs;
mod objects;
mod text;

use crate::ir::{CallKind, File, Ir};
use crate::{Files, PREAMBLE};
use calls::Inputs;
use std::collections::BTreeSet;
pub(crate) use text::{Text, list};

/// All files of the generated folder.
pub(crate) fn files(ir: &Ir) -> Files {
    let inputs = ir.files.values().flat_map(|file| &file.inputs);
    let inputs: Inputs<'_> = inputs.map(|input| (input.rust.as_str(), input)).collect();
    let files = ir.files.iter().map(|(name, file)| (format!("{name}.rs"), record(file, &inputs)));
    files.chain([("mod.rs".to_owned(), index(ir))]).collect()
}

fn preamble() -> Text {
    let mut text = Text::default();
    text.line(PREAMBLE.trim_end());
    text.empty();
    text
}

/// The file of one record: its calls, the record with its payloads, and what is sent.
fn record(file: &File, inputs: &Inputs<'_>) -> String {
    let mut text = preamble();
    let imports: Vec<String> = file.imports.iter().cloned().collect();
    if !imports.is_empty() {
        names(&mut text, "use super::", &imports);
    }
    text.line("use xurrent_runtime as rt;");
    let item = |text: &mut Text, print: &dyn Fn(&mut Text)| {
        text.empty();
        print(text);
    };
    if !file.calls.is_empty() {
        item(&mut text, &|text| calls::calls(text, &file.calls, inputs));
    }
    file.objects.iter().for_each(|it| item(&mut text, &|text| objects::object(text, it)));
    file.interfaces.iter().for_each(|it| item(&mut text, &|text| objects::interface(text, it)));
    for is_filter in [false, true] {
        let inputs = file.inputs.iter().filter(|input| input.is_filter == is_filter);
        inputs.for_each(|it| item(&mut text, &|text| inputs::input(text, it)));
    }
    file.orders.iter().for_each(|it| item(&mut text, &|text| inputs::order(text, it)));
    file.enums.iter().for_each(|it| item(&mut text, &|text| enums::enumeration(text, it)));
    text.into_string()
}

/// `mod.rs`: every file, every name.
fn index(ir: &Ir) -> String {
    let mut text = preamble();
    text.line("//! Everything that the schema defines, a file for every record.");
    text.empty();
    for name in ir.files.keys() {
        text.line(&format!("mod {name};"));
    }
    text.empty();
    for (name, file) in &ir.files {
        let exported: Vec<String> = exported(file).into_iter().collect();
        if !exported.is_empty() {
            names(&mut text, &format!("pub use self::{name}::"), &exported);
        }
    }
    for path in &ir.external {
        text.line("#[doc(inline)]");
        text.line(&format!("pub use ::{path};"));
    }
    text.empty();
    text.line("/// Every root field that a function of the client calls.");
    text.line("#[doc(hidden)]");
    text.line("#[inline]");
    text.line("#[must_use]");
    text.open("pub fn root_fields() -> Vec<&'static ::xurrent_runtime::RootField> {");
    let roots = ir.files.iter().filter(|(_, file)| !file.calls.is_empty());
    let roots: Vec<String> = roots.map(|(name, _)| format!("self::{name}::__RootFields::ALL")).collect();
    list(&mut text, "[", &roots, "].concat()");
    text.close("}");
    for root in &ir.roots {
        text.empty();
        objects::root(&mut text, root);
    }
    text.empty();
    select(&mut text, ir);
    text.into_string()
}

fn names(text: &mut Text, path: &str, names: &[String]) {
    match names {
        [name] => text.line(&format!("{path}{name};")),
        names => list(text, &format!("{path}{{"), names, "};"),
    }
}

/// The macro that the derive of selections calls first: it has the names of all types.
fn select(text: &mut Text, ir: &Ir) {
    let files = ir.files.values();
    let types = files.flat_map(|file| {
        let objects = file.objects.iter().map(|object| &object.graphql);
        objects.chain(file.interfaces.iter().map(|interface| &interface.types.graphql))
    });
    let names: Vec<String> = types.chain(ir.roots.iter().map(|root| &root.graphql)).cloned().collect();
    text.line("#[doc(hidden)]");
    text.line("#[macro_export]");
    text.open("macro_rules! __select {");
    text.open("($($selection:tt)*) => {");
    text.open("$crate::__private::select_type! {");
    list(text, "$crate [", &names, "]");
    text.line("$($selection)*");
    text.close("}");
    text.close("};");
    text.close("}");
}

fn exported(file: &File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    names.extend(file.objects.iter().map(|it| it.rust.clone()));
    for it in &file.interfaces {
        names.extend([it.rust.clone(), it.types.rust.clone()]);
    }
    names.extend(file.enums.iter().map(|it| it.rust.clone()));
    names.extend(file.orders.iter().map(|it| it.rust.clone()));
    names.extend(file.inputs.iter().map(|it| it.rust.clone()));
    names.extend(file.calls.iter().filter_map(|call| match &call.kind {
        CallKind::Connection { marker, .. } => Some(marker.clone()),
        CallKind::Value(_) => None,
    }));
    names
}
