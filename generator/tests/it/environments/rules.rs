//! What a merge decides where two environments differ.

use super::NAMES;
use std::collections::BTreeMap;
use xurrent_generator::{Config, Error, Generator, Schema};

fn merge(first: &str, second: &str, config: &str) -> Result<Schema, Error> {
    let config = Config::from_toml(&format!("{config}\n{NAMES}")).unwrap();
    Schema::merge(&Schema::from_sdl(first).unwrap(), &Schema::from_sdl(second).unwrap(), &config)
}

fn rust(first: &str, second: &str, config: &str) -> BTreeMap<String, String> {
    let merged = merge(first, second, config).unwrap_or_else(|error| panic!("{error}"));
    Generator::from_schema(&merged, &Config::from_toml(config).unwrap()).unwrap().rust()
}

fn refusal(first: &str, second: &str, config: &str) -> String {
    merge(first, second, config).unwrap_err().to_string()
}

#[test]
fn equal_schemas_are_merged_to_the_same_source() {
    let schema = include_str!("../../cases/edges/schema.graphql");
    let config = Config::from_toml(NAMES).unwrap();
    let one = Generator::new(schema, &config).unwrap().rust();
    assert!(rust(schema, schema, "") == one);
    let merged = merge(schema, schema, "").unwrap();
    assert_eq!(merged.to_json().unwrap(), Schema::from_sdl(schema).unwrap().to_json().unwrap());
}

const PRODUCTION: &str = include_str!("production.graphql");

const QA: &str = include_str!("qa.graphql");

#[test]
fn what_one_environment_has_is_marked_and_not_selected() {
    let files = rust(PRODUCTION, QA, "");
    let team = &files["team.rs"];
    for line in [
        // In both.
        "name: Option<String> = \"name\": \"String\",",
        // In one: in the documentation of the type, and for selections of one's own.
        "/// A team.\n    ///\n    /// Only in QA: robots, size.\n    node Team",
        "also {\n        robots: Option<Vec<rt::Ref<Robot>>>",
        "/// Only in QA: the argument name.",
    ] {
        assert!(team.contains(line), "{line} is not in {team}");
    }
    let (fields, also) = team.split_once("also {").unwrap();
    assert!(!fields.contains("size:") && also.contains("size: Option<i64>"), "{team}");
    let optional = "/// Only in QA.\n        name: String = \"name: String\",";
    assert!(team.contains(optional), "{optional} is not in {team}");
    for (file, line) in [
        ("site.rs", "/// Only in QA. A site.\n    node Site"),
        ("site.rs", "/// Only in QA.\n            site = \"site\""),
        // Of a type in one environment, all fields are selected.
        ("site.rs", "teams: Option<Vec<rt::Ref<Team>>> = \"teams\": \"[Team!]\" { id },\n    }\n    macro"),
        ("query.rs", "/// Only in production.\n            old = \"old\""),
        ("status.rs", "/// Only in QA. Waits for a customer.\n        Waiting = \"waiting\","),
        ("change.rs", "/// Only in QA.\n        note: String = \"note: String\","),
        (
            "change.rs",
            "/// Only in QA, and required there. Why.\n        reason: String = \"reason: String\",",
        ),
        (
            "owner.rs",
            "/// Only in QA: size.\n    ///\n    /// Only in QA: can be Robot.\n    interface Owner",
        ),
        ("robot.rs", "/// Only in QA: size.\n    ///\n    /// Only in QA: implements Owner.\n    node Robot"),
        ("node.rs", "/// Only in QA: can be Site.\n    interface Node"),
    ] {
        assert!(files[file].contains(line), "{line} is not in {}", files[file]);
    }
    let merged = merge(PRODUCTION, QA, "").unwrap();
    let generator = Generator::from_schema(&merged, &Config::from_toml(NAMES).unwrap()).unwrap();
    let report: Vec<&str> = generator.conventions().filter(|line| line.starts_with("only in ")).collect();
    assert_eq!(report, ["only in production: 1 field", "only in QA: 1 type, 7 fields, 3 inputs, 1 value"]);
    let swapped = rust(QA, PRODUCTION, "");
    assert!(swapped["site.rs"].contains("/// Only in production. A site."));
    assert_eq!(files.keys().collect::<Vec<_>>(), swapped.keys().collect::<Vec<_>>());
}

