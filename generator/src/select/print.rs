//! Rust source for selections: structs, enums and functions.

use super::error::{SelectError, error};
use super::resolve::{Operation, Part, Selected};
use crate::emit::{Text, list};
use crate::ir::{Ir, OutputField, RustType};
use crate::names;
use apollo_compiler::ast::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Attributes of a field that an argument cannot be named like.
const ATTRIBUTES: [&str; 6] = ["all", "arguments", "default", "flatten", "rename", "required"];

/// The arguments by which a connection is paged.
const PAGING: [&str; 4] = ["after", "before", "first", "last"];

/// The source of all operations so far.
pub(super) struct Source<'a> {
    pub(super) ir: &'a Ir,
    /// Names that are imported from the SDK.
    imports: BTreeSet<String>,
    /// Declared types: their text without the name, by name.
    types: BTreeMap<String, String>,
    /// Items in the order in which they are read.
    items: Vec<String>,
}

/// Variables of an operation: name and Rust type.
type Variables = Vec<(String, String)>;

impl<'a> Source<'a> {
    pub(super) fn new(ir: &'a Ir) -> Self {
        Self { ir, imports: BTreeSet::new(), types: BTreeMap::new(), items: Vec::new() }
    }

    /// The whole text; none without an operation.
    pub(super) fn finish(self, sdk: &str) -> Option<String> {
        if self.items.is_empty() {
            return None;
        }
        let imports: Vec<_> = self.imports.into_iter().collect();
        let mut text = Text::default();
        list(&mut text, &format!("use {sdk}::{{"), &imports, "};");
        let mut text = text.into_string();
        for item in self.items {
            let _ = write!(text, "\n{}", item.replace("SDK::", &format!("{sdk}::")));
        }
        Some(text)
    }

    pub(super) fn operation(&mut self, operation: &Operation<'_>) -> Result<(), SelectError> {
        self.imports.extend(["Client", "Select"].map(str::to_owned));
        let at = self.items.len();
        let call = match operation.root.fields.as_slice() {
            [field] => self.call(operation, field)?,
            _ => None,
        };
        let function = call.map_or_else(|| self.whole(operation), Ok)?;
        self.items.insert(at, function);
        Ok(())
    }

    /// A struct for the whole operation, and a function that sends it.
    fn whole(&mut self, operation: &Operation<'_>) -> Result<String, SelectError> {
        let mut variables = Variables::new();
        let name = names::type_name(operation.name.as_deref().unwrap_or("Operation"));
        let variables_name = format!("{name}Variables");
        let at = self.items.len();
        if self.types.insert(name.clone(), String::new()).is_some() {
            return error(format!(
                "rename the operation `{name}`: a type of that name is selected before it"
            ));
        }
        let fields = self.fields(&operation.root, &name, &mut Some(&mut variables))?;
        let (attribute, parameter, argument) = match variables.is_empty() {
            true => (String::new(), String::new(), "()"),
            false => (
                format!(", variables = {variables_name}"),
                format!(", variables: {variables_name}"),
                "variables",
            ),
        };
        let root = &operation.root.rust;
        let mut items = vec![declaration(&format!("on = {root}{attribute}"), "struct", &name, &fields)];
        if !variables.is_empty() {
            let fields: String =
                variables.iter().map(|(name, ty)| format!("    pub {name}: {ty},\n")).collect();
            items.push(format!("pub struct {variables_name} {{\n{fields}}}\n"));
        }
        self.items.splice(at..at, items);
        let function = names::snake(operation.name.as_deref().unwrap_or("operation"));
        let keyword = operation.keyword;
        Ok(format!(
            "pub async fn {function}(client: &Client{parameter}) -> SDK::Result<{name}> {{\n    \
             client.{keyword}::<{name}>({argument}).await\n}}\n"
        ))
    }

