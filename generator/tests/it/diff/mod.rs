//! The differences between two schemas.

use xurrent_generator::diff::{Change, ChangeKind, Diff, Format, Severity, VersionStep};
use xurrent_generator::{Config, Generator, Schema};

/// The differences between two schemas in SDL.
fn diff(old: &str, new: &str) -> Diff {
    let generator = |schema| Generator::new(schema, &Config::default()).unwrap();
    Diff::between(&generator(old), &generator(new))
}

#[test]
fn equal_schemas_have_no_differences() {
    let schema = "type Query { ship: Ship } type Ship { id: ID! name: String }";
    let diff = diff(schema, schema);
    assert!(diff.changes().is_empty(), "{diff:?}");
    assert_eq!((diff.severity(), diff.version_step("1.0.0")), (None, None));
}

#[test]
fn the_version_grows_by_the_worst_change() {
    let small = "type Query { ship: Ship } type Ship { id: ID! }";
    let large = "type Query { ship: Ship } type Ship { id: ID! name: String }";
    let (more, less) = (diff(small, large), diff(large, small));
    assert_eq!((more.severity(), less.severity()), (Some(Severity::Safe), Some(Severity::Breaking)));
    let steps = |version| (more.version_step(version), less.version_step(version));
    assert_eq!(steps("0.3.1"), (Some(VersionStep::Patch), Some(VersionStep::Minor)));
    assert_eq!(steps("1.0.0"), (Some(VersionStep::Minor), Some(VersionStep::Major)));
}

/// The changes between two schemas: path, kind and classes.
fn classes(old: &str, new: &str) -> Vec<String> {
    let diff = diff(old, new);
    let line = |change: &Change| {
        format!("{} {}: {}, {}", change.path, change.kind, change.severity, change.deployed)
    };
    diff.changes().iter().map(line).collect()
}

const BEFORE: &str = r#"
    type Query { ship(id: ID!, deep: Boolean): Ship ships: [Ship!] find(by: Find!): Found view: View }
    type Mutation { rename(input: Rename!): Ship }
    interface Named { name: String }
    type Ship implements Named { id: ID! name: String crew(role: String, first: Int = 5): [String!] size: Int! }
    type Port implements Named { id: ID! name: String }
    union Found = Ship | Port
    enum View { OPEN CLOSED }
    input Find { name: String }
    input Rename { id: ID! name: String note: String = "none" }
    directive @slow on FIELD
"#;

#[test]
fn every_kind_of_change_has_its_classes() {
    let cases = [
        ("size: Int!", "", "Ship.size field-removed: breaking, fails"),
        ("size: Int!", "size: Int! more: Int", "Ship.more field-added: safe, works"),
        ("size: Int!", "size: Int", "Ship.size field-type-changed: breaking, fails"),
        ("name: String crew", "name: String! crew", "Ship.name field-type-changed: breaking, works"),
        ("[String!] size", "[String] size", "Ship.crew field-type-changed: breaking, fails"),
        ("[String!] size", "String size", "Ship.crew field-type-changed: breaking, fails"),
        ("size: Int!", "size: Int! @deprecated", "Ship.size deprecated: breaking, works"),
        ("OPEN CLOSED", "OPEN", "View.CLOSED value-removed: breaking, works"),
        ("OPEN CLOSED", "OPEN CLOSED SHUT", "View.SHUT value-added: safe, works"),
        ("OPEN CLOSED", "OPEN CLOSED @deprecated", "View.CLOSED deprecated: behavioural, works"),
        ("first: Int = 5", "first: Int = 6", "Ship.crew(first:) default-changed: behavioural, changes"),
        ("(role: String,", "(", "Ship.crew(role:) argument-removed: breaking, fails"),
        ("deep: Boolean", "deep: Boolean!", "Query.ship(deep:) argument-type-changed: breaking, fails"),
        ("id: ID!, deep", "id: ID, deep", "Query.ship(id:) argument-type-changed: breaking, works"),
        ("name: String note", "name: String! note", "Rename.name input-field-type-changed: breaking, fails"),
        ("name: String note", "note", "Rename.name input-field-removed: breaking, fails"),
        ("= \"none\"", "= \"none\" at: Int", "Rename.at input-field-added: safe, works"),
        ("= \"none\"", "= \"none\" at: Int!", "Rename.at input-field-added: breaking, fails"),
        ("input Find {", "input Find @oneOf {", "Find one-of-changed: breaking, fails"),
        ("Ship | Port", "Ship", "Found = Port possible-type-removed: breaking, fails"),
        ("Port implements Named", "Port", "Port implements Named interface-removed: breaking, fails"),
        ("directive @slow on FIELD", "", "@slow directive-removed: breaking, fails"),
        ("@slow on FIELD", "@slow on FIELD | QUERY", "@slow directive-changed: safe, works"),
        ("type Mutation { rename(input: Rename!): Ship }", "", "Mutation root-type-removed: breaking, fails"),
        (
            "type Ship",
            "type Subscription { moved: Ship } type Ship",
            "Subscription root-type-added: safe, works",
        ),
        ("type Ship", "\"A ship.\" type Ship", "Ship description-changed: safe, works"),
    ];
    for (from, to, expected) in cases {
        assert!(BEFORE.contains(from), "{from}");
        let found = classes(BEFORE, &BEFORE.replacen(from, to, 1));
        assert!(found.iter().any(|line| line == expected), "{from} -> {to}: {found:#?}");
    }
}

