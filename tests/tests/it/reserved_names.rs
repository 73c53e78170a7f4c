//! Every name that the facade exports is reserved, so that no type of a schema can hide behind it.

#![allow(clippy::unwrap_used, missing_docs)]

use xurrent_generator::{Config, Generator};

const SCHEMA: &str = r#"{"__schema": {"queryType": {"name": "Root"}, "types": [
    {"kind": "OBJECT", "name": "Root", "interfaces": [],
     "fields": [{"name": "thing", "args": [], "type": {"kind": "OBJECT", "name": "Thing"}}]},
    {"kind": "OBJECT", "name": "Thing", "interfaces": [],
     "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID"}}]}
]}}"#;

fn exported() -> Vec<String> {
    let facade = include_str!("../../../sdk/src/lib.rs").split("pub mod __private").next().unwrap();
    let uses = facade.split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    let lists = uses.filter(|path| !path.starts_with("records"));
    lists
        .flat_map(|path| path.rsplit("::").next().unwrap().trim_matches(['{', '}']).split(','))
        .map(|name| name.trim().trim_matches(['{', '}']).trim())
        .map(|name| name.rsplit(" as ").next().unwrap().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn functions() -> Vec<String> {
    let client = include_str!("../../../sdk/src/client.rs").split("impl ClientBuilder").next().unwrap();
    let events = include_str!("../../../sdk/src/client/events.rs");
    let bulk = include_str!("../../../sdk/src/client/bulk.rs");
    let life_cycle = include_str!("../../../sdk/src/client/life_cycle.rs");
    let runtime = include_str!("../../../sdk/runtime/src/client/declare.rs");
    let runtime = runtime.split("        impl Client {").nth(1).unwrap();
    let runtime = runtime.split("pub struct ClientBuilder").next().unwrap();
    let own = [client, events, bulk, life_cycle].into_iter().flat_map(str::lines);
    let lines = own.chain(runtime.lines());
    let code: String =
        lines.filter(|line| !line.trim_start().starts_with("///") && !line.contains("# ")).collect();
    let functions = code.split(" fn ").skip(1);
    functions.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()).collect()
}

fn refused(rename: &str, to: &str) -> bool {
    let xurrent = Config::from_toml(include_str!("../../../schema.overrides.toml")).unwrap();
    let renames = Config::from_toml(&format!("[renames]\n{rename} = {to:?}")).unwrap();
    match Generator::new(SCHEMA, &Config { reserved: xurrent.reserved, ..renames }) {
        Ok(_) => false,
        Err(error) => error.to_string().contains("reserved"),
    }
}

#[test]
fn exported_types_are_reserved() {
    let exported = exported();
    assert!(exported.len() > 30 && exported.contains(&"Client".to_owned()), "{exported:?}");
    for name in exported {
        assert!(refused("Thing", &name), "{name} is exported by the facade, but not reserved");
    }
    assert!(!refused("Thing", "Gadget"));
}

#[test]
fn functions_of_the_client_are_reserved() {
    let functions = functions();
    assert!(functions.contains(&"node".to_owned()) && functions.contains(&"raw".to_owned()), "{functions:?}");
    for name in functions {
        assert!(refused("\"Root.thing\"", &name), "{name} is a function of the client, but not reserved");
    }
    assert!(!refused("\"Root.thing\"", "gadget"));
}