    /// Declares a type for a selection, and returns its name.
    pub(super) fn selection(
        &mut self,
        selected: &Selected<'_>,
        parent: Option<&str>,
    ) -> Result<String, SelectError> {
        let at = self.items.len();
        let mut fields = self.fields(selected, &selected.rust, &mut None)?;
        let mut variants = String::new();
        for variant in &selected.variants {
            let ty = self.selection(variant, Some(&selected.rust))?;
            let _ = writeln!(variants, "    {}({ty}),", variant.rust);
        }
        let attribute = format!("on = {}", selected.graphql);
        if !variants.is_empty() {
            variants.push_str("    #[select(other)]\n    Other(String),\n");
            if fields.is_empty() {
                return Ok(self.declare(at, &attribute, "enum", &selected.rust, parent, &variants));
            }
            let of =
                self.declare(at, &attribute, "enum", &format!("{}Type", selected.rust), parent, &variants);
            let _ = writeln!(fields, "    #[select(flatten)]\n    pub of_type: {of},");
        }
        Ok(self.declare(at, &attribute, "struct", &selected.rust, parent, &fields))
    }

    /// Adds a declaration before the ones it uses, unless the same exists.
    fn declare(
        &mut self,
        at: usize,
        attribute: &str,
        keyword: &str,
        name: &str,
        parent: Option<&str>,
        body: &str,
    ) -> String {
        let content = format!("{attribute} {body}");
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let of_parent = parent.map(|parent| format!("{parent}{name}"));
        let names = std::iter::once(name.to_owned()).chain(of_parent).chain(numbered);
        for name in names.filter(|name| !self.imports.contains(name)) {
            match self.types.get(&name) {
                Some(existing) if *existing == content => return name,
                Some(_) => {}
                None => {
                    self.items.insert(at, declaration(attribute, keyword, &name, body));
                    self.types.insert(name.clone(), content);
                    return name;
                }
            }
        }
        name.to_owned()
    }

    fn fields(
        &mut self,
        selected: &Selected<'_>,
        parent: &str,
        variables: &mut Option<&mut Variables>,
    ) -> Result<String, SelectError> {
        let mut text = String::new();
        for field in &selected.fields {
            let mut attributes = Vec::new();
            let (name, graphql, ty) = match &field.part {
                Part::TypeName => ("typename".to_owned(), "__typename", "String".to_owned()),
                Part::Leaf(declared) => {
                    (declared.rust.clone(), declared.graphql.as_str(), self.rust(&declared.ty))
                }
                Part::Object(declared, inner) => {
                    let ty = self.selection(inner, Some(parent))?;
                    (declared.rust.clone(), declared.graphql.as_str(), replaced(&declared.ty, &ty))
                }
                Part::Connection(declared, inner, is_whole) => {
                    let ty = self.selection(inner, Some(parent))?;
                    let ty = match is_whole {
                        true => format!("{}<{ty}>", self.import("Connection")),
                        false => format!("Vec<{ty}>"),
                    };
                    if !field.arguments.iter().any(|(name, _)| name == "first" || name == "last") {
                        attributes.push("all".to_owned());
                    }
                    (declared.rust.clone(), declared.graphql.as_str(), ty)
                }
            };
            let is_aliased = field.key != graphql;
            let name =
                if is_aliased && graphql != "__typename" { raw(&names::snake(&field.key)) } else { name };
            if is_aliased || graphql == "__typename" {
                attributes.insert(0, format!("rename = {graphql:?}"));
            }
            for (argument, value) in &field.arguments {
                let declared = match &field.part {
                    Part::Object(declared, _) | Part::Leaf(declared) | Part::Connection(declared, ..) => {
                        declared
                    }
                    Part::TypeName => return error("`__typename` has no arguments"),
                };
                attributes.push(self.argument(declared, argument, value, variables)?);
            }
            if !attributes.is_empty() {
                let _ = writeln!(text, "    #[select({})]", attributes.join(", "));
            }
            let _ = writeln!(text, "    pub {name}: {ty},");
        }
        Ok(text)
    }

