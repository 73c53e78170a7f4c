//! Property: when names are added to a schema, every Rust path keeps its meaning.
//!
//! The input is a schema with one name per line. The first letter of a line is the kind, the second one
//! is `.` for an old name. `o.Person` is an object, `e` an enum, `i` an input, `I` an interface of all
//! objects; `m` a field or value of the preceding type, `a` an argument of it; `q` a query, `u` a
//! mutation, `c` a query with pages of the preceding object, `A` an argument of it.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent_generator::{Config, Error, Generator};

#[derive(Clone)]
struct Named {
    name: String,
    added: bool,
    kind: u8,
    members: Vec<Named>,
}

/// A field of every type, so that no type is empty.
const BASE: &str = "zz_base";

fn name(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    let letter = |byte: &u8| match LETTERS.contains(byte) {
        true => char::from(*byte),
        false => char::from(LETTERS[usize::from(*byte) % LETTERS.len()]),
    };
    bytes.iter().take(40).map(letter).collect()
}

/// Adds a name, unless it is invalid or a duplicate.
fn add(to: &mut Vec<Named>, named: Named) {
    let is_name = !named.name.is_empty()
        && !named.name.starts_with("__")
        && !named.name.starts_with(|first: char| first.is_ascii_digit());
    // Reserved for this test.
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
                // A type has no two fields of one name.
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

/// The introspection result and the paths of its names.
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
    // The roots share a namespace, so each has its own base.
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

/// Generates; after a collision, renames the newer name and tries again. Returns `None` if neither name is
/// newer than those in `old`.
fn generate(json: &str, overrides: &mut Config, old: &BTreeSet<String>) -> Option<Generator> {
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
    let mut overrides = Config::default();
    let (json, old) = schema(&types, &roots, false);
    let Some(before) = generate(&json, &mut overrides, &BTreeSet::new()) else { return };
    let (json, _) = schema(&types, &roots, true);
    // Without renames the generator may refuse the schema. With or without, no path changes its meaning.
    let accepted = Generator::new(&json, &overrides).ok();
    for after in accepted.into_iter().chain(generate(&json, &mut overrides, &old)) {
        let after = after.names();
        for (path, meaning) in before.names() {
            // Nothing, if its name is contested now.
            let now = after.get(&path);
            assert!(now.is_none_or(|now| *now == meaning), "what {path} means, in\n{json}");
        }
    }
}
