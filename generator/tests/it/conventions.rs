//! Conventions of an API: what is concluded from a schema, and which configurations are refused.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::case::introspection;
use xurrent_generator::{Config, Generator, error_chain};

const SCHEMA: &str = "
    interface Node { id: ID! }
    type User implements Node { id: ID!, name: String }
    type Team implements Node { id: ID!, name: String }
    type UserError { field: [String!], message: String!, code: Int }
    type Made { user: User, userErrors: [UserError!]!, problems: [UserError], notes: [Team!] }
    type Gone { errors: [String], text: String }
    type Query { node(id: ID!): Node, me: User, named(name: String!, id: ID): Node, teams: [Team!] }
    type Mutation { make: Made, makeAll: [Made!], remove: Gone, other: User }";

/// What is concluded from a schema about payloads and nodes, or why the configuration is refused.
fn concluded(schema: &str, config: &str) -> String {
    let lines = all_concluded(schema, config);
    lines.split("\nconnections: ").next().unwrap_or_default().to_owned()
}

/// What is concluded from a schema about connections, or why the configuration is refused.
fn connections(schema: &str, config: &str) -> String {
    all_concluded(schema, config).rsplit('\n').next().unwrap_or_default().to_owned()
}

fn all_concluded(schema: &str, config: &str) -> String {
    let config = match Config::from_toml(config) {
        Ok(config) => config,
        Err(error) => return error_chain(&error),
    };
    match Generator::new(&introspection(schema), &config) {
        Ok(generator) => generator.conventions().collect::<Vec<_>>().join("\n"),
        Err(error) => error_chain(&error),
    }
}

#[test]
fn the_conventions_of_a_schema_are_reported() {
    const NODE: &str = "node lookup: `node(id: ID!): Node`, 2 types";
    for (config, lines) in [
        (
            "",
            format!(
                "payload errors: `userErrors {{ code field message }}`, 2 mutations; `errors`, a list of texts, 1 mutation\n{NODE}"
            ),
        ),
        (
            "[payload_errors]\nfields = [\"problems\"]\npath = \"code\"\ncode = \"message\"",
            format!("payload errors: `problems {{ code message message }}`, 2 mutations\n{NODE}"),
        ),
        (
            "[payload_errors]\nfields = [\"errors\"]",
            format!("payload errors: `errors`, a list of texts, 1 mutation\n{NODE}"),
        ),
        ("[payload_errors]\nenabled = false", format!("payload errors: none\n{NODE}")),
        ("skips = [\"Made.userErrors\", \"Gone.errors\"]", format!("payload errors: none\n{NODE}")),
        (
            "[payload_errors]\nenabled = false\n[node]\nenabled = false",
            "payload errors: none\nnode lookup: none".to_owned(),
        ),
        (
            "[payload_errors]\nenabled = false\n[node]\nfield = \"named\"",
            "payload errors: none\nnode lookup: `named(name: String!): Node`, 2 types".to_owned(),
        ),
    ] {
        assert_eq!(concluded(SCHEMA, config), lines, "{config}");
    }
}

#[test]
fn a_lookup_takes_one_id_and_returns_an_interface_with_an_id() {
    for (schema, line) in [
        ("type Node { id: ID! } type Query { node(id: ID!): Node }", "none"),
        ("interface Node { id: ID! } type A implements Node { id: ID! } type Query { a: A }", "none"),
        (
            "interface Node { id: ID! } type A implements Node { id: ID! } type Query { node(id: Int!): Node }",
            "none",
        ),
        (
            "interface Node { id: ID! } type A implements Node { id: ID! } type Query { node(id: ID!): [Node] }",
            "none",
        ),
        (
            "interface Node { id: ID! } type A implements Node { id: ID! } type Query { node(id: ID!, of: ID!): Node }",
            "none",
        ),
        (
            "interface Node { n: Int! } type A implements Node { n: Int! } type Query { node(id: ID!): Node }",
            "none",
        ),
        (
            "interface Node { nodeId: ID! } type A implements Node { id: Int!, nodeId: ID! } type Query { node(nodeId: ID!): Node }",
            "`node(nodeId: ID!): Node` with `nodeId`, 1 type",
        ),
        (
            "interface Thing { key: ID! } type A implements Thing { key: ID! } type Query { node(of: String!, at: Int): Thing }",
            "`node(of: String!): Thing` with `key`, 1 type",
        ),
    ] {
        assert_eq!(concluded(schema, ""), format!("payload errors: none\nnode lookup: {line}"), "{schema}");
    }
}

#[test]
fn names_that_the_schema_does_not_have_are_refused() {
    for (config, message) in [
        (
            "[payload_errors]\nfields = [\"userErors\"]",
            "names `userErors`, which the schema does not have; did you mean `userErrors`?",
        ),
        (
            "[payload_errors]\nmessage = \"mesage\"",
            "names `mesage`, which the schema does not have; did you mean `message`?",
        ),
        (
            "[payload_errors]\npath = \"fields\"",
            "names `fields`, which the schema does not have; did you mean `field`?",
        ),
        ("[payload_errors]\ncode = \"kind\"", "names `kind`, which the schema does not have"),
        (
            "[payload_errors]\nfields = [\"notes\"]",
            "takes `notes` for the errors of payloads: expected a list of texts, or of objects with a message, in a type \
             that only mutations return",
        ),
        ("[node]\nfield = \"noode\"", "names `noode`, which the schema does not have; did you mean `node`?"),
        ("[node]\nargument = \"idd\"", "names `idd`, which the schema does not have; did you mean `id`?"),
        (
            "[node]\ninterface = \"Nodes\"",
            "names `Nodes`, which the schema does not have; did you mean `Node`?",
        ),
        ("[node]\nid = \"ids\"", "names `ids`, which the schema does not have; did you mean `id`?"),
        (
            "[node]\nfield = \"teams\"",
            "takes `teams` for the lookup of records: expected a query that needs one argument, an `ID` or `String`, and \
             returns an interface with such a field",
        ),
        (
            "[node]\ninterface = \"User\"",
            "takes `node` for the lookup of records: expected a query that needs one argument, an `ID` or `String`, and \
             returns an interface with such a field",
        ),
    ] {
        assert_eq!(concluded(SCHEMA, config), format!("the configuration {message}"), "{config}");
    }
    for config in ["[node]\nname = \"node\"", "[payload_errors]\nfield = \"errors\""] {
        assert!(concluded(SCHEMA, config).contains("unknown field"), "{config}");
    }
}

