//! Errors of a server whose schema lacks what a document has: they name the struct and its field.

use super::edited::{Edited, list, named, non_null};
use super::{Count, Overview, Ticket, edited};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xurrent::{
    Client, Error, NoteCreateInput, PersonFilter, RequestStatus, RequestUpdateInput, RequestView,
    RetryPolicy, Select,
};

const ADVICE: &str =
    "the schema of the server is not the one that this crate was generated from; run `cargo xtask regen`";

#[derive(Debug, Select)]
#[select(on = Person)]
struct Signature {
    name: Option<String>,
    #[select(first = 2, rename = "teams")]
    groups: Vec<Group>,
}

#[derive(Debug, Select)]
#[select(on = Team)]
struct Group {
    #[select(rename = "name")]
    title: Option<String>,
}

fn hints(error: &Error) -> Vec<&str> {
    error.errors().iter().filter_map(|error| error.hint.as_deref()).collect()
}

fn hint(error: &Error) -> &str {
    match hints(error).as_slice() {
        [hint] => hint,
        hints => panic!("{hints:?} {error}"),
    }
}

/// The errors of the sandbox, whose engine has messages of its own and no codes.
#[tokio::test]
async fn the_sandbox_lacks_fields_arguments_and_inputs() {
    let (_sandbox, client) = edited(|schema| {
        schema
            .remove("fields", "Team.name")
            .remove("fields", "Person.vip")
            .remove("fields", "Query.problems")
            .remove_argument("Query.requests", "view")
            .remove_argument("HasNotes.notes", "first")
            .remove_argument("Request.notes", "first")
            .argument("Request.watches", "kind", non_null(named("SCALAR", "String")))
            .remove("inputFields", "RequestUpdateInput.memberId")
            .input_field("NoteCreateInput", "kind", non_null(named("SCALAR", "String")))
            .remove("inputFields", "PersonFilter.disabled")
    })
    .await;

    let error = client.people().select::<Signature>().first().await.unwrap_err();
    assert_eq!(hint(&error), format!("`Group::title` selects `name`: {ADVICE}"));
    assert!(error.to_string().contains("(`Group::title` selects `name`: "), "{error}");

    let error = client.me().await.unwrap_err();
    assert_eq!(hint(&error), format!("`Person::vip` selects `vip`: {ADVICE}"));

    let error = client.problems().first().await.unwrap_err();
    assert_eq!(hint(&error), format!("the call selects `problems`: {ADVICE}"));

    let error = client.requests().view(RequestView::from("current_account")).first().await.unwrap_err();
    let named = format!("the call of `requests` gives the argument `view`: {ADVICE}");
    assert!(hints(&error).contains(&named.as_str()), "{error}");

    let error = client.requests().select::<Ticket>().first().await.unwrap_err();
    let hints_of_ticket = hints(&error);
    for expected in [
        "`Ticket::notes` gives the argument `first`",
        "`Ticket::watches` selects `watches`",
        "`Named::name` selects `name`",
    ] {
        assert!(hints_of_ticket.iter().any(|hint| hint.starts_with(expected)), "{expected}\n{error}");
    }
    assert_eq!(hints_of_ticket.len(), 3, "{error}");
    let advised = hints_of_ticket.iter().filter(|hint| hint.ends_with(ADVICE)).count();
    assert_eq!(advised, 1, "the advice is there once: {error}");

    let error = client.query::<Overview>(Count { count: 1 }).await.unwrap_err();
    assert!(hints(&error).iter().any(|hint| hint.starts_with("`Ticket::notes` gives")), "{error}");

    let error = client.batch((client.me(), client.people().select::<Signature>())).await.unwrap_err();
    for expected in ["`Person::vip` selects `vip`", "`Group::title` selects `name`"] {
        assert!(hints(&error).iter().any(|hint| hint.starts_with(expected)), "{expected}\n{error}");
    }

    let input = RequestUpdateInput::new("1").member_id("5");
    let error = client.request_update(input).await.unwrap_err();
    assert_eq!(hint(&error), format!("the input `RequestUpdateInput` is sent with `memberId`: {ADVICE}"));

    let error = client.note_create(NoteCreateInput::new("1", "text")).await.unwrap_err();
    let expected = "the input `NoteCreateInput` is sent without `kind`, which is required: ";
    assert!(hint(&error).starts_with(expected), "{error}");

    let error = client.people().filter(PersonFilter::new().disabled(true)).count().await.unwrap_err();
    assert!(hint(&error).starts_with("the input `PersonFilter` is sent with `disabled`"), "{error}");
}

#[tokio::test]
async fn other_errors_have_no_hint() {
    let (_sandbox, client) = edited(|schema| schema).await;
    // The user's own document.
    let error = client.raw("{ me { nonsense } }", ()).await.unwrap_err();
    assert_eq!(hints(&error), [""; 0], "{error}");
    // A value that the schema never had.
    let input = RequestUpdateInput::new("1").status(RequestStatus::from("nonsense"));
    let error = client.request_update(input).await.unwrap_err();
    assert_eq!(hints(&error), [""; 0], "{error}");
}

