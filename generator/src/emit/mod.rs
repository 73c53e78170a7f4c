//! Prints the representation as Rust. One module per construct; none of them decides anything.

mod calls;
mod docs;
mod inputs;
mod objects;
mod paging;
mod text;

use crate::conventions::NodeLookup;
use crate::ir::{Call, File, Ir, Operation};
use calls::Inputs;
pub(crate) use objects::inner;
use std::collections::{BTreeMap, BTreeSet};
#[cfg(feature = "command")]
pub(crate) use text::deprecated;
pub(crate) use text::{Text, list, rust_type};

/// What comes out: file names with their contents.
pub type Files = BTreeMap<String, String>;

/// All files of the generated folder.
pub(crate) fn files(ir: &Ir, preamble: &str) -> Files {
    let inputs = ir.files.values().flat_map(|file| &file.inputs);
    let inputs: Inputs<'_> = inputs.map(|input| (input.rust.as_str(), input)).collect();
    let files = ir.files.iter().map(|(name, file)| (format!("{name}.rs"), record(file, &inputs)));
    let files = files.chain([("mod.rs".to_owned(), index(ir))]);
    files.map(|(name, text)| (name, format!("// {preamble}\n\n{text}"))).collect()
}

/// The file of one record: its calls, the record with its payloads, and what is sent.
fn record(file: &File, inputs: &Inputs<'_>) -> String {
    let mut text = Text::default();
    about(&mut text, file);
    text.empty();
    names(&mut text, "use super::", &used(file).difference(&declared(file)).collect::<Vec<_>>());
    text.line("use xurrent_runtime as rt;");
    let item = |text: &mut Text, print: &dyn Fn(&mut Text)| {
        text.empty();
        print(text);
    };
    let (subscriptions, calls) = by_connection(file);
    if !calls.is_empty() {
        item(&mut text, &|text| calls::calls(text, &calls, inputs));
    }
    if !subscriptions.is_empty() {
        item(&mut text, &|text| calls::subscriptions(text, &subscriptions, inputs));
    }
    file.objects.iter().for_each(|it| item(&mut text, &|text| objects::object(text, it)));
    file.interfaces.iter().for_each(|it| item(&mut text, &|text| objects::interface(text, it)));
    for is_filter in [false, true] {
        let inputs = file.inputs.iter().filter(|input| input.is_filter == is_filter);
        inputs.for_each(|it| item(&mut text, &|text| inputs::input(text, it)));
    }
    file.orders.iter().for_each(|it| item(&mut text, &|text| inputs::order(text, it)));
    file.enums.iter().for_each(|it| item(&mut text, &|text| inputs::enumeration(text, it)));
    text.into_string()
}

/// The subscriptions of a file, and its other calls.
fn by_connection(file: &File) -> (Vec<&Call>, Vec<&Call>) {
    file.calls.iter().partition(|call| call.operation == Operation::Subscription)
}

/// The documentation of a record's module: the type that the others belong to, and the functions of the client.
/// These are for rustdoc only: links cost metadata.
fn about(text: &mut Text, file: &File) {
    let objects = file.objects.iter().chain(file.interfaces.iter().map(|it| &it.object)).map(|it| &it.rust);
    let sent = file.inputs.iter().map(|it| &it.rust).chain(file.orders.iter().map(|it| &it.rust));
    let main = objects.chain(file.enums.iter().map(|it| &it.rust)).chain(sent).next();
    text.line(&format!("//! `{}`.", main.map_or("Root", String::as_str)));
    let (subscriptions, calls) = by_connection(file);
    for (index, call) in calls.iter().enumerate() {
        let start = if index == 0 { "Functions: " } else { "" };
        let end = if index + 1 == calls.len() { "." } else { "," };
        let link = format!("[`{0}`](crate::Client::{0})", call.rust);
        text.line(&format!("#![cfg_attr(doc, doc = \"{start}{link}{end}\")]"));
    }
    for (index, call) in subscriptions.iter().enumerate() {
        if index == 0 {
            let start = "Functions with the feature `subscriptions` of `xurrent-runtime`:";
            text.line(&format!("#![cfg_attr(doc, doc = \"\\n{start}\")]"));
        }
        // Without links, since they may not be there.
        let end = if index + 1 == subscriptions.len() { "." } else { "," };
        text.line(&format!("#![cfg_attr(doc, doc = \"`Client::{}`{end}\")]", call.rust));
    }
}

