//! A call of a root field of the schema: in the documentation of the crate, and as a program.

use super::options::Package;
use crate::config::{Account, Authentication, Client, ScalarKind};
use crate::ir::{Call, Ir, Operation, RustType};

/// A root field that an example can call: one whose parameters are texts and numbers, or none.
pub(super) struct Example<'a>(Option<&'a Call>);

impl<'a> Example<'a> {
    /// The simplest root field: a connection before a query before a mutation, without parameters if possible.
    pub(super) fn of(ir: &'a Ir) -> Self {
        let calls = ir.files.values().flat_map(|file| &file.calls);
        let possible =
            calls.filter(|call| call.doc.deprecation.is_none() && call.operation == Operation::Query);
        let possible = possible.filter(|call| call.parameters.iter().all(|it| parsed(&it.ty).is_some()));
        Self(possible.min_by_key(|call| (call.parameters.len(), call.connection.is_none())))
    }

    /// The example in the documentation of the crate.
    pub(super) fn documentation(&self, krate: &str, client: &Client) -> String {
        let values = self.parameters().map(|(_, ty)| match ty {
            "i64" => "1",
            "f64" => "1.0",
            "bool" => "true",
            _ => "\"value\"",
        });
        let settings = settings(client, |name| match name {
            "ENDPOINT" => "\"https://api.example.com/graphql\"".to_owned(),
            name => format!("\"{}\"", name.to_ascii_lowercase()),
        });
        format!(
            "Typed client for a GraphQL API, generated from its schema.\n\n```no_run\n\
             # async fn example() -> {krate}::Result<()> {{\n\
             let client = {krate}::Client::builder(){}{}\n# Ok(())\n# }}\n```\n\n{ABOUT}",
            chain(&settings, ""),
            self.call("", &values.collect::<Vec<_>>().join(", "))
        )
    }

    /// The example as a program.
    pub(super) fn program(&self, package: &Package, client: &Client) -> String {
        let mut variables = Vec::new();
        let settings = settings(client, |name| {
            let variable = package.variable(name);
            let value = format!("variable(\"{variable}\")?");
            variables.push(variable);
            value
        });
        let exports: Vec<String> = variables.iter().map(|variable| format!("{variable}=...")).collect();
        let names: Vec<String> =
            self.parameters().map(|(name, _)| format!(" {}", name.to_uppercase())).collect();
        let (names, krate) = (names.concat(), package.rust_name());
        let what = self.0.map_or("the type of the root", |call| call.field.name.as_str());
        let mut lines = String::new();
        if !variables.is_empty() {
            lines
                .push_str("    let variable = |name| env::var(name).map_err(|_| format!(\"set {name}\"));\n");
        }
        if !names.is_empty() {
            lines.push_str("    let mut arguments = env::args().skip(1);\n");
            lines.push_str("    let mut argument =\n        |name| arguments.next().ok_or_else(|| format!(\"missing argument {name}\"));\n");
        }
        for (name, ty) in self.parameters() {
            let parse = if ty == "String" { "" } else { &format!(".parse::<{ty}>()?") };
            lines.push_str(&format!("    let {name} = argument(\"{}\")?{parse};\n", name.to_uppercase()));
        }
        let mut uses = vec!["std::error::Error".to_owned(), format!("{krate}::Client")];
        uses.extend((!lines.is_empty()).then(|| "std::env".to_owned()));
        uses.sort();
        let uses: String = uses.iter().map(|path| format!("use {path};\n")).collect();
        let export =
            if exports.is_empty() { String::new() } else { format!("//! export {}\n", exports.join(" ")) };
        let separator = if names.is_empty() { "" } else { " --" };
        let values: Vec<_> = self.parameters().map(|(name, _)| name).collect();
        format!(
            "//! Calls `{what}` and prints what it returns.\n//!\n//! ```sh\n{export}\
             //! cargo run --example first_call{separator}{names}\n//! ```\n\n\
             {uses}\n#[tokio::main]\nasync fn main() -> Result<(), Box<dyn Error>> {{\n{lines}    \
             let client = Client::builder(){}{}    Ok(())\n}}\n",
            chain(&settings, "    "),
            self.call("    ", &values.join(", "))
        )
    }

    /// The parameters of the root field, with the Rust types that they are parsed as.
    fn parameters(&self) -> impl Iterator<Item = (&'a str, &'static str)> {
        let parameters = self.0.map_or(&[] as &[_], |call| &call.parameters);
        parameters.iter().filter_map(|it| Some((it.rust.as_str(), parsed(&it.ty)?)))
    }

    fn call(&self, indent: &str, values: &str) -> String {
        match self.0 {
            None => format!(
                "{indent}let root = client.raw(\"{{ __typename }}\", ()).await?;\n\
                 {indent}println!(\"{{}}\", root.as_text());\n"
            ),
            Some(call) if call.connection.is_some() => format!(
                "{indent}let mut records = client.{}({values}).limit(10).stream();\n\
                 {indent}while let Some(record) = records.try_next().await? {{\n\
                 {indent}    println!(\"{{record:#?}}\");\n{indent}}}\n",
                call.rust
            ),
            Some(call) => format!(
                "{indent}let result = client.{}({values}).await?;\n{indent}println!(\"{{result:#?}}\");\n",
                call.rust
            ),
        }
    }
}

/// The settings of a client that its API needs, as calls of the builder. `value` has their values by name.
fn settings(client: &Client, mut value: impl FnMut(&str) -> String) -> Vec<String> {
    let mut settings = Vec::new();
    if client.endpoint.is_none() {
        settings.push(format!(".endpoint({})", value("ENDPOINT")));
    }
    if client.authentication != Authentication::None {
        settings.push(format!(".personal_access_token({})", value("TOKEN")));
    }
    if let Some(Account { method, .. }) = &client.account {
        settings.push(format!(".{method}({})", value(&method.to_ascii_uppercase())));
    }
    settings
}

/// The rest of a chain of calls, as rustfmt breaks it: in one line if the builder has no settings.
fn chain(settings: &[String], indent: &str) -> String {
    match settings {
        [] => ".build()?;\n".to_owned(),
        settings => {
            let lines = settings.iter().map(String::as_str).chain([".build()?;"]);
            let lines = lines.map(|line| format!("\n{indent}    {line}"));
            format!("{}\n", lines.collect::<String>())
        }
    }
}

/// The Rust type that an argument of the command line is parsed as, for a parameter of this type.
fn parsed(ty: &RustType) -> Option<&'static str> {
    match ty {
        RustType::Scalar(ScalarKind::String | ScalarKind::Id) => Some("String"),
        RustType::Scalar(ScalarKind::Int) => Some("i64"),
        RustType::Scalar(ScalarKind::Float) => Some("f64"),
        RustType::Scalar(ScalarKind::Boolean) => Some("bool"),
        _ => None,
    }
}

/// The end of the documentation of the crate.
const ABOUT: &str = "\
[`Client`] has a function for every query and every mutation; [`types`] has a module for each record. All types
are at the root of the crate as well. [`derive@Select`] selects fields of your own, checked by the compiler.
";