/// A server that answers each document with these errors.
async fn server(status: &'static str, answer: fn(&str) -> Value) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let body: Value = loop {
                let mut chunk = [0; 4096];
                let Ok(count @ 1..) = stream.read(&mut chunk).await else { return };
                request.extend_from_slice(&chunk[..count]);
                let text = String::from_utf8_lossy(&request);
                let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
                if let Ok(body) = serde_json::from_str(body) {
                    break body;
                }
            };
            let json = answer(body["query"].as_str().unwrap()).to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                json.len()
            );
            let _ = stream.write_all((head + &json).as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let builder = Client::builder().account("wdc").endpoints(&url, &url).personal_access_token("token");
    builder.retry(RetryPolicy::never()).build().unwrap()
}

/// The position of a text in a document, as a server has it.
fn locations(document: &str, text: &str) -> Value {
    json!([{ "line": 1, "column": document.find(text).unwrap() + 1 }])
}

#[tokio::test]
async fn graphql_ruby_names_the_field_and_its_position() {
    let client = server("200 OK", |document| {
        json!({ "errors": [{
            "message": "Field 'name' doesn't exist on type 'Team'",
            "locations": locations(document, "title: name"),
            "path": ["query people", "people", "nodes", "groups", "nodes", "title"],
            "extensions": { "code": "undefinedField", "typeName": "Team", "fieldName": "name" },
        }] })
    })
    .await;
    let error = client.people().select::<Signature>().first().await.unwrap_err();
    assert_eq!(hint(&error), format!("`Group::title` selects `name`: {ADVICE}"));
}

#[tokio::test]
async fn without_positions_the_path_through_the_document_counts() {
    let client = server("200 OK", |_| {
        json!({ "errors": [{
            "message": "Field 'name' doesn't exist on type 'Person'",
            "path": ["query people", "people", "nodes", "name"],
            "extensions": { "code": "undefinedField", "typeName": "Person", "fieldName": "name" },
        }] })
    })
    .await;
    let error = client.people().select::<Signature>().first().await.unwrap_err();
    assert_eq!(hint(&error), format!("`Signature::name` selects `name`: {ADVICE}"));
    let error = client.people().first().await.unwrap_err();
    assert_eq!(hint(&error), format!("`Person::name` selects `name`: {ADVICE}"));
}

#[tokio::test]
async fn graphql_ruby_refuses_the_value_of_a_variable() {
    let client = server("200 OK", |document| {
        json!({ "errors": [{
            "message": "Variable $input of type RequestUpdateInput! was provided invalid value for memberId (Field is not defined on RequestUpdateInput)",
            "locations": locations(document, "$input"),
            "extensions": {
                "value": { "id": "1", "memberId": "5" },
                "problems": [{ "path": ["memberId"], "explanation": "Field is not defined on RequestUpdateInput" }],
            },
        }] })
    })
    .await;
    let error = client.request_update(RequestUpdateInput::new("1").member_id("5")).await.unwrap_err();
    assert_eq!(hint(&error), format!("the input `RequestUpdateInput` is sent with `memberId`: {ADVICE}"));
    // It was not sent: the server speaks of something else.
    let error = client.request_update(RequestUpdateInput::new("1")).await.unwrap_err();
    assert_eq!(hints(&error), [""; 0]);
}

#[tokio::test]
async fn a_document_may_be_refused_with_status_400() {
    let client = server("400 Bad Request", |document| {
        json!({ "errors": [{
            "message": "Cannot query field \"vip\" on type \"Person\".",
            "locations": locations(document, "vip"),
            "extensions": { "code": "GRAPHQL_VALIDATION_FAILED" },
        }] })
    })
    .await;
    let error = client.me().await.unwrap_err();
    assert!(error.is_status());
    assert_eq!(hint(&error), format!("`Person::vip` selects `vip`: {ADVICE}"));
}

/// Of none of these is it sure that the schema has changed.
#[tokio::test]
async fn no_hint_is_given_where_nothing_is_sure() {
    let answers: [fn(&str) -> Value; 6] = [
        // A permission.
        |document| json!({ "errors": [{ "message": "You may not read vip", "locations": locations(document, "vip") }] }),
        // The document was executed.
        |document| json!({ "data": { "me": null }, "errors": [{ "message": "Cannot query field \"vip\" on type \"Person\".", "locations": locations(document, "vip") }] }),
        // The position is that of another field.
        |document| json!({ "errors": [{ "message": "Cannot query field \"vip\" on type \"Person\".", "locations": locations(document, "name") }] }),
        |document| json!({ "errors": [{ "message": "x", "locations": locations(document, "name"), "extensions": { "code": "undefinedField", "fieldName": "vip" } }] }),
        // There is no such position.
        |_| json!({ "errors": [{ "message": "Cannot query field \"vip\" on type \"Person\".", "locations": [{ "line": 7, "column": 99 }] }] }),
        |_| json!({ "errors": [{ "message": "Cannot query field \"vip\" on type \"Person\".", "locations": "somewhere" }] }),
    ];
    for answer in answers {
        let error = server("200 OK", answer).await.me().await.unwrap_err();
        assert!(!error.errors().is_empty());
        assert_eq!(hints(&error), [""; 0], "{error}");
    }
}

#[test]
fn the_edited_schema_is_another_one() {
    let plain = Edited::new().json();
    assert_ne!(Edited::new().retype("Request.subject", list(named("SCALAR", "String"))).json(), plain);
    assert_eq!(Edited::new().json(), plain);
}
