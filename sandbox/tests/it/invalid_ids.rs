//! Every mutation refuses blank subjects and ids of missing or wrong records, wherever they stand.

use crate::schema::{engine, first_values, run};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use xurrent_sandbox::{Engine, node_id};

struct Schema {
    inputs: BTreeMap<String, Value>,
    /// A value of each list of values.
    lists: BTreeMap<String, Value>,
    /// Name, type of the input.
    mutations: Vec<(String, String)>,
}

fn read(engine: &Engine) -> Schema {
    let data = run(
        engine,
        "{ __schema { mutationType { fields { name args { type { ofType { name } } } } }
           types { name kind enumValues { name }
             inputFields { name type { ...T } } } } }
         fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }",
    );
    let schema = &data["__schema"];
    let types = schema["types"].as_array().unwrap();
    Schema {
        lists: first_values(),
        inputs: types.iter().map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone())).collect(),
        mutations: schema["mutationType"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| {
                let input = field["args"][0]["type"]["ofType"]["name"].as_str().unwrap();
                (field["name"].as_str().unwrap().to_owned(), input.to_owned())
            })
            .collect(),
    }
}

fn inner(ty: &Value) -> &str {
    ty["name"].as_str().unwrap_or_else(|| inner(&ty["ofType"]))
}

fn is_list(ty: &Value) -> bool {
    ty["kind"] == "LIST" || (!ty["ofType"].is_null() && is_list(&ty["ofType"]))
}

impl Schema {
    fn fields(&self, input: &str) -> Vec<(&str, &Value)> {
        let fields = self.inputs[input]["inputFields"].as_array().unwrap();
        fields.iter().map(|field| (field["name"].as_str().unwrap(), &field["type"])).collect()
    }

    /// The smallest object the schema allows. Ids in it are of nothing.
    fn smallest(&self, input: &str) -> Map<String, Value> {
        let required = self.fields(input).into_iter().filter(|(_, ty)| ty["kind"] == "NON_NULL");
        required.map(|(name, ty)| (name.to_owned(), self.some_value(ty))).collect()
    }

    fn some_value(&self, ty: &Value) -> Value {
        let of = inner(ty);
        let one = match (of, self.inputs[of]["enumValues"][0]["name"].as_str()) {
            (_, Some(value)) => json!(value),
            _ if let Some(value) = self.lists.get(of) => value.clone(),
            ("Int" | "Decimal" | "MonetaryAmount", _) => json!(5),
            ("Boolean", _) => json!(true),
            ("ISO8601Timestamp", _) => json!("2025-05-05T05:05:05Z"),
            ("ISO8601Date", _) => json!("2025-05-05"),
            ("ISO8601Time", _) => json!("05:05"),
            _ if self.inputs[of]["kind"] == "INPUT_OBJECT" => Value::Object(self.smallest(of)),
            _ => json!("text"),
        };
        if is_list(ty) { json!([one]) } else { one }
    }

    /// Inputs that hold one id each, down to the depth the schema goes, with the path to it.
    fn with_one_id(&self, input: &str, id: &str, depth: u8) -> Vec<(Vec<String>, Map<String, Value>)> {
        let mut found = Vec::new();
        for (name, ty) in self.fields(input) {
            let of = inner(ty);
            let mut put = |below: Vec<String>, value: Value| {
                let mut path = vec![name.to_owned()];
                let mut object = self.smallest(input);
                if is_list(ty) {
                    path.push("0".to_owned());
                    object.insert(name.to_owned(), json!([value]));
                } else {
                    object.insert(name.to_owned(), value);
                }
                path.extend(below);
                found.push((path, object));
            };
            if of == "ID" {
                put(Vec::new(), json!(id));
            } else if self.inputs[of]["kind"] == "INPUT_OBJECT" && depth < 5 {
                for (below, value) in self.with_one_id(of, id, depth + 1) {
                    put(below, Value::Object(value));
                }
            }
        }
        found
    }
}

fn complaints(
    engine: &Engine,
    name: &str,
    input_type: &str,
    input: &Map<String, Value>,
) -> Vec<(Vec<String>, String)> {
    let query =
        format!("mutation($i: {input_type}!) {{ {name}(input: $i) {{ errors {{ path message }} }} }}");
    let response = engine.execute(&json!({ "query": query, "variables": { "i": input } }));
    assert!(response.get("errors").is_none(), "{name} {input:?}: {response}");
    let errors = response["data"][name]["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|error| (error["path"].as_array().unwrap().iter().map(text).collect(), text(&error["message"])))
        .collect()
}

/// Whether one of the complaints is about a place or something above it.
fn is_about(complaints: &[(Vec<String>, String)], path: &[String]) -> bool {
    complaints.iter().any(|(refused, _)| !refused.is_empty() && path.starts_with(refused))
}

/// An id that is known where the mutation looks for its record first, so that it looks further.
fn settle_own_id(name: &str, path: &[String], input: &mut Map<String, Value>) {
    let record = ["UpdateVisibility", "Update", "Delete", "Publish", "MarkAsReviewed"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    if let (Some(record), false) = (record, path == ["id"])
        && input.contains_key("id")
    {
        let upper = format!("{}{}", record[..1].to_uppercase(), &record[1..]);
        input.insert("id".to_owned(), json!(node_id(&upper, 1)));
    }
}

#[test]
fn unknown_ids_are_refused_everywhere() {
    let engine = engine();
    let schema = read(&engine);
    let mut count = 0;
    for unknown in ["nonsense".to_owned(), node_id("Person", 99_999)] {
        for (name, input_type) in &schema.mutations {
            for (path, mut input) in schema.with_one_id(input_type, &unknown, 0) {
                settle_own_id(name, &path, &mut input);
                let complaints = complaints(&engine, name, input_type, &input);
                assert!(is_about(&complaints, &path), "{name} {path:?} took {unknown}: {complaints:?}");
                count += 1;
            }
        }
    }
    assert!(count > 1_500, "{count}");
}

/// No input field asks for a sync set, so its id is of the wrong type everywhere.
#[test]
fn ids_of_a_wrong_type_are_refused_everywhere() {
    let engine = engine();
    let schema = read(&engine);
    let id = node_id("SyncSet", 1);
    assert_eq!(
        run(&engine, &format!("{{ node(id: \"{id}\") {{ __typename }} }}"))["node"]["__typename"],
        "SyncSet"
    );
    for (name, input_type) in &schema.mutations {
        for (path, mut input) in schema.with_one_id(input_type, &id, 0) {
            settle_own_id(name, &path, &mut input);
            let complaints = complaints(&engine, name, input_type, &input);
            assert!(is_about(&complaints, &path), "{name} {path:?} took the id of a sync set");
        }
    }
}

#[test]
fn blank_subjects_are_refused_everywhere() {
    let engine = engine();
    let schema = read(&engine);
    let mut count = 0;
    for (name, input_type) in &schema.mutations {
        if !schema.fields(input_type).iter().any(|(field, _)| *field == "subject") {
            continue;
        }
        for blank in ["", " \t"] {
            let mut input = schema.smallest(input_type);
            settle_own_id(name, &["subject".to_owned()], &mut input);
            input.insert("subject".to_owned(), json!(blank));
            let complaints = complaints(&engine, name, input_type, &input);
            let expected = (vec!["subject".to_owned()], "Subject cannot be blank".to_owned());
            assert!(complaints.contains(&expected), "{name}: {complaints:?}");
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}
