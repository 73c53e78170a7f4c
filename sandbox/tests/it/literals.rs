//! Literals and variables: coercion, value lists, and errors of invalid ones.

use crate::schema::{engine, errors, run, schema_json};
use serde_json::{Value, json};
use xurrent_sandbox::{Engine, Sandbox};

#[test]
fn invalid_documents_and_variables_are_refused_by_the_engine() {
    let engine = engine();
    for (query, variables, expected) in [
        ("{ people { nodes { shoeSize } } }", json!({}), "shoeSize"),
        ("{ people {", json!({}), "syntax error"),
        ("{ people }", json!({}), "subselection"),
        ("{ requests(view: everything) { totalCount } }", json!({}), "everything"),
        ("query($n: Int) { people(first: $n) { totalCount } }", json!({ "n": "ten" }), "Int"),
        ("query($n: Int) { people(first: $n) { totalCount } }", json!({ "n": 2_147_483_648_i64 }), "Int"),
        ("query($v: PersonView) { people(view: $v) { totalCount } }", json!({ "v": "nope" }), "PersonView"),
        ("query($i: ID!) { node(id: $i) { id } }", json!({}), "non-null"),
        (
            "query($f: PersonFilter) { people(filter: $f) { totalCount } }",
            json!({ "f": { "shoeSize": { "values": [] } } }),
            "PersonFilter",
        ),
    ] {
        let response = engine.execute(&json!({ "query": query, "variables": variables }));
        let messages = errors(&response).join("\n");
        assert!(messages.contains(expected), "{query}: {response}");
        assert!(response.get("data").is_none(), "{response}");
    }
    assert!(engine.validate("{ me { name } }").is_ok());
    let complaints = engine.validate("{ me { nome } }").unwrap_err();
    assert!(complaints.concat().contains("nome"));
}

#[test]
fn value_lists_are_scalars_or_enums() {
    let builder = Sandbox::builder().schema_json(schema_json());
    let (scalars, enums) = (engine(), builder.value_lists_as_enums(true).engine().unwrap());
    let kind = |engine: &Engine, name: &str| {
        run(engine, &format!("{{ __type(name: \"{name}\") {{ kind }} }}"))["__type"]["kind"].clone()
    };
    // What is no name in GraphQL cannot be an enum.
    for (name, other) in [("RequestStatus", "ENUM"), ("CiStatus", "ENUM"), ("WebhookEvent", "SCALAR")] {
        assert_eq!(kind(&scalars, name), "SCALAR", "{name}");
        assert_eq!(kind(&enums, name), other, "{name}");
    }
    // Both hold the same records.
    let query = "{ requests(view: all) { nodes { id status impact grouping lifeCycleState } }
        archived: requests(view: archive) { nodes { lifeCycleState } } }";
    let data = run(&scalars, query);
    assert_eq!(data, run(&enums, query));
    assert!(!data["archived"]["nodes"].as_array().unwrap().is_empty());
}

