//! Names that are added to a schema: every Rust path goes on to mean what it meant.
//!
//! The input is a schema, a line for each name. The first letter of a line says what has the name, the
//! second one whether it is there from the beginning (`.`) or was added later. `o.Person` is an object,
//! `e` an enum, `i` an input, `I` an interface of all objects; `m` a field or a value of the type before
//! it, `a` an argument of that; `q` a query, `u` a mutation, `c` a query with pages of the object before
//! it, `A` an argument of that.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent_generator::{Error, Generator, Overrides};

#[derive(Clone)]
struct Named {
    name: String,
    added: bool,
    kind: u8,
    members: Vec<Named>,
}

/// A field that everything has, so that nothing is empty.
const BASE: &str = "zz_base";

fn name(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    let letter = |byte: &u8| match LETTERS.contains(byte) {
        true => char::from(*byte),
        false => char::from(LETTERS[usize::from(*byte) % LETTERS.len()]),
    };
    bytes.iter().take(40).map(letter).collect()
}

/// Adds a name, unless it is none or there already. Nothing is there before what has it.
fn add(to: &mut Vec<Named>, named: Named) {
    let is_name = !named.name.is_empty()
        && !named.name.starts_with("__")
        && !named.name.starts_with(|first: char| first.is_ascii_digit());
    // Names of this test itself begin like that.
    let is_ours = named.name.trim_start_matches('_').to_ascii_lowercase().starts_with("zz");
    if is_name && !is_ours && to.iter().all(|other| other.name != named.name) {
        to.push(named);
    }
}

fn read(input: &[u8]) -> (Vec<Named>, Vec<Named>) {
    let (mut types, mut roots) = (Vec::<Named>::new(), Vec::<Named>::new());
    for line in input.split(|byte| *byte == b'\n').take(60) {
        let [kind, added, rest @ ..] = line else { continue };
        let named = Named { name: name(rest), added: *added != b'.', kind: *kind, members: Vec::new() };
        match kind {
            b'o' | b'e' | b'i' | b'I' if !matches!(&*named.name, "Query" | "Mutation") => {
                add(&mut types, named);
            }
            b'm' => {
                if let Some(ty) = types.last_mut() {
                    add(&mut ty.members, named);
                }
            }
            b'a' => {
                if let Some(ty) = types.last_mut().filter(|ty| ty.kind == b'o')
                    && let Some(member) = ty.members.last_mut()
                {
                    add(&mut member.members, named);
                }
            }
            b'q' | b'u' | b'c' => {
                // Two fields of one name in one type are no schema.
                let same = |root: &&Named| (root.kind == b'u') == (*kind == b'u') && root.name == named.name;
                if roots.iter().find(same).is_none() {
                    let mut new = Vec::new();
                    add(&mut new, named);
                    roots.append(&mut new);
                }
            }
            b'A' => {
                if let Some(root) = roots.last_mut() {
                    add(&mut root.members, named);
                }
            }
            _ => {}
        }
    }
    (types, roots)
}

fn ty(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "name": name, "ofType": null})
}

fn arguments(named: &[Named], all: bool) -> Value {
    let there = named.iter().filter(|it| all || !it.added);
    there.map(|it| json!({"name": it.name, "type": ty("SCALAR", "String"), "defaultValue": null})).collect()
}

fn fields(named: &[Named], base: &str, all: bool) -> Value {
    let there = named.iter().filter(|it| all || !it.added);
    let field = |it: &Named| {
        let of = if it.kind == b'c' { ty("OBJECT", "Zz9Connection") } else { ty("SCALAR", "String") };
        json!({"name": it.name, "args": arguments(&it.members, all), "type": of})
    };
    there.map(field).chain([json!({"name": base, "args": [], "type": ty("SCALAR", "String")})]).collect()
}

