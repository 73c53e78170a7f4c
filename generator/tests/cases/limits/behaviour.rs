//! Default selections of a diamond and of a chain.

use crate::*;
use serde_json::{Map, Value, json};
use std::future::IntoFuture;
use xurrent_runtime::MemoryTransport;

/// What a server returns for everything that is selected: a field without a selection is its own name.
fn filled<'d>(words: &mut impl Iterator<Item = &'d str>) -> Value {
    let (mut object, mut last) = (Map::new(), "");
    while let Some(word) = words.next() {
        match word {
            "{" => _ = object.insert(last.to_owned(), filled(words)),
            "}" => break,
            name => {
                object.insert(name.to_owned(), json!(name));
                last = name;
            }
        }
    }
    Value::Object(object)
}

/// The result of a call, and the fields that its document selects.
fn call<F: IntoFuture>(call: impl Fn(&Client) -> F) -> (F::Output, Vec<String>) {
    let transport = MemoryTransport::new(|request| {
        json!({ "data": filled(&mut request.document.split_whitespace().skip_while(|word| *word != "{").skip(1)) })
    });
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(call(&client).into_future());
    let document = transport.requests()[0].document.clone();
    let words = document.split_whitespace().skip_while(|word| *word != "{");
    (result, words.filter(|word| !"{}".contains(word)).map(str::to_owned).collect())
}

#[test]
fn a_diamond_is_cut_before_it_has_too_many_fields() {
    let (diamond, fields) = call(Client::diamond);
    // The root field, 63 levels with a name, and all but the first in a field.
    assert_eq!(fields.len(), 1 + 63 + 62);
    let diamond = diamond.unwrap().unwrap();
    assert_eq!(diamond.a.as_ref().unwrap().b.as_ref().unwrap().name.as_deref(), Some("name"));
    let json = serde_json::to_string(&diamond).unwrap();
    assert_eq!(json.matches("name\":\"name").count(), 63);
    let again: Level = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
}

#[test]
fn a_chain_is_cut_where_it_would_be_too_deep() {
    let (chain, fields) = call(Client::chain);
    assert_eq!(fields.iter().filter(|field| *field == "next").count(), 7);
    let mut link = serde_json::to_value(chain.unwrap().unwrap()).unwrap();
    for _ in 0..7 {
        assert_eq!(link["name"], "name");
        link = link["next"].take();
    }
    // `next` of this one is left out.
    assert_eq!(link, json!({"name": "name"}));
    let _: Link8 = serde_json::from_value(json!({"name": null, "next": {"name": null, "next": null}})).unwrap();
}
