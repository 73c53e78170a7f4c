//! Selections with `#[derive(Select)]`, made at random but always the same, and beside each the
//! document that a person would write for it. Names and arguments come from the schema, the types
//! of leaves from the generated structs.

use heck::ToSnakeCase;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rust types of the fields of generated structs, by the names of type and field in the schema.
pub(crate) type Leaves = BTreeMap<(String, String), String>;

const SELECTIONS: usize = 40;
const DEPTH: usize = 3;
const PAGE: &str = "totalCount pageInfo { hasNextPage endCursor }";

pub(crate) struct Selections<'a> {
    types: BTreeMap<&'a str, &'a Value>,
    leaves: &'a Leaves,
    state: u64,
    structs: usize,
    source: String,
}

/// What a field of the schema leads to.
enum Target<'a> {
    Leaf(String),
    /// Of this type; whether it is a list.
    Object(&'a str, bool),
    /// Of nodes of this type.
    Connection(&'a str),
}

impl<'a> Selections<'a> {
    pub(crate) fn new(schema: &'a Value, leaves: &'a Leaves) -> Self {
        let types = schema["data"]["__schema"]["types"].as_array().map(Vec::as_slice).unwrap_or_default();
        let types = types.iter().filter_map(|ty| Some((ty["name"].as_str()?, ty))).collect();
        Self { types, leaves, state: 0x5eed, structs: 0, source: String::new() }
    }

    /// The declarations, and calls that compare.
    pub(crate) fn write(mut self) -> Result<String, std::fmt::Error> {
        let roots: Vec<(String, &str)> = self
            .fields("Query")
            .into_iter()
            .filter_map(|(name, target)| match target {
                Target::Connection(node) => Some((name, node)),
                _ => None,
            })
            .collect();
        let mut calls = String::new();
        for index in 0..SELECTIONS {
            // All of them, one after the other, before one comes again.
            let (root, ty) = &roots[(index * 37) % roots.len()];
            let (name, fields) = self.structure(ty, "", 0);
            let function = root.to_snake_case();
            writeln!(
                calls,
                "    check.same(check.api.client.{function}().select::<{name}>().limit(5).all().await, {root:?}, {fields:?}).await;"
            )?;
        }
        let wide = self.wide("Request", 200)?;
        writeln!(
            calls,
            "    check.same(check.api.client.requests().select::<Wide>().limit(5).all().await, \"requests\", {wide:?}).await;"
        )?;
        writeln!(self.source, "async fn all(check: &mut Check) {{\n{calls}}}")?;
        Ok(self.source)
    }

    /// A number below `among`: SplitMix64.
    fn choose(&mut self, among: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default() % among
    }

    fn is_abstract(&self, ty: &str) -> bool {
        self.types[ty]["kind"] == "INTERFACE"
    }

    fn possible(&self, ty: &str) -> Vec<&'a str> {
        named(&self.types[ty]["possibleTypes"])
    }

    fn is_node(&self, ty: &str) -> bool {
        !self.is_abstract(ty) && named(&self.types[ty]["interfaces"]).contains(&"Node")
    }

    fn fields(&self, ty: &str) -> Vec<(String, Target<'a>)> {
        let fields = self.types[ty]["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        fields.iter().filter_map(|field| self.field(ty, field)).collect()
    }

    fn field(&self, on: &str, field: &'a Value) -> Option<(String, Target<'a>)> {
        let required = |argument: &Value| argument["type"]["kind"] == "NON_NULL";
        if field["args"].as_array()?.iter().any(required) {
            return None;
        }
        let name = field["name"].as_str()?;
        let (mut ty, mut is_list) = (&field["type"], false);
        while ty["ofType"].is_object() {
            is_list |= ty["kind"] == "LIST";
            ty = &ty["ofType"];
        }
        let base = ty["name"].as_str()?;
        let target = match (ty["kind"].as_str()?, base.strip_suffix("Connection")) {
            ("SCALAR" | "ENUM", _) => {
                // An interface has the fields of all its types.
                let of = self.possible(on).first().copied().unwrap_or(on);
                Target::Leaf(self.leaves.get(&(of.to_owned(), name.to_owned()))?.clone())
            }
            (_, Some(_)) => {
                let fields = self.types[base]["fields"].as_array()?;
                let nodes = fields.iter().find(|field| field["name"] == "nodes")?;
                Target::Connection(nodes["type"]["ofType"]["name"].as_str()?)
            }
            // The limits are not the same twice.
            _ if base == "RateLimit" => return None,
            _ => Target::Object(base, is_list),
        };
        Some((name.to_owned(), target))
    }

    /// A selection on a type: the name of its Rust type, and its fields for a document written by
    /// hand. Their keys begin with `prefix`.
    fn selection(&mut self, ty: &'a str, prefix: &str, depth: usize) -> (String, String) {
        match self.choose(4) {
            0 if self.is_node(ty) => (format!("xurrent::Ref<xurrent::{ty}>"), format!(" {prefix}id: id")),
            0..=2 if self.is_abstract(ty) => self.enumeration(ty, depth),
            _ => self.structure(ty, prefix, depth),
        }
    }

    fn enumeration(&mut self, ty: &'a str, depth: usize) -> (String, String) {
        let possible = self.possible(ty);
        let (mut variants, mut fields) = (String::new(), " __typename".to_owned());
        let mut chosen = BTreeSet::new();
        for _ in 0..=self.choose(3) {
            let variant = possible[self.choose(possible.len())];
            if chosen.insert(variant) {
                let prefix = format!("{variant}_");
                let (inner, text) = match self.is_node(variant) {
                    true => self.selection(variant, &prefix, depth + 1),
                    false => self.structure(variant, &prefix, depth + 1),
                };
                variants.push_str(&format!(" {variant}({inner}),"));
                fields.push_str(&format!(" ... on {variant} {{{text} }}"));
            }
        }
        let name = self.name();
        self.source
            .push_str(&format!("selection! {{ #[select(on = {ty})] enum {name} {{{variants} .. }} }}\n"));
        (name, fields)
    }

    fn name(&mut self) -> String {
        self.structs += 1;
        format!("Random{}", self.structs)
    }

    fn structure(&mut self, ty: &'a str, prefix: &str, depth: usize) -> (String, String) {
        self.structure_with(ty, prefix, depth, &mut BTreeSet::new())
    }

    fn structure_with(
        &mut self,
        ty: &'a str,
        prefix: &str,
        depth: usize,
        keys: &mut BTreeSet<String>,
    ) -> (String, String) {
        let mut all = self.fields(ty);
        if depth >= DEPTH {
            all.retain(|(_, target)| matches!(target, Target::Leaf(_)));
        }
        all.push(("__typename".to_owned(), Target::Leaf("String".to_owned())));
        // Fields that lead to an interface are rare: they get a chance of their own.
        let is_rare = |target: &Target<'_>| match target {
            Target::Object(ty, _) | Target::Connection(ty) => self.is_abstract(ty),
            Target::Leaf(_) => false,
        };
        let rare = all.iter().position(|(_, target)| is_rare(target));
        let (mut declared, mut text) = (String::new(), String::new());
        for _ in 0..2 + self.choose(4) {
            let index = match (rare, self.choose(2)) {
                (Some(rare), 0) => rare,
                _ => self.choose(all.len()),
            };
            let (name, target) = &all[index];
            let wanted = match self.choose(4) {
                0 => all[self.choose(all.len())].0.clone(),
                _ => name.clone(),
            };
            let mut key = if wanted.starts_with("__") { "kind".to_owned() } else { wanted.to_snake_case() };
            while !keys.insert(key.clone()) {
                key.push_str("_too");
            }
            let (options, arguments, rust, inner) = match target {
                Target::Leaf(rust) => (String::new(), String::new(), rust.clone(), None),
                Target::Object(ty, is_list) => {
                    let (rust, inner) = self.selection(ty, "", depth + 1);
                    let rust =
                        if *is_list { format!("Option<Vec<{rust}>>") } else { format!("Option<{rust}>") };
                    (String::new(), String::new(), rust, Some(inner))
                }
                Target::Connection(ty) => {
                    let (rust, inner) = self.selection(ty, "", depth + 1);
                    let argument = ["first", "last", "all"][self.choose(3)];
                    let count = 1 + self.choose(3);
                    let rust = match self.choose(3) {
                        0 => format!("xurrent::Connection<{rust}>"),
                        1 => format!("Option<Vec<{rust}>>"),
                        _ => format!("Vec<{rust}>"),
                    };
                    let inner = format!(" {PAGE} nodes {{{inner} }}");
                    let (options, arguments) = match argument {
                        // More than any list has.
                        "all" => (format!(", all, first = {count}"), "(first: 30)".to_owned()),
                        _ => (format!(", {argument} = {count}"), format!("({argument}: {count})")),
                    };
                    (options, arguments, rust, Some(inner))
                }
            };
            let ident = if key == "type" { "r#type" } else { &key };
            declared.push_str(&format!(" #[select(rename = {name:?}{options})] {ident}: {rust},"));
            text.push_str(&format!(" {prefix}{key}: {name}{arguments}"));
            if let Some(inner) = inner {
                text.push_str(&format!(" {{{inner} }}"));
            }
        }
        let mut flattened = String::new();
        if depth < DEPTH && self.choose(3) == 0 {
            for part in 0..=self.choose(2) {
                let key = format!("flat_{part}");
                let (inner, more) = self.structure_with(ty, prefix, depth + 1, keys);
                flattened.push_str(&format!(" {key}: {inner},"));
                text.push_str(&more);
            }
        }
        let name = self.name();
        let flattened = if flattened.is_empty() { String::new() } else { format!(" + {{{flattened} }}") };
        self.source.push_str(&format!(
            "selection! {{ #[select(on = {ty})] struct {name} {{{declared} }}{flattened} }}\n"
        ));
        (name, text)
    }

    /// One struct with so many fields: the leaves of the type, again and again.
    fn wide(&mut self, ty: &str, count: usize) -> Result<String, std::fmt::Error> {
        let leaves: Vec<_> = self.fields(ty);
        let leaves = leaves.iter().filter_map(|(name, target)| match target {
            Target::Leaf(rust) => Some((name, rust)),
            _ => None,
        });
        let leaves: Vec<_> = leaves.collect();
        let (mut declared, mut text) = (String::new(), String::new());
        for (index, (name, rust)) in leaves.iter().cycle().take(count).enumerate() {
            write!(declared, " #[select(rename = {name:?})] field_{index}: {rust},")?;
            write!(text, " field_{index}: {name}")?;
        }
        writeln!(self.source, "selection! {{ #[select(on = {ty})] struct Wide {{{declared} }} }}")?;
        Ok(text)
    }
}

fn named(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|item| item["name"].as_str()).collect()
}