#[test]
fn types_fit_both_environments() {
    let merged = merge(
        "type Query { a(b: [Int]!, c: Int = 1, d: Int = 2, e: Int = 4, f: Int): [[String!]!]! g: Int! h: Int }
         input I { x: [Int!] } type U { i(i: I): Int @deprecated }",
        "type Query { a(b: [Int!], c: Int = 1, d: Int = 3, e: Int, f: Int = 5): [[String]!] g: Int! h: Int! }
         input I { x: [Int]! } type U { i(i: I): Int } directive @d on FIELD",
        "",
    )
    .unwrap();
    let field = |name: &str| merged.field("Query", name).unwrap();
    assert_eq!(field("a").ty.to_string(), "[[String]!]");
    assert_eq!((field("g").ty.to_string(), field("h").ty.to_string()), ("Int!".into(), "Int".into()));
    let arguments: Vec<_> = field("a")
        .arguments
        .iter()
        .map(|it| (it.signature(), it.description.clone().unwrap_or_default()))
        .collect();
    let expected = [
        ("b: [Int!]!", ""),
        ("c: Int = 1", ""),
        ("d: Int = 2", "By default 3 in QA."),
        ("e: Int = 4", "Without a default in QA."),
        ("f: Int = 5", "Without a default in production."),
    ];
    assert_eq!(arguments, expected.map(|(signature, text)| (signature.to_owned(), text.to_owned())));
    assert_eq!(merged.input_fields("I")[0].ty.to_string(), "[Int!]!");
    let deprecated = merged.field("U", "i").unwrap();
    assert_eq!(deprecated.deprecation_reason.as_deref(), Some("In production: No longer supported"));
    assert!(deprecated.is_deprecated);
}

#[test]
fn an_input_that_one_environment_requires_is_required_unless_the_other_one_refuses_it() {
    let merged = merge(
        "type Query { a(one: Int!, two: Int, three: Int! = 1): Int }",
        "type Query { a(one: Int, two: Int!, three: Int!, four: Int!): Int b(five: Int!): Int }",
        "",
    )
    .unwrap();
    let required: Vec<_> = merged.field("Query", "a").unwrap().arguments.iter().collect();
    let required: Vec<_> = required.iter().map(|it| (it.name.as_str(), it.is_required())).collect();
    assert_eq!(required, [("four", false), ("one", true), ("three", true), ("two", true)]);
    let calls = &Generator::from_schema(&merged, &Config::default()).unwrap().rust()["query.rs"];
    // Where it is given, the variable has the type that its environment expects.
    assert!(calls.contains("\"four\": \"Int!\", one: i64 = \"one\": \"Int!\""), "{calls}");
    let setter = "/// Only in QA, and required there.\n        four: i64 = \"four: Int\",";
    assert!(calls.contains(setter), "{calls}");
    assert!(calls.contains("b = \"b\"(five: i64 = \"five\": \"Int!\")"), "{calls}");
}

#[test]
fn a_value_list_is_an_enum_if_one_environment_says_so() {
    const LIST: &str = "scalar Status type Query { a(s: Status): Status }";
    const ENUM: &str = "enum Status { open closed waiting } type Query { a(s: Status): Status }";
    let files = rust(LIST, ENUM, "[values]\nStatus = [\"open\", \"closed\"]");
    let status = &files["status.rs"];
    assert!(status.contains("        Closed = \"closed\",\n        Open = \"open\",\n"), "{status}");
    assert!(status.contains("/// Only in QA.\n        Waiting = \"waiting\","), "{status}");
    let error = refusal(LIST, ENUM, "");
    assert!(
        error.contains(
            "`Status` is a scalar without a list under [values] in the configuration in production and an enum in QA"
        ),
        "{error}"
    );
    // In the text of a selection, the two are written in different ways.
    let field = "type Team { by(status: Status): Int }";
    let error = refusal(
        &format!("{LIST} {field}"),
        &format!("{ENUM} {field}"),
        "[values]\nStatus = [\"open\", \"closed\"]",
    );
    assert!(error.contains("`Team.by.status`"), "{error}");
}