#[test]
fn a_new_name_is_found_and_a_replacement_is_read_off_a_deprecation() {
    let instead = |from, to: &str| {
        let diff = diff(BEFORE, &BEFORE.replacen(from, to, 1));
        let change = diff.changes().iter().find_map(|change| change.instead.clone());
        change.unwrap_or_else(|| panic!("{diff:?}"))
    };
    assert_eq!(instead("size: Int!", "sizes: Int!"), "`Ship::sizes`, if that is its new name");
    let to = "size: Int! @deprecated(reason: \"Use tonnage instead.\") tonnage: Int";
    assert_eq!(instead("size: Int!", to), "`Ship::tonnage`");
}

#[test]
fn a_type_that_loses_its_id_is_one_change_for_all_references() {
    let schema = "type Query { a: A } type A { id: ID! x: B y: B } type B { id: ID! name: String }";
    let diff = diff(schema, &schema.replace("B { id: ID!", "B {"));
    let change = diff.changes().iter().find(|change| change.kind == ChangeKind::ReferenceChanged);
    let change = change.unwrap_or_else(|| panic!("{diff:?}"));
    assert_eq!((change.path.as_str(), change.rust.join(", ").as_str()), ("B", "A::x, A::y"));
}

#[test]
fn names_that_collide_are_a_breaking_change() {
    let schema = "type Query { teamList: Int }";
    let old = Generator::new(schema, &Config::default()).unwrap();
    let new = "type Query { teamList: Int team_list: Int other: Int }";
    let new = Schema::from_text(new).unwrap();
    let diff = Diff::with_schema(&old, &new, &Config::default()).unwrap();
    let paths: Vec<_> = diff.changes().iter().map(|change| (change.kind, change.path.as_str())).collect();
    assert!(paths.contains(&(ChangeKind::NameCollision, "Query.team_list")), "{paths:?}");
    assert!(paths.contains(&(ChangeKind::FieldAdded, "Query.other")), "{paths:?}");
    assert_eq!(diff.severity(), Some(Severity::Breaking));
}

#[test]
fn values_from_the_configuration_are_compared() {
    let config = |values| Config::from_toml(&format!("values = {{ Kind = [{values}] }}")).unwrap();
    let (scalar, is_enum) =
        ("type Query { a: Kind } scalar Kind", "type Query { a: Kind } enum Kind { x y }");
    let generator = |schema, values| Generator::new(schema, &config(values)).unwrap();
    let same = Diff::between(&generator(scalar, "\"x\", \"y\""), &generator(is_enum, ""));
    assert_eq!(same.severity(), Some(Severity::Safe), "{same:?}");
    let less = Diff::between(&generator(scalar, "\"x\", \"y\""), &generator(scalar, "\"x\""));
    let kinds: Vec<_> = less.changes().iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::ValueRemoved]);
}

