//! Rules of the API for its clients that belong to no single operation, over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, client, start};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;
use xurrent::{Client, Error, ErrorKind, Id, Person, RequestCreateInput, RetryPolicy, Select};
use xurrent_sandbox::{Fault, node_id};

#[tokio::test]
async fn every_error_of_a_response_has_the_request_id() {
    let (sandbox, client) = client().await;
    let client = client.with_retry(RetryPolicy::never());
    let mut errors: Vec<Error> = Vec::new();
    for fault in [
        Fault::status(429).header("retry-after", "1"),
        Fault::status(500),
        Fault::status(503).header("content-type", "text/html").body("<h1>Down</h1>"),
        Fault::status(401).body(""),
        Fault::content_type("text/html"),
        Fault::errors(["out of order"]),
        Fault::cut_body(),
        Fault::max_nodes(0),
    ] {
        sandbox.faults([fault]);
        errors.push(client.me().await.unwrap_err());
        // What the server refuses for a second is not asked for again within it.
        tokio::time::sleep(errors.last().and_then(Error::retry_after).unwrap_or_default()).await;
    }
    errors.push(client.request_create(RequestCreateInput::new().subject(" ")).await.unwrap_err());
    errors.push(client.raw("{ nothing }", ()).await.unwrap_err());
    errors.push(client.node::<Person>(&Id::new(node_id("Request", 1))).await.unwrap_err());
    let kinds: Vec<ErrorKind> = errors.iter().map(Error::kind).collect();
    for kind in [ErrorKind::RateLimited, ErrorKind::Status, ErrorKind::Unauthorized, ErrorKind::GraphQl] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    for kind in [ErrorKind::Transport, ErrorKind::Payload, ErrorKind::WrongType] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    for error in errors {
        let id = error.request_id().unwrap_or_else(|| unreachable!("{error:?}"));
        assert!(id.starts_with("5a9db0c0-"), "{error:?}");
        assert!(error.to_string().contains(id), "{error}");
    }
}

/// Answers requests, one by one, with these texts.
fn serve(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            // The request is small: it comes in one piece.
            let _ = stream.read(&mut [0; 4_096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[tokio::test]
async fn header_names_are_case_insensitive() {
    let answer = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nCONTENT-TYPE: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n\r\n{body}"
        )
    };
    let limits = "X-RateLimit-Limit: 7200\r\nx-RATELIMIT-remaining: 7100\r\nX-COSTLIMIT-LIMIT: 9000\r\n\
                  X-CostLimit-Remaining: 8000\r\nX-CostLimit-Cost: 3";
    let url = serve(vec![
        answer("200 OK", limits, r#"{"data":{"me":{"id":"1"}}}"#),
        answer("429 Too Many Requests", "RETRY-After: 7\r\nX-REQUEST-Id: r-1", "{}"),
    ]);
    let builder = Client::builder().account("wdc").endpoints(&url, &url).personal_access_token("t");
    let client = builder.retry(RetryPolicy::never()).build().unwrap();
    client.raw("{ me { id } }", ()).await.unwrap();
    let budget = client.budget();
    assert_eq!((budget.requests.limit, budget.requests.remaining), (Some(7_200), Some(7_100)));
    assert_eq!((budget.cost.limit, budget.cost.remaining), (Some(9_000), Some(8_000)));
    assert_eq!(budget.last_cost, Some(3));
    let error = client.raw("{ me { id } }", ()).await.unwrap_err();
    assert_eq!((error.request_id(), error.retry_after()), (Some("r-1"), Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn limits_follow_the_server_and_not_its_documentation() {
    let sandbox = start(|it| it.budget(5_000, 12, Duration::from_secs(60))).await;
    let client = builder(&sandbox).build().unwrap();
    client.raw("{ me { id } }", ()).await.unwrap();
    let budget = client.budget();
    assert_eq!((budget.requests.limit, budget.requests.remaining), (Some(5_000), Some(4_999)));
    assert_eq!((budget.cost.limit, budget.cost.remaining), (Some(12), Some(11)));
    assert!(budget.cost.resets_in.unwrap() <= Duration::from_secs(60));
}

#[tokio::test]
async fn a_client_mutation_id_does_not_make_a_mutation_repeatable() {
    let (sandbox, client) = client().await;
    for fault in [Fault::cut_after(), Fault::status(504).after_execution(), Fault::status(503)] {
        sandbox.faults([fault.clone()]);
        let before = sandbox.arrivals().len();
        let input = RequestCreateInput::new().subject("Once").client_mutation_id("17");
        assert!(client.request_create(input).await.is_err(), "{fault:?}");
        assert_eq!(sandbox.arrivals().len(), before + 1, "{fault:?}");
    }
    let query = "{ requests(view: all, filter: { subject: { values: [\"Once\"] } }) { totalCount } }";
    let stored = sandbox.engine().execute(&json!({ "query": query }));
    assert_eq!(stored["data"]["requests"]["totalCount"], 2, "the last one was never executed");
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Wide {
    #[select(first = 100)]
    teams: Vec<Squad>,
}

#[derive(Debug, Select)]
#[select(on = Team)]
struct Squad {
    #[select(first = 60)]
    members: Vec<Member>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Member {
    #[allow(dead_code)]
    id: Id,
}

#[tokio::test]
async fn no_query_exceeds_the_node_limit() {
    let (sandbox, client) = client().await;
    // A person with 100 teams of 60 members is 6,101 nodes: 82 of them are more than 500,000.
    let error = client.people().select::<Wide>().page_size(82).all().await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("expected 1 to 81 with this selection"),
        "{error}"
    );
    assert!(sandbox.requests().is_empty(), "nothing was sent");
    let wide = client.people().select::<Wide>().limit(100).all().await.unwrap();
    let sizes =
        sandbox.requests().into_iter().map(|request| request.body.unwrap()["variables"]["first"].clone());
    assert_eq!(sizes.collect::<Vec<_>>(), [81, 19], "a page is as large as it may be");
    assert_eq!(wide.len(), 100);
    assert!(wide.iter().any(|person| person.teams.iter().any(|team| !team.members.is_empty())));
}
