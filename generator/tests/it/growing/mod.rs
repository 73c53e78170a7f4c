//! A schema that grows: names are added, and what was written for it before means what it meant.

#[path = "../../../../fuzz/properties/generator_names.rs"]
mod generator_names;

use crate::case::introspection;
use std::collections::BTreeMap;
use std::path::Path;
use xurrent_generator::{Config, Error, Generator};

const SCHEMA: &str = "
    enum Status { waiting_for }
    enum PersonView { current_account }
    enum PersonOrderField { sourceID }
    enum OrderDirection { asc, desc }
    input PersonOrder { field: PersonOrderField!, direction: OrderDirection }
    input TaskInput { sourceId: String }
    interface Node { id: ID! }
    type Person implements Node { id: ID!, sourceId: String, notes(sourceId: String): String }
    type PersonConnection { nodes: [Person], pageInfo: PageInfo! }
    type PageInfo { hasNextPage: Boolean!, endCursor: String }
    type Com1 { id: ID! }
    type Query {
        people(first: Int, after: String, view: PersonView, order: [PersonOrder!]): PersonConnection!
        teamList: Com1, task(sourceId: String, input: TaskInput): Status
    }
    type Mutation { taskUpdate(input: TaskInput): Boolean }
";

fn generate(sdl: &str, overrides: &str) -> Result<BTreeMap<String, String>, Error> {
    let overrides = Config::from_toml(overrides).unwrap();
    Generator::new(&introspection(sdl), &overrides).map(|generator| generator.names())
}

/// What is added, the two paths that collide then, and the Rust paths that both get.
const CONTESTED: &[(&str, [(&str, &str); 2])] = &[
    (
        "extend enum Status { WaitingFor }",
        [("Status::WaitingFor_", "Status.WaitingFor"), ("Status::waiting_for", "Status.waiting_for")],
    ),
    (
        "extend enum PersonView { CURRENT_ACCOUNT }",
        [
            ("PersonView::CURRENT_ACCOUNT", "PersonView.CURRENT_ACCOUNT"),
            ("PersonView::current_account", "PersonView.current_account"),
        ],
    ),
    (
        "extend type Mutation { teamList: Int }",
        [("Client::team_list_query", "query teamList"), ("Client::team_list_mutation", "mutation teamList")],
    ),
    ("enum NodeType { a }", [("NodeType_", "NodeType"), ("NodeTypename", "__typename of Node")]),
    ("enum PeopleQuery { a }", [("PeopleQuery_", "PeopleQuery"), ("PeopleRootQuery", "query people")]),
    (
        "input TaskArguments { a: Int }",
        [("TaskArguments_", "TaskArguments"), ("TaskRootArguments", "arguments of task")],
    ),
];

#[test]
fn of_contested_names_none_keeps_its_meaning_or_gets_another() {
    let before = generate(SCHEMA, "").unwrap();
    for (added, expected) in CONTESTED {
        let after = generate(&format!("{SCHEMA}\n{added}"), "").unwrap();
        for (path, meaning) in expected {
            assert_eq!(after.get(*path).map(String::as_str), Some(*meaning), "{added}: {path}");
        }
        let lost = before.iter().filter(|(path, _)| !after.contains_key(*path)).count();
        assert!(lost > 0, "{added}");
        for (path, meaning) in &before {
            assert!(after.get(path).is_none_or(|now| now == meaning), "{added}: {path}");
        }
    }
}

/// What is added, the two paths that collide then, and the Rust name that both would have.
const COLLISIONS: &[(&str, &str, &str, &str)] = &[
    ("extend type Person { sourceID: Int }", "Person.sourceID", "Person.sourceId", "source_id"),
    ("extend type Person { source_id: Int }", "Person.source_id", "Person.sourceId", "source_id"),
    ("extend input TaskInput { sourceID: Int }", "TaskInput.sourceID", "TaskInput.sourceId", "source_id"),
    ("extend type Query { team_list: Int }", "Query.team_list", "Query.teamList", "team_list"),
    (
        "type Subscription { teams: Int } extend type Query { subscribeTeams: Int }",
        "Query.subscribeTeams",
        "Subscription.teams",
        "subscribe_teams",
    ),
    ("type com1 { id: ID! }", "com1", "Com1", "Com1"),
    ("type COM1 { id: ID! }", "COM1", "Com1", "Com1"),
    ("type person implements Node { id: ID! }", "person", "Person", "Person"),
];

