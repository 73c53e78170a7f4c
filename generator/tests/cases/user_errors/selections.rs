//! Derived selections on payloads, in a crate that uses the generated one.

use case_user_errors::{Client, ErrorKind, Id, MemoryTransport, Result, Select};
use serde_json::{Value, json};
use std::future::IntoFuture;

#[derive(Debug, Select)]
#[select(on = Mutation, crate = case_user_errors)]
struct Changes {
    #[select(note = "a")]
    cart_create: Created,
    #[select(rename = "cartDelete", id = "1")]
    gone: Option<Deleted>,
}

#[derive(Debug, Select)]
#[select(on = CartCreatePayload, crate = case_user_errors)]
struct Created {
    cart: Option<Cart>,
}

#[derive(Debug, Select)]
#[select(on = Cart, crate = case_user_errors)]
struct Cart {
    id: Id,
}

#[derive(Debug, Select)]
#[select(on = CartDeletePayload, crate = case_user_errors)]
struct Deleted {
    client_mutation_id: Option<String>,
}

/// What the server's data becomes, and the document that was sent.
fn changed(data: Value) -> (Result<Changes>, String) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let client = Client::builder().personal_access_token("token-of-a-test").transport(transport.clone());
    let client = client.build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let changes = runtime.block_on(client.mutation::<Changes>(()).into_future());
    (changes, transport.requests()[0].document.clone())
}

#[test]
fn an_operation_reports_the_errors_of_all_payloads() {
    let (changes, document) = changed(json!({
        "cart_create": {"cart": null, "sdk_errors": [{"message": "no", "path": ["note"]}]},
        "gone": {"client_mutation_id": null, "sdk_errors": ["it is gone"]},
    }));
    let error = changes.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Payload, "{error}");
    let errors: Vec<_> = error.errors().iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["cart_create.note: no", "gone: it is gone"]);
    assert_eq!(
        document,
        "mutation Changes { cart_create: cartCreate(note: \"a\") { cart { id } sdk_errors: userErrors { message path: field } } \
         gone: cartDelete(id: \"1\") { client_mutation_id: clientMutationId sdk_errors: errors } }"
    );
}

#[test]
fn an_operation_without_errors_has_what_it_selects() {
    let changes = changed(json!({
        "cart_create": {"cart": {"id": "1"}, "sdk_errors": []},
        "gone": {"client_mutation_id": "2", "sdk_errors": []},
    }));
    let Changes { cart_create, gone } = changes.0.unwrap();
    assert_eq!(cart_create.cart.unwrap().id, Id::new("1"));
    assert_eq!(gone.unwrap().client_mutation_id.as_deref(), Some("2"));
}