    /// An argument as an attribute.
    fn argument(
        &mut self,
        field: &OutputField,
        name: &str,
        value: &Value,
        variables: &mut Option<&mut Variables>,
    ) -> Result<String, SelectError> {
        let path = format!("`{}({name}:)`", field.graphql);
        let is_connection = matches!(field.ty, RustType::Nodes { .. });
        let declared = field.arguments.iter().map(|(it, _)| it).find(|it| it.argument.name == name);
        if declared.is_none() && !(is_connection && PAGING.contains(&name)) {
            return error(format!("the schema has no argument {path}"));
        }
        let value = match (value, variables) {
            (Value::Variable(variable), Some(variables)) => {
                let ident = raw(variable);
                if !variables.iter().any(|(name, _)| *name == ident) {
                    let ty = match (declared, name) {
                        (Some(argument), _) => self.rust(&argument.ty),
                        (None, "first" | "last") => "i64".to_owned(),
                        (None, _) => "String".to_owned(),
                    };
                    variables.push((ident.clone(), ty));
                }
                format!("${ident}")
            }
            (Value::Variable(_), None) => {
                return error(format!(
                    "{path} of a nested field is a variable: write a constant, or use `client.raw`"
                ));
            }
            (value, _) => constant(value).ok_or_else(|| {
                SelectError(format!("{path} is an input object: pass it as a variable of the operation"))
            })?,
        };
        Ok(match ATTRIBUTES.contains(&name) {
            true => format!("arguments({name} = {value})"),
            false => format!("{name} = {value}"),
        })
    }

    pub(super) fn variant(&self, of: &str, value: &str) -> Result<&'a str, SelectError> {
        let mut enums = self.ir.files.values().flat_map(|file| &file.enums);
        let variants = enums.find(|it| it.rust == of).map_or(&[][..], |it| &it.variants);
        match variants.iter().find(|variant| variant.value == value) {
            Some(variant) => Ok(&variant.rust),
            None => error(format!("no value `{value}` in `{of}`")),
        }
    }

    pub(super) fn import(&mut self, name: &str) -> String {
        self.imports.insert(name.to_owned());
        name.to_owned()
    }

    pub(super) fn rust(&mut self, ty: &RustType) -> String {
        match ty {
            RustType::Scalar(kind) => match kind.rust_type().strip_prefix("rt::") {
                Some(name) => self.import(name),
                None => kind.rust_type().to_owned(),
            },
            RustType::Path(path) => match path.strip_prefix("crate::") {
                Some(path) => {
                    self.import(path);
                    path.rsplit("::").next().unwrap_or(path).to_owned()
                }
                None => path.clone(),
            },
            RustType::Generated(name) | RustType::Nodes { node: name, .. } => self.import(name),
            RustType::Ref(name, id) if id.is_id() => {
                format!("{}<{}>", self.import("Ref"), self.import(name))
            }
            RustType::Ref(name, id) => {
                format!("{}<{}, {}>", self.import("Ref"), self.import(name), self.rust(id))
            }
            RustType::Filter { values, ranges } => {
                let filter = self.import(if *ranges { "RangeFilter" } else { "Filter" });
                format!("{filter}<{}>", self.rust(values))
            }
            RustType::List(inner) => format!("Vec<{}>", self.rust(inner)),
            RustType::Nullable(inner) => format!("Option<{}>", self.rust(inner)),
        }
    }
}

fn declaration(attribute: &str, keyword: &str, name: &str, body: &str) -> String {
    format!("#[derive(Debug, Select)]\n#[select({attribute})]\npub {keyword} {name} {{\n{body}}}\n")
}

/// A type with another innermost type.
pub(super) fn replaced(ty: &RustType, inner: &str) -> String {
    match ty {
        RustType::List(item) => format!("Vec<{}>", replaced(item, inner)),
        RustType::Nullable(item) => format!("Option<{}>", replaced(item, inner)),
        _ => inner.to_owned(),
    }
}

/// A name as an identifier of Rust.
fn raw(name: &str) -> String {
    if names::is_identifier(name) { name.to_owned() } else { format!("r#{name}") }
}

/// A value as an attribute writes it; none for input objects.
fn constant(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Enum(name) => raw(name),
        Value::String(text) => format!("{text:?}"),
        Value::Float(number) => number.as_str().to_owned(),
        Value::Int(number) => number.as_str().to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::List(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| constant(item)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Variable(_) | Value::Object(_) => return None,
    })
}