#[test]
fn other_collisions_are_rejected_until_the_newer_name_is_renamed() {
    let before = generate(SCHEMA, "").unwrap();
    for (added, newer, older, name) in COLLISIONS {
        let sdl = format!("{SCHEMA}\n{added}");
        let error = generate(&sdl, "").unwrap_err();
        let Error::Collision { first, second, name: both } = &error else { panic!("{added}: {error}") };
        let mut paths = [first.as_str(), second.as_str()];
        paths.sort_unstable();
        let mut expected = [*newer, *older];
        expected.sort_unstable();
        assert_eq!((paths, both.as_str()), (expected, *name), "{added}");
        assert!(error.to_string().contains("[renames]"), "{error}");
        // Either may be renamed; whoever renames the newer one breaks nothing.
        let after = generate(&sdl, &format!("[renames]\n{newer:?} = \"Renamed\"")).unwrap();
        for (path, meaning) in &before {
            assert_eq!(after.get(path), Some(meaning), "{added}: {path}");
        }
        generate(&sdl, &format!("[renames]\n{older:?} = \"Renamed\"")).unwrap();
    }
}

#[test]
fn colliding_arguments_are_rejected_everywhere() {
    for (added, newer, older) in [
        (
            "extend type Query { other(sourceId: Int, sourceID: Int): Int }",
            "sourceID",
            "Query.other.sourceId",
        ),
        (
            "type Other { notes(source_id: String, sourceId: String): String }",
            "source_id",
            "Other.notes.sourceId",
        ),
    ] {
        let sdl = format!("{SCHEMA}\n{added}");
        let error = generate(&sdl, "").unwrap_err();
        assert!(matches!(&error, Error::Collision { name, .. } if name == "source_id"), "{added}: {error}");
        assert!(error.to_string().contains(newer), "{error}");
        generate(&sdl, &format!("[renames]\n{older:?} = \"renamed\"")).unwrap();
    }
}

#[test]
fn a_leading_underscore_is_part_of_the_name() {
    let sdl =
        format!("{SCHEMA} extend type Person {{ _id: Int, _createdAt: Int }} type _Person {{ id: ID! }}");
    let names = generate(&sdl, "").unwrap();
    for (path, meaning) in [
        ("Person.id", "Person.id"),
        ("Person._id", "Person._id"),
        ("Person._created_at", "Person._createdAt"),
        ("_Person", "_Person"),
    ] {
        assert_eq!(names.get(path).map(String::as_str), Some(meaning), "{path}");
    }
}

#[test]
fn types_with_the_same_file_name_share_a_file() {
    let sdl = "type Aux { id: ID! } type aux { id: ID! } type Query { aux: Aux, other: aux }";
    let overrides = Config::from_toml("[renames]\naux = \"Other\"").unwrap();
    let files = Generator::new(&introspection(sdl), &overrides).unwrap().rust();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["aux_.rs", "mod.rs"]);
    assert!(files["aux_.rs"].contains("object Aux = ") && files["aux_.rs"].contains("object Other = "));
}

#[test]
fn corpus_names_keep_their_meaning() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/generator_names");
    let mut inputs = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // Shown when the check fails.
        println!("{}", path.display());
        generator_names::check(&std::fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs > 100, "{inputs}");
}

#[test]
fn random_names_keep_their_meaning() {
    const NAMES: &[&str] = &[
        "waiting_for",
        "WaitingFor",
        "WAITING_FOR",
        "_id",
        "id",
        "ID",
        "sourceId",
        "sourceID",
        "source_id",
        "type",
        "type_",
        "Type",
        "self",
        "Self",
        "Self_",
        "new",
        "clone",
        "raw",
        "raw_",
        "Option",
        "Option_",
        "Com1",
        "COM1",
        "com_1",
        "Foo",
        "FOO",
        "foo_",
        "FooType",
        "FooQuery",
        "foo",
        "FooArguments",
        "a1",
        "a_1",
        "Unrecognized",
        "Unrecognized_",
        "value",
        "Value",
        "_",
        "_1",
        "AB",
        "a_b",
        "Ab",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..1_500 {
        let mut input = String::new();
        for _ in 0..4 + random(20) {
            let kind = ["o", "e", "i", "I", "m", "m", "m", "a", "q", "u", "c", "A"][random(12)];
            let added = [".", "+"][random(2)];
            input.push_str(&format!("{kind}{added}{}\n", NAMES[random(NAMES.len())]));
        }
        generator_names::check(input.as_bytes());
    }
}
