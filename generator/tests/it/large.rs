//! Large schemas: nothing recurses along chains and cycles, and default selections have limits.

use crate::case::introspection;
use serde_json::{Value, json};
use xurrent_generator::{Config, Generator};

/// How many types a large schema has.
const TYPES: usize = 10_000;

/// The introspection result of numbered types, each with a name and a field `next`, which leads to another one.
fn chain(next: impl Fn(usize) -> Option<usize>) -> String {
    let field = |name: &str, kind: &str, ty: &str| json!({"name": name, "type": {"kind": kind, "name": ty}});
    let object = |name: &str, fields: Vec<Value>| json!({"kind": "OBJECT", "name": name, "fields": fields});
    let link = |link| field("next", "OBJECT", &format!("T{link}"));
    let types = (0..TYPES).map(|ty| {
        let name = field("name", "SCALAR", "String");
        object(&format!("T{ty}"), [name].into_iter().chain(next(ty).map(link)).collect())
    });
    let types: Vec<Value> = types.chain([object("Query", vec![field("first", "OBJECT", "T0")])]).collect();
    json!({"__schema": {"queryType": {"name": "Query"}, "types": types}}).to_string()
}

fn generate(introspection: &str, config: &str) -> Generator {
    Generator::new(introspection, &Config::from_toml(config).unwrap()).unwrap()
}

/// The only document.
fn document(generator: &Generator) -> String {
    generator.documents().into_values().next().unwrap()
}

/// How many objects a document nests in the root field.
fn depth(document: &str) -> usize {
    document.lines().map(|line| (line.len() - line.trim_start().len()) / 2).max().unwrap() - 1
}

#[test]
fn a_long_chain_is_cut_into_default_selections_of_limited_depth() {
    let json = chain(|ty| Some(ty + 1).filter(|next| *next < TYPES));
    for (config, expected) in [("", 8), ("[selections]\nmax_depth = 20", 20)] {
        let generator = generate(&json, config);
        let source: String = generator.rust().into_values().collect();
        assert_eq!(depth(&document(&generator)), expected, "{config}");
        assert_eq!(source.matches("    also {").count(), (TYPES - 1) / expected, "{config}");
        assert_eq!(source.matches("/// Left out of the default selection").count(), (TYPES - 1) / expected);
    }
}

#[test]
fn no_type_of_a_long_cycle_fetches_the_next_one() {
    let generator = generate(&chain(|ty| Some((ty + 1) % TYPES)), "");
    let source: String = generator.rust().into_values().collect();
    assert_eq!(source.matches("    also {").count(), TYPES);
    assert!(!source.contains("Left out of the default selection"));
    assert_eq!(depth(&document(&generator)), 1);
}

#[test]
fn the_largest_objects_are_left_out_until_the_others_fit() {
    let sdl = "
        type Query { first: First }
        type First { name: String, small: Small, big: Big, huge: Huge, other: Big, same: Same, optional(a: Int): Small }
        type Small { a: Int, b: Int }
        type Same { a: Int, b: Int, c: Int }
        type Big { small: Small, c: Int, d: Int }
        type Huge { big: Big, small: Small }
    ";
    // Of these sizes: Small 2, Same 3, Big 5, Huge 9.
    let fields = |max: usize| {
        let generator = generate(&introspection(sdl), &format!("[selections]\nmax_fields = {max}"));
        let source = &generator.rust()["first.rs"];
        let document = document(&generator);
        let lines = document.lines().filter(|line| line.starts_with("    ") && line.trim() != "}").count();
        let left_out = source.lines().find_map(|line| {
            line.trim()
                .strip_prefix("/// Left out of the default selection, which has limits of depth and size: ")
        });
        assert_eq!(source.contains("also {"), left_out.is_some());
        (lines, left_out.map(str::to_owned))
    };
    assert_eq!(fields(500), (33, None));
    assert_eq!(fields(33), fields(500));
    assert_eq!(fields(32), (23, Some("huge.".to_owned())));
    assert_eq!(fields(22), (11, Some("big, huge, other.".to_owned())));
    assert_eq!(fields(10), (7, Some("big, huge, other, same.".to_owned())));
    assert_eq!(fields(6), (1, Some("big, huge, optional, other, same, small.".to_owned())));
    assert_eq!(fields(0), fields(6));
}