/// A schema with these types beside `A` and `B`, and a query of `a`.
fn paged(types: &str, query: &str) -> String {
    format!(
        "type A {{ id: ID! }} type B {{ id: ID! }} type Page {{ hasNextPage: Boolean!, endCursor: String }}
         type Bare {{ hasNextPage: Boolean! }} {types} type Query {{ {query} }}"
    )
}

#[test]
fn connections_are_recognised_by_their_parts() {
    const ARGUMENTS: &str = "c(first: Int, after: String): C";
    const NODES: &str = "connections: `nodes`, `first`, `after`, without a total count, 1 root field";
    const EDGES: &str =
        "connections: `edges { node }`, `first`, `after`, without a total count, 1 root field";
    const NONE: &str = "connections: none";
    for (types, query, line) in [
        ("type C { nodes: [A], pageInfo: Page }", ARGUMENTS, NODES),
        ("type C { nodes: [A!]!, edges: [E], pageInfo: Page! } type E { node: A }", ARGUMENTS, NODES),
        ("type C { edges: [E!]!, pageInfo: Page! } type E { node: A! }", ARGUMENTS, EDGES),
        // The nodes of edges are of another type, or the list is not a plain one.
        ("type C { nodes: [B], edges: [E], pageInfo: Page } type E { node: A }", ARGUMENTS, EDGES),
        ("type C { nodes: [[A]], edges: [E], pageInfo: Page } type E { node: A }", ARGUMENTS, EDGES),
        ("type C { nodes: A, pageInfo: Page }", ARGUMENTS, NONE),
        ("type C { nodes: [String], pageInfo: Page }", ARGUMENTS, NONE),
        ("type C { nodes(of: ID!): [A], pageInfo: Page }", ARGUMENTS, NONE),
        ("type C { nodes: [Query], pageInfo: Page }", ARGUMENTS, NONE),
        ("type C { edges: [E], pageInfo: Page } type E { node: [A] }", ARGUMENTS, NONE),
        ("type C { nodes: [A], pageInfo: Bare }", ARGUMENTS, NONE),
        ("type C { nodes: [A], pageInfo: [Page] }", ARGUMENTS, NONE),
        (
            "interface C { nodes: [A], pageInfo: Page } type D implements C { nodes: [A], pageInfo: Page }",
            ARGUMENTS,
            NONE,
        ),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: Int): C", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(after: String): C", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: Int, after: String!): C", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: [Int], after: String): C", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: Int, after: Int): C", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: Int, after: String): [C]", NONE),
        ("type C { nodes: [A], pageInfo: Page }", "c(first: Int! = 5, after: ID = \"\"): C!", NODES),
    ] {
        assert_eq!(connections(&paged(types, query), ""), line, "{types} {query}");
    }
    let both = paged(
        "type C { nodes: [A], pageInfo: Page, totalCount: Int! } type D { edges: [E], pageInfo: Page, totalCount: String }
         type E { node: A }",
        "c(first: Int, after: String): C d(first: Int, after: String): D e: D",
    );
    assert_eq!(
        connections(&both, ""),
        "connections: `nodes` or, of 1, `edges { node }`, `first`, `after`, with `totalCount` in 1, 2 root fields"
    );
    assert_eq!(connections(&both, "[connections]\nenabled = false"), NONE);
    let snake = "type A { id: ID! } type C { nodes: [A], page_info: P, total_count: Int } \
                 type P { has_next_page: Boolean, end_cursor: String } type Query { c(first: Int, after: String): C }";
    assert_eq!(
        connections(snake, ""),
        "connections: `nodes`, `first`, `after`, with `total_count`, 1 root field"
    );
}

#[test]
fn names_of_connections_that_the_schema_does_not_have_are_refused() {
    let schema = paged("type C { nodes: [A], pageInfo: Page }", "c(first: Int, after: String): C");
    for (config, message) in [
        (
            "nodes = \"nods\"",
            "the configuration names `nods` as `nodes` of [connections], and no type has a field `nods`; did you mean `nodes`?",
        ),
        (
            "after = \"xyz\"",
            "the configuration names `xyz` as `after` of [connections], and no type has an argument `xyz`",
        ),
        (
            "max_page_size = 0",
            "the configuration has 0 as `max_page_size` of [connections]: a page has at least one record",
        ),
    ] {
        assert_eq!(connections(&schema, &format!("[connections]\n{config}")), message);
    }
    let unknown = all_concluded(&schema, "[connections]\nnode_field = \"a\"");
    assert!(unknown.contains("unknown field `node_field`"), "{unknown}");
}