/// `mod.rs`: every file, every name.
fn index(ir: &Ir) -> String {
    let mut text = Text::default();
    text.line(
        "//! Types of the schema: a module for each record, with its filters, views, orders and inputs.",
    );
    text.line("//!");
    text.line(
        "//! Each module lists the functions of [`Client`](crate::Client) that fetch and change its record.",
    );
    text.line("//! All types are at the root of the crate as well.");
    for root in ir.roots.iter().filter(|root| !root.left_out.is_empty()) {
        text.line("//!");
        let fields = root.left_out.join("`, `");
        text.line(&format!(
            "//! `{}` has fields without a function, since they return a root type: `{fields}`.",
            root.graphql
        ));
    }
    if ir.summary().subscriptions > 0 {
        text.line("//!");
        text.line("//! The schema has subscriptions: their functions, `Client::subscribe_..`, are there with the feature");
        text.line("//! `subscriptions` of the crate `xurrent-runtime`.");
    }
    text.empty();
    for name in ir.files.keys() {
        text.line(&format!("pub mod {name};"));
    }
    text.empty();
    for (name, file) in &ir.files {
        let declared = declared(file);
        if !declared.is_empty() {
            // Only for rustdoc: the compiler prefers paths without hidden names in its messages.
            text.line("#[cfg_attr(doc, doc(hidden))]");
            names(&mut text, &format!("pub use self::{name}::"), &declared.iter().collect::<Vec<_>>());
        }
    }
    for path in &ir.external {
        text.line("#[doc(inline)]");
        text.line(&format!("pub use ::{path};"));
    }
    text.empty();
    if let Some(lookup) = ir.node.as_ref().filter(|lookup| !lookup.is_usual()) {
        node_lookup(&mut text, lookup);
        text.empty();
    }
    text.line("/// Every root field that a function of the client calls.");
    text.line("#[doc(hidden)]");
    text.line("#[inline]");
    text.line("#[must_use]");
    text.open("pub fn root_fields() -> Vec<&'static ::xurrent_runtime::RootField> {");
    let roots = ir.files.iter().flat_map(|(name, file)| {
        let (subscriptions, calls) = by_connection(file);
        let calls = (!calls.is_empty()).then(|| format!("self::{name}::__RootFields::ALL"));
        let subscriptions =
            (!subscriptions.is_empty()).then(|| format!("self::{name}::__Subscriptions::ALL"));
        calls.into_iter().chain(subscriptions)
    });
    let roots: Vec<String> = roots.collect();
    list(&mut text, "[", &roots, "].concat()");
    text.close("}");
    for shape in &ir.paging.shapes {
        text.empty();
        paging::shape(&mut text, shape);
    }
    for root in &ir.roots {
        text.empty();
        objects::root(&mut text, root);
    }
    text.empty();
    select(&mut text, ir);
    text.into_string()
}

/// The query of records by their ids, which the declarations of records refer to.
fn node_lookup(text: &mut Text, lookup: &NodeLookup) {
    let NodeLookup { field, argument, argument_type, interface, id } = lookup;
    text.line("/// The query of a record by its id.");
    text.line("#[doc(hidden)]");
    text.line("pub const NODE_LOOKUP: &::xurrent_runtime::NodeLookup = &::xurrent_runtime::NodeLookup {");
    text.indented(|text| {
        let names = [("field", field), ("argument", argument), ("argument_type", argument_type)];
        for (name, value) in names.into_iter().chain([("interface", interface), ("id", id)]) {
            text.line(&format!("{name}: {value:?},"));
        }
    });
    text.line("};");
}

/// Declares the use of names, if there are any.
fn names(text: &mut Text, path: &str, names: &[&&str]) {
    match names {
        [] => {}
        [name] => text.line(&format!("{path}{name};")),
        names => list(text, &format!("{path}{{"), names, "};"),
    }
}

/// The macro that the derive of selections calls first: it has the names of all types.
fn select(text: &mut Text, ir: &Ir) {
    let files = ir.files.values();
    let types = files.flat_map(|file| file.objects.iter().chain(file.interfaces.iter().map(|it| &it.object)));
    let names: Vec<&str> = types.chain(&ir.roots).map(|object| object.graphql.as_str()).collect();
    text.line("#[doc(hidden)]");
    text.line("#[macro_export]");
    text.open("macro_rules! __select {");
    text.open("($($selection:tt)*) => {");
    text.open("$crate::select::select_type! {");
    list(text, "$crate [", &names, "]");
    if !ir.paging.settings.is_empty() {
        let settings: Vec<_> = ir.paging.settings.iter().map(|(name, it)| format!("{name}: {it}")).collect();
        list(text, "{ ", &settings, " }");
    }
    text.line("$($selection)*");
    text.close("}");
    text.close("};");
    text.close("}");
}

/// The Rust types that a file declares.
fn declared(file: &File) -> BTreeSet<&str> {
    let objects = file.objects.iter().chain(file.interfaces.iter().map(|it| &it.object));
    let enums = file.enums.iter().chain(file.interfaces.iter().map(|it| &it.types));
    let names = objects.map(|it| &it.rust).chain(enums.map(|it| &it.rust));
    let names =
        names.chain(file.orders.iter().map(|it| &it.rust)).chain(file.inputs.iter().map(|it| &it.rust));
    let markers = file.calls.iter().filter_map(|call| Some(&call.connection.as_ref()?.marker));
    names.chain(markers).map(String::as_str).collect()
}

/// The generated types that a file names.
fn used(file: &File) -> BTreeSet<&str> {
    let fields = file.objects.iter().flat_map(|it| &it.fields).filter(|field| field.section == "fields");
    let inputs = file.inputs.iter().flat_map(|it| &it.fields);
    let parameters = file.calls.iter().flat_map(|call| &call.parameters);
    let options = file.calls.iter().filter_map(|call| call.connection.as_ref()).flat_map(|it| &it.options);
    let types = fields.map(|field| &field.ty).chain(inputs.chain(parameters).map(|input| &input.ty));
    let types = types.chain(file.orders.iter().map(|order| &order.field));
    let types = types.chain(file.calls.iter().map(|call| &call.ty));
    let mut names = BTreeSet::new();
    types.chain(options.map(|option| &option.ty)).for_each(|ty| ty.collect(&mut names));
    names
}
