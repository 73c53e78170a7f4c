//! Writes the parts of the tests that nobody wants to type: a call of every function of the client,
//! and a comparison of every field of every struct with raw JSON.
//!
//! Read from the declarations in the generated source with a parser, not from the tables that the SDK itself
//! decodes with.

#[path = "build/declarations.rs"]
mod declarations;
#[path = "build/selections.rs"]
mod selections;

use declarations::{Call, Calls, Enum, Object};
use selections::{Leaves, Selections};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error, fs};
use syn::Item;

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
    /// The types of all fields: those of leaves are what a selection has to write.
    leaves: Leaves,
}

type Done = Result<(), Box<dyn error::Error>>;

impl Source {
    fn item(&mut self, item: &Item) -> Done {
        let Item::Macro(item) = item else { return Ok(()) };
        let Some(name) = item.mac.path.segments.last() else { return Ok(()) };
        match name.ident.to_string().as_str() {
            "object" => self.object(&item.mac.parse_body()?),
            "open_enum" | "interface" => self.enumeration(&item.mac.parse_body()?),
            "calls" => item.mac.parse_body::<Calls>()?.0.iter().try_for_each(|call| self.call(call)),
            _ => Ok(()),
        }
    }

    fn object(&mut self, object: &Object) -> Done {
        let Object { is_node, name, graphql, fields } = object;
        writeln!(self.impls, "impl Raw for xurrent::{name} {{")?;
        writeln!(self.impls, "    fn same(&self, raw: &Value, place: &str) {{")?;
        let mut keys = Vec::new();
        for field in fields {
            let (ident, key) = (&field.name, field.wire.clone());
            writeln!(self.impls, "        self.{ident}.seen({:?}, {key:?});", name.to_string())?;
            writeln!(self.impls, "        self.{ident}.same(&raw[{key:?}], &format!(\"{{place}}.{key}\"));")?;
            writeln!(self.fields, "    ({:?}, {key:?}),", name.to_string())?;
            let ty = text(&field.ty).replace(' ', "").replace("rt::", "xurrent::");
            self.leaves.insert((name.to_string(), key.clone()), ty);
            keys.push(key);
        }
        writeln!(self.impls, "        assert_keys(raw, &{keys:?}, place);\n    }}\n}}")?;
        if *is_node {
            writeln!(self.nodes, "    check.node::<xurrent::{name}>({graphql:?}).await;")?;
        }
        Ok(())
    }

    fn enumeration(&mut self, Enum(name): &Enum) -> Done {
        writeln!(self.impls, "impl Raw for xurrent::{name} {{")?;
        writeln!(self.impls, "    fn same(&self, raw: &Value, place: &str) {{")?;
        writeln!(
            self.impls,
            "        assert_eq!(raw.as_str(), Some(self.as_str()), \"{{place}}\");\n    }}\n}}"
        )?;
        Ok(())
    }

    fn call(&mut self, call: &Call) -> Done {
        let Call { section, name, wire, parameter } = call;
        match (section.as_str(), parameter) {
            ("mutations", Some(input)) => {
                let input = text(input);
                writeln!(self.mutations, "    let input: xurrent::{input} = check.input({wire:?});")?;
                writeln!(self.mutations, "    check.value({wire:?}, check.client.{name}(input).await);")?;
            }
            ("connections", _) => {
                writeln!(self.queries, "    check.page({wire:?}, check.client.{name}()).await;")?;
            }
            _ => writeln!(self.queries, "    check.value({wire:?}, check.client.{name}().await);")?,
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
