//! Differences between random schemas, found a second time: in the introspection results, without the generator.

use super::property::{Input, Outcome, kind};
use super::random_schema::Random;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use xurrent_generator::diff::Diff;
use xurrent_generator::{Config, Generator};

/// What a thing is part of, and all that can differ about it.
type Thing = (String, String);

/// Everything with a path in an introspection result.
struct Flat(BTreeMap<String, Thing>);

impl Flat {
    fn of(json: &str) -> Self {
        let json: Value = serde_json::from_str(json).unwrap();
        let schema = json.pointer("/data/__schema").or(json.get("__schema")).unwrap();
        let mut flat = Self(BTreeMap::new());
        let is_own = |ty: &&Value| {
            let name = ty["name"].as_str().unwrap();
            !name.starts_with("__") && !["Int", "Float", "String", "Boolean", "ID"].contains(&name)
        };
        for ty in schema["types"].as_array().unwrap().iter().filter(is_own) {
            flat.ty(ty);
        }
        for it in items(&schema["directives"]) {
            let path = format!("@{}", name(it));
            let mut locations: Vec<_> = items(&it["locations"]).map(Value::to_string).collect();
            locations.sort_unstable();
            let repeatable = it["isRepeatable"] == true;
            flat.add(&path, "", it, &format!("{locations:?} {repeatable}"));
            flat.arguments(it, &path);
        }
        flat
    }

    fn ty(&mut self, ty: &Value) {
        let owner = name(ty);
        self.add(
            owner,
            "",
            ty,
            &format!("{} {} {}", ty["kind"], ty["specifiedByURL"], ty["isOneOf"] == true),
        );
        for field in items(&ty["fields"]) {
            let path = format!("{owner}.{}", name(field));
            self.add(&path, owner, field, &field["type"].to_string());
            self.arguments(field, &path);
        }
        for part in items(&ty["inputFields"]).chain(items(&ty["enumValues"])) {
            let path = format!("{owner}.{}", name(part));
            self.add(&path, owner, part, &format!("{} {}", part["type"], part["defaultValue"]));
        }
        for it in items(&ty["interfaces"]) {
            self.add(&format!("{owner} implements {}", name(it)), owner, &Value::Null, "");
        }
        for it in items(&ty["possibleTypes"]).filter(|_| ty["kind"] == "UNION") {
            self.add(&format!("{owner} = {}", name(it)), owner, &Value::Null, "");
        }
    }

    fn arguments(&mut self, of: &Value, owner: &str) {
        for it in items(&of["args"]) {
            let path = format!("{owner}({}:)", name(it));
            self.add(&path, owner, it, &format!("{} {}", it["type"], it["defaultValue"]));
        }
    }

    fn add(&mut self, path: &str, owner: &str, thing: &Value, text: &str) {
        let description = thing["description"].as_str().map(str::trim);
        let reason = thing["deprecationReason"].as_str();
        let text = format!("{text} {description:?} {} {reason:?}", thing["isDeprecated"] == true);
        self.0.insert(path.to_owned(), (owner.to_owned(), text));
    }

    /// The paths at which another schema differs. What is in a new thing, or was in one that is gone, is not listed.
    fn differences(&self, other: &Self) -> BTreeSet<String> {
        let lacks = |a: &Self, b: &Self| -> Vec<String> {
            let is_held = |owner: &String| owner.is_empty() || b.0.contains_key(owner);
            let lacking = a.0.iter().filter(|(path, (owner, _))| !b.0.contains_key(*path) && is_held(owner));
            lacking.map(|(path, _)| path.clone()).collect()
        };
        let differing = self
            .0
            .iter()
            .filter(|(path, (_, text))| other.0.get(*path).is_some_and(|(_, other)| other != text));
        let differing = differing.map(|(path, _)| path.clone());
        differing.chain(lacks(self, other)).chain(lacks(other, self)).collect()
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

/// Asserts that the diff lists all paths at which two introspection results differ, and returns how many.
pub(crate) fn assert_listed(old: &str, new: &str, diff: &Diff) -> usize {
    let differences = Flat::of(old).differences(&Flat::of(new));
    let listed: BTreeSet<&str> = diff.changes().iter().map(|change| change.path.as_str()).collect();
    let missing: Vec<_> = differences.iter().filter(|path| !listed.contains(path.as_str())).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}; listed: {listed:?}");
    differences.len()
}

/// Edits a random schema, and compares it in both directions.
pub(super) fn check_differences(seed: u64) -> Outcome {
    let input = Input::new(seed);
    let mut random = Random::new(seed);
    let mut value: Value = serde_json::from_str(&input.json).unwrap();
    for _ in 0..=random.below(12) {
        edit(&mut value, &mut random);
    }
    let (old, new) = (&input.json, &value.to_string());
    let generators = [old, new].map(|json| Generator::new(json, &Config::default()));
    let [before, after] = match generators {
        [Ok(before), Ok(after)] => [before, after],
        [Err(error), _] | [_, Err(error)] => return Outcome::Refused(kind(&error)),
    };
    assert_listed(old, new, &Diff::between(&before, &after));
    assert_listed(new, old, &Diff::between(&after, &before));
    Outcome::Generated
}

/// One edit of a type or of something in it.
fn edit(schema: &mut Value, random: &mut Random) {
    let Some(types) = schema.pointer_mut("/data/__schema/types").and_then(Value::as_array_mut) else {
        return;
    };
    let index = random.below(types.len());
    let ty = &mut types[index];
    if name(ty).starts_with("__") {
        return;
    }
    let list = ["fields", "inputFields", "enumValues", "interfaces", "possibleTypes"];
    let list = *random.pick(&list);
    let Some(parts) = ty[list].as_array_mut().filter(|parts| !parts.is_empty()) else {
        ty["description"] = json!("Another description.");
        return;
    };
    let at = random.below(parts.len());
    let is_reference = matches!(list, "interfaces" | "possibleTypes");
    if parts.len() > 1 && (is_reference || random.one_in(3)) {
        parts.remove(at);
        return;
    }
    if is_reference {
        return;
    }
    let part = &mut parts[at];
    let argument = part["args"].as_array().map_or(0, Vec::len);
    if argument > 0 && random.one_in(2) {
        let arguments = part["args"].as_array_mut().unwrap();
        let at = random.below(argument);
        match random.one_in(2) {
            true => _ = arguments.remove(at),
            false => edit_part(&mut arguments[at], random),
        }
    } else {
        edit_part(part, random);
    }
}

fn edit_part(part: &mut Value, random: &mut Random) {
    match random.below(5) {
        0 => part["description"] = json!("Another description."),
        1 => {
            part["isDeprecated"] = json!(true);
            part["deprecationReason"] = json!("Use another one.");
        }
        2 if part["defaultValue"].is_string() => part["defaultValue"] = Value::Null,
        3 if part["type"]["kind"] == "NON_NULL" => part["type"] = part["type"]["ofType"].take(),
        4 if part["type"].is_object() => {
            part["type"] = json!({"kind": "SCALAR", "name": "Boolean", "ofType": null})
        }
        _ if part["type"].is_object() && part["type"]["kind"] != "NON_NULL" => {
            part["type"] = json!({"kind": "NON_NULL", "name": null, "ofType": part["type"].take()});
        }
        _ => part["description"] = Value::Null,
    }
}
