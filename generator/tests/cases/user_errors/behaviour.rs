//! Errors in payloads, whatever their list is called and its items look like.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;

/// A client to which the server says this, whatever it is asked.
fn client(data: Value) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = Client::builder().personal_access_token("token-of-a-test");
    (builder.transport(transport.clone()).build().unwrap(), transport)
}

fn run<T>(call: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call.into_future())
}

/// The error of a call when the server says this, and the document that was sent.
fn refused<T, F: IntoFuture<Output = Result<T>>>(data: Value, call: impl Fn(&Client) -> F) -> (Error, String) {
    let (client, transport) = client(data);
    let error = run(call(&client)).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Payload, "{error}");
    (error, transport.requests()[0].document.clone())
}

const CART: &str = "cart { id note owner { id } }";

#[test]
fn a_field_of_the_input_is_the_path() {
    let data = json!({"cartCreate": {"cart": null, "sdk_errors": [{"message": "too long", "path": ["input", "note"]}]}});
    let (error, document) = refused(data, |client| client.cart_create("a"));
    assert!(document.contains(&format!("{CART} sdk_errors: userErrors {{ message path: field }}")), "{document}");
    assert_eq!(error.errors()[0].to_string(), "input.note: too long");
    assert_eq!(error.errors()[0].code, None);
}

#[test]
fn a_code_is_kept_and_a_deprecated_list_is_the_last_choice() {
    let errors = json!([{"message": "no", "path": null, "code": "TAKEN"}, {"message": "no", "path": ["id"], "code": null}]);
    let data = json!({"cartUpdate": {"cart": null, "warnings": [], "sdk_errors": errors}});
    let (error, document) = refused(data, |client| client.cart_update(Id::new("1")));
    assert!(document.contains("warnings sdk_errors: userErrors { message path: field code }"), "{document}");
    let codes: Vec<_> = error.errors().iter().map(|error| error.code.as_deref()).collect();
    assert_eq!(codes, [Some("TAKEN"), None]);
    let good = json!({"cartUpdate": {"cart": null, "warnings": ["old"], "sdk_errors": null}});
    assert_eq!(run(client(good).0.cart_update(Id::new("1"))).unwrap().warnings, ["old"]);
}

#[test]
fn items_are_interfaces_texts_or_lists_of_messages() {
    let data = json!({"cartDiscount": {"cart": null, "sdk_errors": [{"message": "no", "path": ["code"]}]}});
    let (error, _) = refused(data, |client| client.cart_discount("a"));
    assert_eq!(error.errors()[0].path, ["code"]);

    let data = json!({"cartDelete": {"clientMutationId": null, "sdk_errors": ["it is gone", "really"]}});
    let (error, document) = refused(data, |client| client.cart_delete(Id::new("1")));
    assert!(document.ends_with("clientMutationId sdk_errors: errors } }"), "{document}");
    assert_eq!(error.errors().iter().map(|error| error.message.as_str()).collect::<Vec<_>>(), ["it is gone", "really"]);
    let good = json!({"cartDelete": {"clientMutationId": null, "sdk_errors": []}});
    run(client(good).0.cart_delete(Id::new("1"))).unwrap();

    let data = json!({"cartCheckout": {"cart": null, "sdk_errors": [{"message": ["no", "never"], "path": "address"}]}});
    let (error, document) = refused(data, |client| client.cart_checkout(Id::new("1")));
    assert!(document.contains("errors { message: messages path: field }"), "{document}");
    assert_eq!(error.errors()[0].to_string(), "address: no; never");
}

#[test]
fn selections_lists_and_batches_report_the_same_errors() {
    let errors = json!([{"message": "no", "path": ["note"]}]);
    let payload = json!({"cart": null, "sdk_errors": errors});
    let (error, document) = refused(json!({"cartCreate": payload}), |client| client.cart_create("a").record::<Cart>());
    assert!(document.ends_with(&format!(" {{ {CART} sdk_errors: userErrors {{ message path: field }} }} }}")), "{document}");
    assert_eq!(error.errors()[0].path, ["note"]);
    let (error, _) = refused(json!({"cartsCreate": [payload]}), |client| client.carts_create(["a"]));
    assert_eq!(error.errors()[0].path, ["0", "note"]);
    let (client, transport) = client(json!({"b0": payload, "b1": {"clientMutationId": null, "sdk_errors": []}}));
    let (created, deleted) = run(client.batch((client.cart_create("a"), client.cart_delete(Id::new("1"))))).unwrap();
    assert_eq!(created.unwrap_err().errors()[0].path, ["note"]);
    deleted.unwrap();
    let document = &transport.requests()[0].document;
    assert!(document.contains("sdk_errors: userErrors { message path: field }"), "{document}");
    assert!(document.contains("sdk_errors: errors }"), "{document}");
}

#[test]
fn a_record_that_a_mutation_returns_is_selected_like_any_other() {
    let (client, transport) = client(json!({"createUser": {"id": "1", "name": "Ada", "boss": {"id": "2"}}}));
    let user: User = run(client.create_user("Ada")).unwrap();
    assert_eq!(user.boss.unwrap().id(), &Id::new("2"));
    let document = &transport.requests()[0].document;
    assert!(document.ends_with("createUser(name: $name) { boss { id } id name } }"), "{document}");
    run(client.node::<User>(Id::new("1"))).unwrap_err();
}

#[test]
fn a_record_without_a_lookup_has_references_and_a_value_has_whole_records() {
    let ticket = json!({"createTicket": {"id": "1", "subject": null, "owner": {"id": "2"}}});
    let ticket = run(client(ticket).0.create_ticket()).unwrap().unwrap();
    assert_eq!(ticket.owner.unwrap(), Ref::new("2"));
    let login = json!({"login": {"token": "a", "user": {"id": "1", "name": "Ada", "boss": null}}});
    let login = run(client(login).0.login()).unwrap().unwrap();
    assert_eq!(login.user.unwrap().name, "Ada");
}

#[test]
fn what_other_fields_return_keeps_its_errors_as_a_field() {
    let report = run(client(json!({"runReport": {"errors": ["a"], "lines": 1}})).0.run_report()).unwrap();
    assert_eq!(report.errors, ["a"]);
    let imported = run(client(json!({"runImport": {"errors": ["a"], "lines": 1}})).0.run_import()).unwrap();
    assert_eq!(imported.unwrap().errors, ["a"]);
}
