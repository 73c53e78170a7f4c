//! Writes the parts of the tests that nobody wants to type: a call of every function of the client,
//! and a comparison of every field of every struct with raw JSON.
//!
//! Read from the generated source with a parser, and from the wire names in its documentation:
//! not from the tables that the SDK itself decodes with.

#[path = "build/selections.rs"]
mod selections;

use selections::{Leaves, Selections};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error, fs};
use syn::{Attribute, Expr, Fields, FnArg, ImplItem, ImplItemFn, Item, Lit, Meta, ReturnType};

fn main() -> Result<(), Box<dyn error::Error>> {
    let generated = Path::new("../sdk/src/generated");
    println!("cargo:rerun-if-changed={}", generated.display());
    let mut source = Source::default();
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(generated)? {
        files.push(entry?.path());
    }
    files.sort();
    for file in files.iter().filter(|file| !file.ends_with("mod.rs")) {
        for item in syn::parse_file(&fs::read_to_string(file)?)?.items {
            source.item(&item)?;
        }
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("raw_types.rs"), &source.impls)?;
    let schema = Path::new("../schema.json");
    println!("cargo:rerun-if-changed={}", schema.display());
    let schema = serde_json::from_str(&fs::read_to_string(schema)?)?;
    fs::write(out.join("selections.rs"), Selections::new(&schema, &source.leaves).write()?)?;
    fs::write(out.join("every_operation.rs"), source.calls()?)?;
    Ok(())
}

#[derive(Default)]
struct Source {
    impls: String,
    fields: String,
    queries: String,
    mutations: String,
    nodes: String,
    /// The names in the schema of the structs, by their own.
    types: BTreeMap<String, String>,
    /// The types of all fields: those of leaves are what a selection has to write.
    leaves: Leaves,
}

type Done = Result<(), Box<dyn error::Error>>;

impl Source {
    fn item(&mut self, item: &Item) -> Done {
        match item {
            Item::Struct(item) => {
                if let Fields::Named(fields) = &item.fields {
                    let name = &item.ident;
                    self.types.extend(type_name(&item.attrs).map(|graphql| (name.to_string(), graphql)));
                    writeln!(self.impls, "impl Raw for xurrent::{name} {{")?;
                    writeln!(self.impls, "    fn same(&self, raw: &Value, place: &str) {{")?;
                    let mut keys = Vec::new();
                    for field in &fields.named {
                        let Some(ident) = &field.ident else { continue };
                        let key = wire_name(&field.attrs)
                            .ok_or_else(|| format!("{name}.{ident} has no wire name"))?;
                        writeln!(self.impls, "        self.{ident}.seen({:?}, {key:?});", name.to_string())?;
                        writeln!(
                            self.impls,
                            "        self.{ident}.same(&raw[{key:?}], &format!(\"{{place}}.{key}\"));"
                        )?;
                        writeln!(self.fields, "    ({:?}, {key:?}),", name.to_string())?;
                        let ty = text(&field.ty).replace(' ', "").replace("rt::", "xurrent::");
                        self.leaves.insert((name.to_string(), key.clone()), ty);
                        keys.push(key);
                    }
                    writeln!(self.impls, "        assert_keys(raw, &{keys:?}, place);\n    }}\n}}")?;
                }
            }
            Item::Enum(item) if !item.variants.is_empty() => {
                let name = &item.ident;
                writeln!(self.impls, "impl Raw for xurrent::{name} {{")?;
                writeln!(self.impls, "    fn same(&self, raw: &Value, place: &str) {{")?;
                writeln!(
                    self.impls,
                    "        assert_eq!(raw.as_str(), Some(self.as_str()), \"{{place}}\");\n    }}\n}}"
                )?;
            }
            Item::Impl(item) => {
                let ty = text(&item.self_ty);
                match &item.trait_ {
                    None if ty == "crate :: Client" => {
                        for item in &item.items {
                            if let ImplItem::Fn(function) = item {
                                self.call(function)?;
                            }
                        }
                    }
                    Some((path, _)) if text(path) == "rt :: Fetch" => {
                        let name = self.types.get(&ty).ok_or_else(|| format!("{ty} names no type"))?;
                        writeln!(self.nodes, "    check.node::<xurrent::{ty}>({name:?}).await;")?;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn call(&mut self, function: &ImplItemFn) -> Done {
        let name = &function.sig.ident;
        let wire = root_field(&function.attrs).ok_or_else(|| format!("{name} names no root field"))?;
        let ReturnType::Type(_, output) = &function.sig.output else { return Ok(()) };
        let parameters: Vec<_> =
            function.sig.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).collect();
        if text(output).starts_with("rt :: Mutation") {
            let parameter = parameters.into_iter().map(text).collect::<String>();
            let input = parameter.split(['<', ',']).nth(1).unwrap_or_default().trim().to_owned();
            writeln!(self.mutations, "    let input: xurrent::{input} = check.input({wire:?});")?;
            writeln!(self.mutations, "    check.value({wire:?}, check.client.{name}(input).await);")?;
        } else if text(output).starts_with("rt :: ConnectionQuery") {
            writeln!(self.queries, "    check.page({wire:?}, check.client.{name}()).await;")?;
        } else {
            writeln!(self.queries, "    check.value({wire:?}, check.client.{name}().await);")?;
        }
        Ok(())
    }

    fn calls(self) -> Result<String, std::fmt::Error> {
        let Self { fields, queries, mutations, nodes, .. } = self;
        let mut source = String::new();
        writeln!(source, "/// Every field of every struct.\nconst FIELDS: &[(&str, &str)] = &[\n{fields}];")?;
        for (name, calls) in [("queries", queries), ("mutations", mutations), ("nodes", nodes)] {
            writeln!(
                source,
                "/// {} calls.",
                calls.matches("check.value").count()
                    + calls.matches("check.page").count()
                    + calls.matches("check.node").count()
            )?;
            writeln!(source, "async fn all_{name}(check: &Check) {{\n{calls}}}")?;
        }
        Ok(source)
    }
}

fn text(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn doc_lines(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// From a line like `` `jobTitle: String` ``.
fn wire_name(attributes: &[Attribute]) -> Option<String> {
    let lines = doc_lines(attributes);
    lines.filter_map(|line| Some(line.trim().strip_prefix('`')?.split_once(": ")?.0.to_owned())).last()
}

/// From a line like ``GraphQL `type Person`.``.
fn type_name(attributes: &[Attribute]) -> Option<String> {
    doc_lines(attributes)
        .find_map(|line| Some(line.split_once("`type ")?.1.split(['`', ' ']).next()?.to_owned()))
}

/// From a line like ``GraphQL `query people(...): PersonConnection!`.``.
fn root_field(attributes: &[Attribute]) -> Option<String> {
    doc_lines(attributes).find_map(|line| {
        let (_, signature) = line.split_once("`query ").or_else(|| line.split_once("`mutation "))?;
        Some(signature.split(['(', ':']).next()?.to_owned())
    })
}