#[test]
fn contradictions_name_each_place_and_what_to_do() {
    let first = "
        type Query { list: [Team] type: String id(by: ID!): ID kind: Kind one(input: One): Int }
        type Team { a: Int } type Kind { a: Int } input One @oneOf { a: Int b: Int }";
    let second = "
        type Query { list: Team type: Int id(by: String!): ID kind: Kind one(input: One): Int }
        type Team { a: Int } interface Kind { a: Int } input One { a: Int! b: Int }";
    let error = refusal(first, second, "");
    for line in [
        "production and QA contradict each other:\n",
        "`Query.list` is of type `[Team]` in production and of type `Team` in QA\n",
        "`Query.type` is of type `String` in production and of type `Int` in QA\n",
        "`Query.id.by` is of type `ID!` in production and of type `String!` in QA\n",
        "`Kind` is an object in production and an interface in QA\n",
        "`One` is an input with `@oneOf` in production and an input where `a` is required or has a default in QA\n",
        "under [environments.take] in the configuration, such as \"Kind\" = \"production\"",
    ] {
        assert!(error.contains(line), "{line} is not in {error}");
    }
    let roots = refusal("schema { query: Q } type Q { a: Int }", "type Query { a: Int }", "");
    assert!(roots.contains("`Q` is the query type in production and not: it is `Query` in QA"), "{roots}");
    let other = refusal(
        "schema { query: Query } type Query { a: Int } type Mutation { a: Int }",
        "type Query { a: Int } type Mutation { a: Int }",
        "",
    );
    assert!(
        other.contains("`Mutation` is another type in production and the mutation type in QA"),
        "{other}"
    );
}

#[test]
fn what_is_skipped_contradicts_nothing() {
    let (first, second) = ("type Query { a: Int b: Int }", "type Query { a: Int b: [Int] }");
    assert!(refusal(first, second, "").contains("`Query.b`"));
    let files = rust(first, second, "skips = [\"Query.b\"]");
    assert!(!files["query.rs"].contains("b = \"b\""), "{}", files["query.rs"]);
}

