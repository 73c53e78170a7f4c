//! Schemas that differ from the one that the SDK is generated from.

use serde_json::{Value, json};

/// The checked-in schema, to be edited.
pub(crate) struct Edited(Value);

impl Edited {
    pub(crate) fn new() -> Self {
        Self(serde_json::from_str(&crate::sandboxed::schema()).unwrap())
    }

    pub(crate) fn json(&self) -> String {
        self.0.to_string()
    }

    fn types(&mut self) -> &mut Vec<Value> {
        let root = match self.0.get("data") {
            Some(_) => &mut self.0["data"],
            None => &mut self.0,
        };
        root["__schema"]["types"].as_array_mut().unwrap()
    }

    fn list(&mut self, ty: &str, list: &str) -> &mut Vec<Value> {
        let ty = self.types().iter_mut().find(|it| it["name"] == ty).unwrap();
        ty[list].as_array_mut().unwrap()
    }

    /// A field, as `Type.field`, of an output type.
    fn field(&mut self, path: &str) -> &mut Value {
        let (ty, name) = path.split_once('.').unwrap();
        self.list(ty, "fields").iter_mut().find(|it| it["name"] == name).unwrap()
    }

    pub(crate) fn remove(mut self, list: &str, path: &str) -> Self {
        let (ty, name) = path.split_once('.').unwrap();
        let list = self.list(ty, list);
        let before = list.len();
        list.retain(|it| it["name"] != name);
        assert_eq!(list.len(), before - 1, "{path}");
        self
    }

    pub(crate) fn remove_argument(mut self, path: &str, name: &str) -> Self {
        self.field(path)["args"].as_array_mut().unwrap().retain(|it| it["name"] != name);
        self
    }

    pub(crate) fn retype(mut self, path: &str, ty: Value) -> Self {
        self.field(path)["type"] = ty;
        self
    }

    pub(crate) fn deprecate(mut self, path: &str, reason: &str) -> Self {
        let field = self.field(path);
        field["isDeprecated"] = json!(true);
        field["deprecationReason"] = json!(reason);
        self
    }

    /// Adds an argument without a default.
    pub(crate) fn argument(mut self, path: &str, name: &str, ty: Value) -> Self {
        self.field(path)["args"].as_array_mut().unwrap().push(input(name, ty));
        self
    }

    /// Adds a field to an input object, or replaces it.
    pub(crate) fn input_field(mut self, ty: &str, name: &str, of: Value) -> Self {
        let list = self.list(ty, "inputFields");
        list.retain(|it| it["name"] != name);
        list.push(input(name, of));
        self
    }
}

fn input(name: &str, ty: Value) -> Value {
    json!({ "name": name, "description": null, "type": ty, "defaultValue": null, "isDeprecated": false, "deprecationReason": null })
}

pub(crate) fn named(kind: &str, name: &str) -> Value {
    json!({ "kind": kind, "name": name, "ofType": null })
}

pub(crate) fn non_null(ty: Value) -> Value {
    json!({ "kind": "NON_NULL", "name": null, "ofType": ty })
}

pub(crate) fn list(ty: Value) -> Value {
    json!({ "kind": "LIST", "name": null, "ofType": ty })
}