#[test]
fn value_list_values_may_be_strings_or_bare_names() {
    let engine = engine();
    let count = |filter: &str, variables: Value| {
        let (declared, filter) = filter.split_once("; ").unwrap_or(("", filter));
        let query =
            format!("query{declared} {{ configurationItems(view: all, filter: {filter}) {{ totalCount }} }}");
        let response = engine.execute(&json!({ "query": query, "variables": variables }));
        response["data"]["configurationItems"]["totalCount"].as_i64().ok_or(response)
    };
    let bare = count("{ ruleSet: { values: [software] } }", json!({})).unwrap();
    assert!(bare > 0 && bare < count("{}", json!({})).unwrap());
    for (filter, variables) in [
        ("{ ruleSet: { values: [\"software\"] } }", json!({})),
        ("{ ruleSet: { values: software } }", json!({})),
        ("($v: [ProductCategoryRuleSet!]!); { ruleSet: { values: $v } }", json!({ "v": ["software"] })),
        ("($v: ProductCategoryRuleSet); { ruleSet: { values: [$v] } }", json!({ "v": "software" })),
        ("($f: ConfigurationItemFilter); $f", json!({ "f": { "ruleSet": { "values": ["software"] } } })),
        ("($v: [ProductCategoryRuleSet!] = [software]); { ruleSet: { values: $v } }", json!({})),
    ] {
        assert_eq!(count(filter, variables), Ok(bare), "{filter}");
    }
    for (filter, variables) in [
        ("{ ruleSet: { values: [hardware] } }", json!({})),
        ("{ ruleSet: { values: [\"hardware\"] } }", json!({})),
        ("{ ruleSet: { values: [Software] } }", json!({})),
        ("{ ruleSet: { values: [7] } }", json!({})),
        ("{ ruleSet: { values: [true] } }", json!({})),
        ("{ ruleSet: { values: { software: 1 } } }", json!({})),
        ("($v: [ProductCategoryRuleSet!]!); { ruleSet: { values: $v } }", json!({ "v": ["hardware"] })),
        ("($v: ProductCategoryRuleSet); { ruleSet: { values: [$v] } }", json!({ "v": 7 })),
        ("($f: ConfigurationItemFilter); $f", json!({ "f": { "ruleSet": { "values": ["hardware"] } } })),
        ("($v: [ProductCategoryRuleSet!] = [hardware]); { ruleSet: { values: $v } }", json!({})),
        // A variable has the type of the list.
        ("($v: [String!]!); { ruleSet: { values: $v } }", json!({ "v": ["software"] })),
    ] {
        assert!(count(filter, variables).is_err(), "{filter}");
    }
    // Mutations take both forms, too.
    let query = "mutation { bare: requestCreate(input: { subject: \"s\", category: other }) {
        request { category status lifeCycleState } errors { message } }
        text: requestCreate(input: { subject: \"s\", category: \"other\" }) { request { category } } }";
    let data = run(&engine, query);
    let expected = json!({ "category": "other", "status": "assigned", "lifeCycleState": "active" });
    assert_eq!(data["bare"]["request"], expected);
    assert_eq!(data["text"]["request"]["category"], "other");
}

#[test]
fn invalid_literals_have_the_errors_of_the_server() {
    let engine = engine();
    let wrong = |query: &str| {
        let response = engine.execute(&json!({ "query": query }));
        assert!(response.get("data").is_none(), "nothing is executed: {response}");
        response["errors"].as_array().unwrap().clone()
    };
    let extensions = |owner: &str, argument: &str| json!({ "code": "argumentLiteralsIncompatible", "typeName": owner, "argumentName": argument });
    // Of a type that the engine knows, of a list of values, and of a custom scalar.
    for (value, name, ty) in [
        ("true", "id", "ID!"),
        ("no_such", "status", "RequestStatus"),
        ("[completed]", "status", "RequestStatus"),
        ("\"soon\"", "waitingUntil", "ISO8601Timestamp"),
    ] {
        let id = if name == "id" { "" } else { "id: 1, " };
        let query =
            format!("mutation {{ requestUpdate(input: {{ {id}{name}: {value} }}) {{ request {{ id }} }} }}");
        let [error] = wrong(&query).try_into().unwrap();
        let message = format!(
            "Argument '{name}' on InputObject 'RequestUpdateInput' has an invalid value ({value}). Expected type '{ty}'."
        );
        assert_eq!(error["message"], message);
        assert_eq!(error["path"], json!(["mutation", "requestUpdate", "input", name]));
        assert_eq!(error["extensions"], extensions("InputObject", name));
        assert_eq!(error["locations"][0]["column"], query.find(value).unwrap() + 1);
    }
    let [error] = wrong("query Some { mine: people(first: \"2\") { nodes { id } } }").try_into().unwrap();
    let message = "Argument 'first' on Field 'people' has an invalid value (\"2\"). Expected type 'Int'.";
    assert_eq!((&error["message"], &error["extensions"]), (&json!(message), &extensions("Field", "first")));
    assert_eq!(error["path"], json!(["query Some", "mine", "first"]));
    // A variable is no literal.
    let query = "query($v: [String!]!) { requests(filter: { status: { values: $v } }) { totalCount } }";
    let [error] = wrong(query).try_into().unwrap();
    assert!(error.get("extensions").is_none(), "{error}");
    // Inside fragments and lists, several of them, and one of another kind.
    let query = "{ requests(filter: { status: { values: [completed, done, 7] }, impact: { values: tops } }) {
          nodes { ...on Request { notes(first: 1.5) { nodes { id } } } ...F } } }
        fragment F on Request { nosuch other: notes(last: {}) { nodes { id } } }";
    let errors = wrong(query);
    let paths: Vec<String> = errors.iter().map(|error| error["path"].to_string()).collect();
    assert_eq!(
        paths,
        [
            "null",
            r#"["query","requests","filter","status","values"]"#,
            r#"["query","requests","filter","impact","values"]"#,
            r#"["query","requests","nodes","... on Request","notes","first"]"#,
            r#"["fragment F","other","last"]"#,
        ]
    );
    assert!(errors[0]["message"].as_str().unwrap().contains("nosuch"));
}

#[test]
fn a_single_value_is_coerced_to_a_list() {
    let engine = engine();
    let names = |arguments: &str| {
        let data = run(&engine, &format!("{{ people(first: 3, {arguments}) {{ nodes {{ name }} }} }}"));
        data["people"]["nodes"].to_string()
    };
    assert_eq!(names("order: { field: name }"), names("order: [{ field: name }]"));
    assert_ne!(names("order: { field: name }"), names("order: { field: name, direction: desc }"));
    let custom = "{ name: \"cost_center\", values: \"CC-1\" }";
    assert_eq!(
        names(&format!("filter: {{ customFilters: {custom} }}")),
        names(&format!("filter: {{ customFilters: [{}] }}", custom.replace("\"CC-1\"", "[\"CC-1\"]")))
    );
}
