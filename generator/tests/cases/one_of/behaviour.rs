//! Exactly one field is sent, and it is not null.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{BatchQuery, MemoryTransport};

fn client() -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(|_| json!({"data": {"find": null, "remove": true, "b0": null, "b1": null}}));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    (Client(builder.transport(transport.clone()).build().unwrap().runtime().clone()), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

fn json_of(by: &By) -> Value {
    serde_json::to_value(by).unwrap()
}

#[test]
fn each_field_has_a_function() {
    assert_eq!(json_of(&By::id("1")), json!({"id": "1"}));
    assert_eq!(json_of(&By::type_(Kind::B)), json!({"type": "b"}));
    assert_eq!(json_of(&By::not(By::name("a"))), json!({"not": {"name": "a"}}));
    assert_eq!(json_of(&By::any([By::id("1"), By::new_(2)])), json!({"any": [{"id": "1"}, {"new": 2}]}));
    assert_eq!(json_of(&By::range(Range::new(1).by(By::clone_(true)))), json!({"range": {"from": 1, "by": {"clone": true}}}));
    assert_eq!(json_of(&By::other(Other::by(By::old(1)))), json!({"other": {"by": {"old": 1}}}));
    assert_eq!(serde_json::to_value(Values::values([1])).unwrap(), json!({"values": [1]}));
    assert_eq!(serde_json::to_value(Order_::field(Kind::A)).unwrap(), json!({"field": "a"}));
    assert_eq!(format!("{:?}", By::name("a")), r#"{"name":"a"}"#);
}

#[test]
fn json_has_exactly_one_field() {
    for json in [json!({"id": "1"}), json!({"not": {"any": [{"name": "a"}]}}), json!({"range": {"from": 1}})] {
        let by: By = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(json_of(&by), json);
    }
    for (json, message) in [
        (json!({}), "By needs exactly one field, found 0"),
        (json!({"id": "1", "name": "a"}), "By needs exactly one field, found 2"),
        (json!({"id": null}), "id: null, where By needs a value (in By)"),
        (json!({"id": null, "name": "a"}), "id: null, where By needs a value (in By)"),
        (json!({"not": {}}), "not: By needs exactly one field, found 0 (in By)"),
        (json!({"any": [{"id": "1"}, {"id": "1", "new": 2}]}), "any[1]: By needs exactly one field, found 2 (in By)"),
        (json!({"nmae": "a"}), "nmae: the type has no such field (in By)"),
        (json!({"old": "x"}), "old: expected Int, found a string (in By)"),
    ] {
        assert_eq!(serde_json::from_value::<By>(json).map(|_| ()).unwrap_err().to_string(), message);
    }
}

#[test]
fn calls_and_batches_take_it_like_any_input() {
    let (client, transport) = self::client();
    run(client.find(By::id("1"))).unwrap();
    run(client.remove(By::name("a"))).unwrap();
    let (first, second) = (client.find(By::new_(1)), client.maybe().arguments(MaybeArguments::new().by(By::id("2")).plain(Plain::new().name(None))));
    let _ = run(BatchQuery::new(client.runtime(), (first, second)));
    let sent: Vec<Value> = transport.requests().into_iter().map(|request| request.variables).collect();
    assert_eq!(sent[0], json!({"by": {"id": "1"}}));
    assert_eq!(sent[1], json!({"by": {"name": "a"}}));
    assert_eq!(sent[2], json!({"b0_by": {"new": 1}, "b1_by": {"id": "2"}, "b1_plain": {"name": null}}));
    let _ = (client.several([By::id("1")]), client.people().filter(By::id("1")));
}
