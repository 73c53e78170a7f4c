//! Damage to an introspection result, and where it is.

use super::random_schema::Random;
use serde_json::{Map, Value, json};

/// A damaged introspection result.
pub(super) struct Damaged {
    pub(super) json: String,
    /// A type in which something is damaged, with the field; nothing for damage elsewhere.
    pub(super) places: Vec<Vec<String>>,
}

/// Damages one to three places.
pub(super) fn damage(json: &str, random: &mut Random) -> Damaged {
    let mut value: Value = serde_json::from_str(json).unwrap();
    let mut places = Vec::new();
    for _ in 0..[1, 1, 1, 2, 3][random.below(5)] {
        let mut place = Vec::new();
        if random.one_in(4) {
            swap_kinds(&mut value, random, &mut place);
        } else {
            edit(value.pointer_mut("/data/__schema").unwrap(), 0, random, &mut place);
        }
        places.push(place);
    }
    Damaged { json: value.to_string(), places }
}

/// Gives a type the kind of another one.
fn swap_kinds(value: &mut Value, random: &mut Random, place: &mut Vec<String>) {
    let Some(types) = value.pointer_mut("/data/__schema/types").and_then(Value::as_array_mut) else { return };
    if types.is_empty() {
        return;
    }
    let (from, to) = (random.below(types.len()), random.below(types.len()));
    let kind = types[from].get("kind").cloned().unwrap_or_default();
    place.extend(name(&types[to]));
    if let Some(ty) = types[to].as_object_mut() {
        ty.insert("kind".to_owned(), kind);
    }
}

fn name(value: &Value) -> Option<String> {
    value.get("name")?.as_str().map(str::to_owned)
}

/// Changes something in a value. The place is the names of the type and the field around it.
fn edit(value: &mut Value, depth: usize, random: &mut Random, place: &mut Vec<String>) {
    // References to types have names as well, which are not those of places.
    let is_place =
        value.get("args").is_some() || value.get("kind").is_some_and(|_| value.get("fields").is_some());
    if let Some(name) = name(value).filter(|_| is_place) {
        place.push(name);
    }
    match value {
        Value::Array(items) if !items.is_empty() => {
            let index = random.below(items.len());
            let named = name(&items[index]).filter(|_| items[index].get("ofType").is_none());
            match random.below(8 + 4 * usize::from(depth < 2)) {
                0 => _ = items.remove(index),
                1 => items.push(items[index].clone()),
                2 => items[index] = anything(random),
                _ => return edit(&mut items[index], depth + 1, random, place),
            }
            place.extend(named);
        }
        Value::Object(fields) if !fields.is_empty() => edit_object(fields, depth, random, place),
        other => *other = anything(random),
    }
}

fn edit_object(fields: &mut Map<String, Value>, depth: usize, random: &mut Random, place: &mut Vec<String>) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    // Most of a schema is in its types.
    let key = if depth == 0 && !random.one_in(4) { "types" } else { random.pick::<String>(&keys) };
    match (random.below(8), fields.get_mut(key)) {
        (0, _) => _ = fields.remove(key),
        (1, Some(value)) if key == "type" => *value = deep(value.take(), random),
        (1, Some(value)) => *value = anything(random),
        (_, Some(value)) => edit(value, depth + 1, random, place),
        (_, None) => {}
    }
}

/// The type in many lists.
fn deep(mut ty: Value, random: &mut Random) -> Value {
    for _ in 0..[5, 31, 32, 33, 60, 140, 2_000][random.below(7)] {
        ty = json!({"kind": random.pick(&["LIST", "NON_NULL"]), "name": null, "ofType": ty});
    }
    ty
}

fn anything(random: &mut Random) -> Value {
    let ty = |kind: &str, name: &str| json!({"kind": kind, "name": name, "ofType": null});
    match random.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1.5),
        3 => json!(""),
        4 => json!("Gone"),
        5 => json!("a-b"),
        6 => json!("__Type"),
        7 => json!([]),
        8 => json!({}),
        9 => json!(*random.pick(&["OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "SCALAR", "LIST"])),
        10 => json!(*random.pick(&["Query", "Node", "String", "PageInfo", "id"])),
        11 => ty("OBJECT", "Gone"),
        12 => ty("SCALAR", "String"),
        13 => ty("INPUT_OBJECT", "Query"),
        14 => json!([ty("OBJECT", "Query"), ty("OBJECT", "Query")]),
        _ => {
            json!({"kind": "NON_NULL", "name": "x", "ofType": {"kind": "NON_NULL", "ofType": ty("ENUM", "ID")}})
        }
    }
}

/// The schema definition language with pieces of it removed, repeated or moved.
pub(super) fn edited(sdl: &str, random: &mut Random) -> String {
    let mut pieces: Vec<String> =
        sdl.split_inclusive([' ', '\n', '(', ')', ':', '!', '[', ']']).map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        let (from, to) = (random.below(pieces.len()), random.below(pieces.len()));
        match random.below(5) {
            0 => _ = pieces.remove(from),
            1 => pieces.insert(to, pieces[from].clone()),
            2 => pieces.swap(from, to),
            3 => pieces[from] = "[".repeat([1, 40, 2_000][random.below(3)]),
            _ => {
                let text =
                    ["!", "{", "}", "\"", "\"\"\"", "extend type Query { a: Int }", "@deprecated", "\0", "é"];
                pieces.insert(to, (*random.pick(&text)).to_owned());
            }
        }
    }
    pieces.concat()
}