/// The introspection result, and the paths of everything in it that has a name.
fn schema(types: &[Named], roots: &[Named], all: bool) -> (String, BTreeSet<String>) {
    let there = || types.iter().filter(|ty| all || !ty.added);
    let objects: Vec<Value> = there().filter(|it| it.kind == b'o').map(|it| ty("OBJECT", &it.name)).collect();
    let node = types.iter().find(|it| it.kind == b'o' && !it.added);
    let mut paths = BTreeSet::new();
    let mut described = Vec::new();
    for it in there() {
        paths.insert(it.name.clone());
        add_paths(&mut paths, &it.name, &it.members, all);
        let (kind, members) = match it.kind {
            b'o' => ("OBJECT", json!({"fields": fields(&it.members, BASE, all), "interfaces": []})),
            b'I' => {
                let possible: Vec<_> = objects.iter().cloned().chain([ty("OBJECT", "Zz9Base")]).collect();
                ("INTERFACE", json!({"fields": fields(&it.members, BASE, all), "possibleTypes": possible}))
            }
            b'e' => {
                let values: Vec<_> = it.members.iter().filter(|member| all || !member.added).collect();
                let values = values.iter().map(|value| json!({"name": value.name}));
                ("ENUM", json!({"enumValues": values.chain([json!({"name": BASE})]).collect::<Vec<_>>()}))
            }
            _ => ("INPUT_OBJECT", json!({"inputFields": inputs(&it.members, all)})),
        };
        let mut object = json!({"kind": kind, "name": it.name});
        object.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        described.push(object);
    }
    // The two roots share their functions, so each has a base of its own.
    for (root, is_mutation, base) in [("Query", false, BASE), ("Mutation", true, "zz_change")] {
        let of_root = |it: &&Named| (it.kind == b'u') == is_mutation;
        let of_root: Vec<Named> = roots.iter().filter(of_root).cloned().collect();
        add_paths(&mut paths, root, &of_root, all);
        let fields = fields(&of_root, base, all);
        described.push(json!({"kind": "OBJECT", "name": root, "fields": fields, "interfaces": []}));
    }
    let node = node.map_or("Zz9Base", |node| node.name.as_str());
    let list = json!({"kind": "LIST", "name": null, "ofType": ty("OBJECT", node)});
    described.extend([
        json!({"kind": "OBJECT", "name": "Zz9Base", "fields": fields(&[], BASE, all), "interfaces": []}),
        json!({"kind": "OBJECT", "name": "Zz9Connection", "interfaces": [], "fields": [
            {"name": "nodes", "args": [], "type": list},
            {"name": "pageInfo", "args": [], "type": ty("OBJECT", "Zz9PageInfo")},
        ]}),
        json!({"kind": "OBJECT", "name": "Zz9PageInfo", "interfaces": [], "fields": [
            {"name": "hasNextPage", "args": [], "type": ty("SCALAR", "Boolean")},
            {"name": "endCursor", "args": [], "type": ty("SCALAR", "String")},
        ]}),
    ]);
    let roots = (json!({"name": "Query"}), json!({"name": "Mutation"}));
    let json = json!({"__schema": {"queryType": roots.0, "mutationType": roots.1, "types": described}});
    (json.to_string(), paths)
}

fn add_paths(paths: &mut BTreeSet<String>, owner: &str, named: &[Named], all: bool) {
    for it in named.iter().filter(|it| all || !it.added) {
        let path = format!("{owner}.{}", it.name);
        add_paths(paths, &path, &it.members, all);
        paths.insert(path);
    }
}

fn inputs(named: &[Named], all: bool) -> Value {
    let Value::Array(mut inputs) = arguments(named, all) else { return Value::Null };
    inputs.push(json!({"name": BASE, "type": ty("SCALAR", "String"), "defaultValue": null}));
    inputs.into()
}

/// Generates, and follows the advice of every refusal: the newer one of two names gets another one.
/// Nothing where neither is newer than what is in `old`, as when a type that is made for a new one cannot
/// hold the names of two old ones.
fn generate(json: &str, overrides: &mut Overrides, old: &BTreeSet<String>) -> Option<Generator> {
    loop {
        match Generator::new(json, overrides) {
            Ok(generator) => return Some(generator),
            Err(Error::Collision { first, second, .. }) => {
                let is_newer = |path: &String| !old.contains(path) && !overrides.renames.contains_key(path);
                let newer = [second, first].into_iter().find(is_newer)?;
                let number = overrides.renames.len();
                let is_type = !newer.contains('.');
                let name = if is_type { format!("Zz9Renamed{number}") } else { format!("zz9_{number}") };
                overrides.renames.insert(newer, name);
            }
            Err(Error::LongName { .. }) => return None,
            Err(error) => panic!("{error}\n{json}"),
        }
    }
}

pub(crate) fn check(input: &[u8]) {
    let (types, roots) = read(input);
    let mut overrides = Overrides::default();
    let (json, old) = schema(&types, &roots, false);
    let Some(before) = generate(&json, &mut overrides, &BTreeSet::new()) else { return };
    let (json, _) = schema(&types, &roots, true);
    // Refused as it is, or nothing has changed its meaning; and so it is with the renames.
    let accepted = Generator::new(&json, &overrides).ok();
    for after in accepted.into_iter().chain(generate(&json, &mut overrides, &old)) {
        let after = after.names();
        for (path, meaning) in before.names() {
            assert_eq!(after.get(&path), Some(&meaning), "what {path} means, in\n{json}");
        }
    }
}