#[test]
fn each_setting_is_a_change_of_its_own() {
    let schema = "
        type Query { a: A many(first: Int, after: String): As! }
        type A { id: ID! many(first: Int, after: String): As! }
        type As { nodes: [A!]!, pageInfo: PageInfo!, totalCount: Int! }
        type PageInfo { hasNextPage: Boolean!, endCursor: String }";
    let generator = |settings| {
        let config = Config::from_toml(&format!("[connections]\n{settings}")).unwrap();
        Generator::new(schema, &config).unwrap()
    };
    let lines = |old, new| -> Vec<String> {
        let diff = Diff::between(&generator(old), &generator(new));
        let line = |it: &Change| format!("{}: {}; {}", it.path, it.summary, it.severity);
        diff.changes().iter().map(line).collect()
    };
    let (more, less) = ("max_nodes = 10000", "max_nodes = 500\nmax_page_size = 50");
    assert_eq!(lines(more, more), [""; 0]);
    let expected =
        ["max_nodes: is `500`, was `10000`; breaking", "max_page_size: is `50`, was `100`; breaking"];
    assert_eq!(lines(more, less), expected);
    let expected =
        ["max_page_size: is `100`, was `50`; behavioural", "max_nodes: is `10000`, was `500`; safe"];
    assert_eq!(lines(less, more), expected);
    assert_eq!(lines(more, ""), ["max_nodes: is `none`, was `10000`; safe"]);
}

#[test]
fn a_total_count_that_comes_stops_no_program() {
    let counted = "
        type Query { many(first: Int, after: String): As! }
        type A { id: ID! }
        type As { nodes: [A!]!, pageInfo: PageInfo!, totalCount: Int! }
        type PageInfo { hasNextPage: Boolean!, endCursor: String }";
    let uncounted = counted.replace(", totalCount: Int!", "");
    let (more, less) = (classes(&uncounted, counted), classes(counted, &uncounted));
    assert!(more.contains(&"Query.many connection-changed: safe, works".to_owned()), "{more:?}");
    assert!(!more.iter().any(|line| line.ends_with("fails")), "{more:?}");
    assert!(less.contains(&"Query.many connection-changed: breaking, fails".to_owned()), "{less:?}");
}

#[test]
fn a_type_with_other_fields_is_no_new_name() {
    let instead = |new: &str| {
        let old = "type Query { a: AddDraftPayload } type AddDraftPayload { draft: Int, title: String }";
        let diff = diff(old, &format!("type Query {{ a: AddDraftsPayload }} type AddDraftsPayload {new}"));
        let change = diff.changes().iter().find(|change| change.kind == ChangeKind::TypeRemoved);
        change.unwrap_or_else(|| panic!("{diff:?}")).instead.clone()
    };
    assert_eq!(
        instead("{ draft: Int, title: String, at: Int }").unwrap(),
        "`AddDraftsPayload`, if that is its new name"
    );
    assert_eq!(instead("{ draft: Int, user: String }"), None);
}

#[test]
fn descriptions_are_in_one_section() {
    let old = "type Query { a: A b: B } type A { x: Int } type B { y(z: Int): Int }";
    let new = "type Query { a: A b: B c: Int } \"An a.\" type A { x: Int } type B { \"Why.\" y(\"Zed.\" z: Int): Int }";
    let diff = diff(old, new);
    let expected = "
descriptions
  safe        3 × description changed: A, B.y, B.y(z:)

4 safe changes in ";
    assert!(diff.text(&Format::default()).contains(expected), "{}", diff.text(&Format::default()));
    let markdown = diff.markdown(&Format::default());
    assert!(markdown.contains("- safe: description changed: `A`, `B.y`, `B.y(z:)`\n"), "{markdown}");
}