#[test]
fn one_of_two_contradicting_definitions_can_be_taken() {
    let first = "
        type Query { list(by: By): [Team] kind(of: Kind): Int kinds(input: Kinds!): Int all: Int }
        type Team { size: String id: Int } enum Kind { a b } input Kinds { kind: Kind! } input By { a: Int }";
    let second = "
        type Query { list(by: By): [Team] kind(of: Kind): Int kinds(input: Kinds!): Int all: Int }
        type Team { size: Int id: Int } input Kind { a: Int } input Kinds { kind: Kind! } input By { a: [Int] }";
    let take =
        "[environments.take]\n\"Team.size\" = \"QA\"\nKind = \"production\"\n\"By.a\" = \"production\"";
    assert!(merge(first, second, "").is_err());
    let config = format!("{NAMES}{take}");
    let merge = |first: &str, second: &str, config: &str| {
        let config = Config::from_toml(config).unwrap();
        Schema::merge(&Schema::from_sdl(first).unwrap(), &Schema::from_sdl(second).unwrap(), &config)
    };
    let merged = merge(first, second, &config).unwrap_or_else(|error| panic!("{error}"));
    let size = merged.field("Team", "size").unwrap();
    assert_eq!((size.only_in.as_deref(), size.ty.to_string().as_str()), (Some("QA"), "Int"));
    let argument = &merged.field("Query", "kind").unwrap().arguments[0];
    assert_eq!((argument.only_in.as_deref(), argument.ty.name()), (Some("production"), "Kind"));
    // Nothing of QA can be an input without its required field, nor a call without that input.
    for (name, only_in) in [("kinds", Some("production")), ("kind", None), ("list", None), ("all", None)] {
        assert_eq!(merged.field("Query", name).unwrap().only_in.as_deref(), only_in, "{name}");
    }
    assert_eq!(merged.get("Kinds").unwrap().only_in.as_deref(), Some("production"));
    assert_eq!(merged.input_fields("By")[0].only_in.as_deref(), Some("production"));
    for (line, part) in [
        ("\"Team.size\" = \"Qa\"", "takes `Team.size` from \"Qa\": expected \"production\" or \"QA\""),
        (
            "\"Team.gone\" = \"QA\"",
            "takes `Team.gone` from QA, but production does not have it: remove the line",
        ),
        ("Query = \"QA\"", "takes `Query` from QA, a root type"),
    ] {
        let error = merge(first, second, &format!("{NAMES}[environments.take]\n{line}")).unwrap_err();
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

#[test]
fn the_default_selection_of_a_connection_is_what_both_environments_have() {
    let schema = |connection: &str, arguments: &str| {
        format!(
            "type Query {{ teams({arguments}): TeamConnection! }} type Team {{ id: ID! }}
             type TeamConnection {{ nodes: [Team] pageInfo: PageInfo! {connection} }}
             type PageInfo {{ hasNextPage: Boolean! endCursor: String }}"
        )
    };
    let both = schema("totalCount: Int!", "first: Int, after: String");
    let calls = |second: &str| rust(&both, second, "").into_values().collect::<String>();
    let counted = calls(&both);
    assert!(
        counted.contains("TeamsQuery of Team") && !counted.contains("TeamsQuery of Team as"),
        "{counted}"
    );
    // Without a total count, which one of them does not have.
    let uncounted = calls(&schema("", "first: Int, after: String"));
    assert!(uncounted.contains("TeamsQuery of Team as __NODES"), "{uncounted}");
    // No stream, since one of them has no cursor.
    let plain = calls(&schema("totalCount: Int!", "first: Int"));
    assert!(
        plain.contains("-> TeamConnection") && plain.contains("Only in production: the argument after."),
        "{plain}"
    );
}

#[test]
fn errors_of_payloads_are_never_lost() {
    let schema = |errors: &str| {
        format!(
            "type Query {{ a: Int }} type Mutation {{ change: ChangePayload }}
             type ChangePayload {{ name: String {errors} }} type Problem {{ message: String path: [String!] }}"
        )
    };
    let both = schema("errors: [Problem!]");
    let payload = |first: &str, second: &str, config: &str| {
        let config = Config::from_toml(config).unwrap();
        let merged = merge(first, second, "").unwrap();
        Generator::from_schema(&merged, &config).map(|it| it.rust().into_values().collect::<String>())
    };
    let refused = payload(&both, &schema(""), "").err().unwrap().to_string();
    let expected =
        "`ChangePayload.errors`, a list of errors that only production has: leave it out under `skips`";
    assert!(refused.contains(expected), "{refused}");
    let skipped = payload(&both, &schema(""), "skips = [\"ChangePayload.errors\"]").unwrap();
    assert!(skipped.contains("change = \"change\"") && !skipped.contains("{ errors }"), "{skipped}");
    // Of two lists, the one of both.
    let chosen = payload(&both, &schema("errors: [Problem!] userErrors: [Problem!]"), "").unwrap();
    assert!(chosen.contains("{ errors }"), "{chosen}");
    // A query of one environment does not make the payload of both a record.
    let queried = format!("{both} extend type Query {{ last: ChangePayload }}");
    let chosen = payload(&both, &queried, "").unwrap();
    assert!(chosen.contains("{ errors }"), "{chosen}");
}

#[test]
fn the_names_of_the_environments_are_checked() {
    for names in ["[\"QA\", \"QA\"]", "[\" \", \"QA\"]", "[\"production\\n\", \"QA\"]"] {
        let config = Config::from_toml(&format!("[environments]\nnames = {names}")).unwrap();
        let error = Generator::new("type Query { a: Int }", &config).err().unwrap().to_string();
        assert!(error.contains("expected two names, such as \"production\" and \"QA\""), "{names}: {error}");
    }
    for names in ["[\"QA\"]", "[\"a\", \"b\", \"c\"]", "\"QA\""] {
        Config::from_toml(&format!("[environments]\nnames = {names}")).unwrap_err();
    }
    let config = Config::default();
    let merged = Schema::merge(
        &Schema::from_sdl("type Query { a: Int }").unwrap(),
        &Schema::from_sdl("type Query { b: Int }").unwrap(),
        &config,
    );
    let calls = &Generator::from_schema(&merged.unwrap(), &config).unwrap().rust()["query.rs"];
    assert!(calls.contains("/// Only in the second schema."), "{calls}");
}
