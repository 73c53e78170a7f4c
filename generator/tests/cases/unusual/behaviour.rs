//! Rare shapes and names are sent and decoded like any other.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{Id, Json, MemoryTransport};

/// What a call returns when the server responds with this, the document and the variables that it sends.
fn sent<F: IntoFuture>(data: Value, call: impl Fn(&Client) -> F) -> (F::Output, String, Value) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let output = runtime.block_on(call(&client).into_future());
    let request = &transport.requests()[0];
    (output, request.document.clone(), request.variables.clone())
}

#[test]
fn interfaces_have_the_types_that_implement_them() {
    let (further, document, _) = sent(json!({"further": {"__typename": "Thing"}}), Client::further);
    assert_eq!((further.unwrap().unwrap().typename, document.as_str()), (FurtherType::Thing, "query further { further { __typename } }"));
    let (empty, ..) = sent(json!({"empty": {"__typename": "New"}}), Client::empty);
    assert_eq!(empty.unwrap().unwrap().typename, EmptyType::Unrecognized("New".to_owned()));
    let (single, ..) = sent(json!({"single": {"__typename": "Thing"}}), Client::single);
    assert_eq!(single.unwrap().unwrap().typename, SingleType::Thing);
    let (only, ..) = sent(json!({"only": "only"}), Client::only);
    assert_eq!(only.unwrap(), Some(Only::Only));
}

#[test]
fn a_type_whose_fields_are_all_deprecated_is_fetched_by_its_name() {
    let (old, document, _) = sent(json!({"old": {"__typename": "Old"}}), Client::old);
    assert_eq!((old.unwrap().is_some(), document.as_str()), (true, "query old { old { __typename } }"));
}

#[test]
fn lists_of_lists_keep_their_nulls() {
    let data = json!({"lists": {
        "ids": ["a"], "things": [[{"base": 1, "further": null}], []], "values": [null, ["only", null]], "olds": [[null, {}]],
        "unions": [[{"__typename": "Thing"}]], "names": [{"_a": 1, "a_": 2, "a": 3, "_": 4}],
    }});
    let lists = sent(data, Client::lists).0.unwrap().unwrap();
    assert_eq!((lists.things[0][0].base, lists.things[1].len()), (Some(1), 0));
    assert_eq!(lists.values, Some(vec![None, Some(vec![Some(Only::Only), None])]));
    assert_eq!(lists.ids, Some(vec![Id::new("a")]));
    let name = &lists.names.as_ref().unwrap()[0];
    assert_eq!((name._a, name.a_, name.a), (Some(1), Some(2), Some(3)));
}

#[test]
fn inputs_contain_themselves_and_have_many_required_fields() {
    let required = || Required::new(Recursive::new().a(Recursive::new().a(None)).list([Some(vec![Recursive::new()])]));
    let (_, _, variables) = sent(json!({"recursive": 1}), |client| client.recursive(required()));
    assert_eq!(variables, json!({"required": {"a": {"a": {"a": null}, "list": [[{}]]}}}));
    let (_, _, variables) = sent(json!({"big": 1}), |client| client.big(Big::new(1, 10, 11, 12, 13, Only::Only, 2, 3, 4, 5, 6, 7, 8, 9)));
    assert_eq!((&variables["big"]["a10"], &variables["big"]["a14"]), (&json!(10), &json!("only")));
    let defaults = || Defaults::new(["a"], [Some(Only::Only), None]).list([3]).value(Only::Only).many([Some(vec![None::<Id>])]).text("\"");
    let arguments = || DefaultsArguments::new().defaults(defaults()).l([None::<Vec<Option<i64>>>]);
    let (_, _, variables) = sent(json!({"defaults": 1}), |client| client.defaults().arguments(arguments()));
    let expected = json!({"ids": ["a"], "values": ["only", null], "list": [3], "value": "only", "many": [[null]], "text": "\""});
    assert_eq!(variables, json!({"defaults": expected, "l": [null]}));
}

#[test]
fn scalars_and_types_are_called_like_those_of_rust() {
    let scalars = json!({"date": "2020", "json": {"a": [1]}, "long": 1, "int64": "9", "void": null, "self": 1.5, "number": 2, "any": [], "set": "a b"});
    let read = sent(json!({"scalars": scalars}), Client::scalars).0.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), scalars);
    let representation = || Json::from(json!({"__typename": "_Name"}));
    let (entities, document, _) = sent(json!({"_entities": [null, {"__typename": "_Name"}]}), |client| client._entities([representation()]));
    assert_eq!(entities.unwrap()[1].as_ref().unwrap().typename, _EntityType::_Name);
    assert!(document.contains("_entities(representations: $representations)"), "{document}");
}

#[test]
fn names_without_letters_are_told_apart() {
    let (two, document, variables) = sent(json!({"_1": {"_1": 1, "__typename": "_2"}}), |client| client._1(_Value1::new(1)._2(2), _Value3::Value1));
    assert_eq!((two.unwrap().unwrap()._1, variables), (Some(1), json!({"_1": {"_1": 1, "_2": 2}, "_2": "_1"})));
    assert_eq!(document, "query _1($_1: _1!, $_2: _3!) { _1(_1: $_1, _2: $_2) { _1 } }");
}

#[test]
fn root_fields_and_arguments_are_called_like_names_of_the_macros() {
    let (client, _, variables) = sent(json!({"client": 1}), |client| client.client(1, 2, 3, 4, 5, 6, 7, 8, 9));
    let expected = json!({"client": 1, "crate": 2, "decoder": 3, "records": 4, "result": 5, "rt": 6, "self": 7, "sink": 8, "super": 9});
    assert_eq!((client.unwrap(), variables), (Some(1), expected));
    assert_eq!(sent(json!({"ALL": 2}), Client::all).0.unwrap(), Some(2));
    let names: Vec<_> = root_fields().iter().map(|root| root.name).collect();
    assert!(["ALL", "self_", "crate", "async", "sink"].iter().all(|name| names.contains(name)), "{names:?}");
}
