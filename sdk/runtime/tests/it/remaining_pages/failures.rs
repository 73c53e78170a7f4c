//! Remaining pages that cannot be fetched.

use super::{CHANGE, Parent, ROOT, found, from, one, page, parent, parents, rest, serve};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use xurrent_runtime::{ErrorKind, Mutation, Query};

#[tokio::test]
async fn a_next_page_without_a_cursor_is_an_error_with_the_data_so_far() {
    for cursor in [json!(null), json!("")] {
        let open =
            json!({ "pageInfo": { "hasNextPage": true, "endCursor": cursor }, "nodes": [{ "number": 7 }] });
        // On the first page, and on a further one.
        for (is_first, numbers) in
            [(true, json!([{ "number": 7 }])), (false, json!([{ "number": 0 }, { "number": 7 }]))]
        {
            let (first, further) = match is_first {
                true => (open.clone(), json!(null)),
                false => (page(0..1, 5), open.clone()),
            };
            let (_, client) = serve(move |request| match request.operation.as_str() {
                "parents" => json!({ "data": { "parents": [parent("p", first.clone())] } }),
                _ => rest(request, |_, _, _| found(further.clone())),
            });
            let error = parents(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Incomplete);
            assert!(error.to_string().contains("`parents[0].children` (Parent p)"), "{error}");
            assert!(error.to_string().contains("gave no cursor"), "{error}");
            let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
            assert_eq!(data["parents"][0]["children"]["nodes"], numbers);
        }
    }
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error() {
    for (cursors, requests) in [(["3", "3"], 2), (["4", "3"], 3), (["4", "4"], 3)] {
        let count = AtomicUsize::new(0);
        let (transport, client) = one(move |_, _| {
            let cursor = cursors[count.fetch_add(1, Ordering::SeqCst).min(1)];
            found(
                json!({ "pageInfo": { "hasNextPage": true, "endCursor": cursor }, "nodes": [{ "number": 1 }] }),
            )
        });
        let error = parents(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert!(error.to_string().contains("`parents[0].children` (Parent p)"), "{error}");
        assert!(error.to_string().contains("repeated"), "{error}");
        assert_eq!(transport.requests().len(), requests, "{cursors:?}");
    }
    // The same cursor of another parent is another place.
    let (_, client) = serve(|request| match request.operation.as_str() {
        "parents" => {
            json!({ "data": { "parents": [parent("p", page(0..3, 5)), parent("q", page(0..3, 4))] } })
        }
        _ => rest(request, |id, after, size| from(after, size, if id == "p" { 5 } else { 4 })),
    });
    let lengths: Vec<_> =
        parents(&client).await.unwrap().iter().map(|parent| parent.children.0.len()).collect();
    assert_eq!(lengths, [5, 4]);
}

#[tokio::test]
async fn an_endless_list_is_an_error_after_a_thousand_requests() {
    let (transport, client) = one(|after, _| from(after, 1, i64::MAX));
    let error = parents(&client).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Incomplete, 1_001));
    assert!(error.to_string().contains("more than the 1000 requests"), "{error}");
    assert!(error.to_string().contains("raise `max_nested_requests`"), "{error}");
}

#[tokio::test]
async fn a_missing_or_changed_parent_is_an_error() {
    for (answer, words) in [
        (json!(null), "no record has its id any more"),
        (json!({ "__typename": "Uncle the-secret-token" }), "its id is now that of a Uncle ***"),
        (json!({ "__typename": "Parent", "page": null }), "its next page is null"),
        (json!({ "__typename": "Parent", "page": { "nodes": [] } }), "page.pageInfo: the field is missing"),
        (
            json!({ "__typename": "Parent", "page": { "pageInfo": { "hasNextPage": false } , "nodes": [] } }),
            "endCursor: the field is missing",
        ),
        (
            json!({ "__typename": "Parent", "page": { "pageInfo": { "hasNextPage": false, "endCursor": null } } }),
            "page.nodes: the field is missing",
        ),
        (json!({ "__typename": "Parent", "page": 1 }), "expected Connection, found a number"),
        (json!([]), "expected Node, found an array"),
    ] {
        let (_, client) = one(move |_, _| answer.clone());
        for error in [
            parents(&client).await.unwrap_err(),
            Mutation::<Parent>::new(client.runtime(), &CHANGE).await.unwrap_err(),
        ] {
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Incomplete, "{text}");
            assert!(text.contains(words) && text.contains("(Parent p)"), "{text}");
            let data: Value = serde_json::from_str(error.partial_data().unwrap()).unwrap();
            assert!(data.to_string().contains(r#""number":2"#), "{data}");
            assert_eq!(
                text.starts_with("`change` was executed, but not all of `change.children`"),
                data.get("change").is_some()
            );
        }
    }
    // Without an alias at all.
    let (_, client) = serve(|request| match request.operation.as_str() {
        "parents" => json!({ "data": { "parents": [parent("p", page(0..3, 10))] } }),
        _ => json!({ "data": {} }),
    });
    assert!(parents(&client).await.unwrap_err().to_string().contains("no record has its id any more"));
}

#[tokio::test]
async fn an_incomplete_list_is_an_error() {
    for (first, words) in [
        (json!({ "nodes": [] }), "pageInfo: the field is missing"),
        (json!({ "pageInfo": { "hasNextPage": true, "endCursor": "x" } }), "nodes: the field is missing"),
        (json!({ "pageInfo": null, "nodes": [] }), "pageInfo: expected PageInfo, found null"),
    ] {
        let (transport, client) =
            serve(move |_| json!({ "data": { "parents": [parent("p", first.clone())] } }));
        let error = parents(&client).await.unwrap_err();
        assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::Decode, 1));
        assert!(error.to_string().contains(&format!("parents[0].children.{words}")), "{error}");
    }
    let mut nameless = parent("p", page(0..3, 10));
    nameless.as_object_mut().unwrap().remove("sdk_id");
    let (_, client) = serve(move |_| json!({ "data": { "parents": [nameless.clone()] } }));
    let error = parents(&client).await.unwrap_err();
    assert!(error.to_string().contains("has no id"), "{error}");
}

#[tokio::test]
async fn errors_of_a_remaining_page_have_the_paths_of_its_records() {
    let serve = || {
        serve(|request| match request.operation.as_str() {
            "parents" => {
                json!({ "data": { "parents": [parent("p", page(0..3, 5)), parent("q", page(0..3, 5))] } })
            }
            _ => json!({
                "data": { "b0": found(page(3..5, 5)), "b1": found(json!(null)) },
                "errors": [
                    { "message": "one", "path": ["b0", "page", "nodes", 1, "number"] },
                    { "message": "two the-secret-token", "path": ["b1", "page"] },
                ],
            }),
        })
    };
    let (_, client) = serve();
    let error = parents(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.to_string().contains("`parents[0].children` (Parent p)"), "{error}");
    assert!(
        error.to_string().contains("parents.0.children.nodes.4.number: one; parents.1.children: two ***"),
        "{error}"
    );
    let (_, client) = serve();
    let partial = Query::<Vec<Parent>>::new(client.runtime(), &ROOT).allow_partial().await.unwrap();
    let paths: Vec<_> = partial.errors.iter().map(|error| error.path.join(".")).collect();
    assert_eq!(paths, ["parents.0.children.nodes.4.number", "parents.1.children"]);
    let data = partial.data.unwrap();
    assert_eq!((data[0].children.0.len(), data[1].children.0.len()), (5, 3));
}
