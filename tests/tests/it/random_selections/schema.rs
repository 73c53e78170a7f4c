//! The schema as the selections are grown from it: read from the introspection result alone.

use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) types: BTreeMap<String, Type>,
}

#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    /// The concrete types of an interface.
    pub(crate) possible: Vec<String>,
    pub(crate) is_abstract: bool,
    /// Whether `node(id:)` returns it.
    pub(crate) is_node: bool,
    /// Leaves first.
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The type inside; of a connection that of its nodes.
    pub(crate) base: String,
    pub(crate) kind: Kind,
    pub(crate) is_list: bool,
    pub(crate) is_nullable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Leaf,
    Object,
    Connection,
}

impl Schema {
    pub(crate) fn parse(text: &str) -> Self {
        let schema: Value = serde_json::from_str(text).unwrap();
        let described = schema["data"]["__schema"]["types"].as_array().unwrap();
        let find = |name: &str| described.iter().find(|ty| ty["name"] == name).unwrap();
        let named = |list: &Value| -> Vec<String> {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        let field = |field: &Value| {
            let required = |argument: &Value| argument["type"]["kind"] == "NON_NULL";
            if field["args"].as_array().unwrap().iter().any(required) {
                return None;
            }
            let mut ty = &field["type"];
            let is_nullable = ty["kind"] != "NON_NULL";
            let mut is_list = false;
            while ty["ofType"].is_object() {
                is_list |= ty["kind"] == "LIST";
                ty = &ty["ofType"];
            }
            let base = ty["name"].as_str().unwrap();
            let (base, kind) = match (ty["kind"].as_str().unwrap(), base.strip_suffix("Connection")) {
                ("SCALAR" | "ENUM", _) => (base.to_owned(), Kind::Leaf),
                (_, Some(_)) => {
                    let fields = find(base)["fields"].as_array().unwrap();
                    let nodes = fields.iter().find(|field| field["name"] == "nodes").unwrap();
                    (nodes["type"]["ofType"]["name"].as_str().unwrap().to_owned(), Kind::Connection)
                }
                _ => (base.to_owned(), Kind::Object),
            };
            let name = field["name"].as_str().unwrap().to_owned();
            Some(Field { name, base, kind, is_list, is_nullable })
        };
        let mut types = BTreeMap::new();
        for ty in described {
            let name = ty["name"].as_str().unwrap();
            let is_abstract = ty["kind"] == "INTERFACE" || ty["kind"] == "UNION";
            if name.starts_with("__") || !(is_abstract || ty["kind"] == "OBJECT") {
                continue;
            }
            let typename = Field {
                name: "__typename".to_owned(),
                base: "String".to_owned(),
                kind: Kind::Leaf,
                is_list: false,
                is_nullable: false,
            };
            let fields = ty["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
            let mut fields: Vec<Field> = fields.iter().filter_map(field).chain([typename]).collect();
            // The limits say how much was asked before, and payloads have a key for errors of their own.
            let is_payload = named(&ty["interfaces"]).contains(&"MutationPayload".to_owned());
            fields.retain(|field| field.base != "RateLimit" && !(is_payload && field.name == "errors"));
            fields.sort_by_key(|field| (field.kind, field.name == "__typename"));
            let is_node = !is_abstract && named(&ty["interfaces"]).contains(&"Node".to_owned());
            let possible = named(&ty["possibleTypes"]);
            let ty = Type { name: name.to_owned().leak(), possible, is_abstract, is_node, fields };
            types.insert(name.to_owned(), ty);
        }
        Self { types }
    }

    pub(crate) fn interfaces(&self) -> Vec<&Type> {
        self.types.values().filter(|ty| ty.is_abstract).collect()
    }

    /// Whether a record is among the types of an interface.
    pub(crate) fn has_nodes(&self, ty: &Type) -> bool {
        ty.possible.iter().any(|name| self.types[name].is_node)
    }
}
