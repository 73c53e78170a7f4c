//! Secrets are planted wherever one can come in, and looked for in everything that comes out.

use crate::child_process::is_child;
use crate::every_operation::check::Check;
use crate::every_operation::leaks::{collect, collected, leaks, show, show_error};
use crate::sandboxed::start;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xurrent::transport::Transport;
use xurrent::{
    Client, ClientBuilder, Error, ErrorKind, Id, NoteCreateInput, Person, RequestUpdateInput, RetryPolicy,
    Stage,
};
use xurrent_runtime::transport::{BoxFuture, Request};

const TOKEN: &str = "pat-91c7e0/wonderland+4b";
const CLIENT_ID: &str = "client-id-55ab03";
const CLIENT_SECRET: &str = "client-secret-4f/8a+b1=d2";
const ISSUED: &str = "issued-token-7d/20+c6";
const USER: &str = "user-2c41aa";
const PASSWORD: &str = "password-e8d3f1";
const QUERY: &str = "query-key-60b7c9";
/// The beginning of every token that the sandbox issues.
const OF_SANDBOX: &str = "sandbox-access-token-";
const SECRETS: [&str; 8] = [TOKEN, CLIENT_ID, CLIENT_SECRET, ISSUED, USER, PASSWORD, QUERY, OF_SANDBOX];

/// What a server of the tests answers: a status, a content type, and a body in which `{request}`
/// stands for the request as it came, `{header}` for its signature.
type Answer = (&'static str, &'static str, &'static str);

const GRANT: Answer =
    ("200 OK", "application/json", r#"{"access_token":"issued-token-7d/20+c6","expires_in":3600}"#);

/// A server that repeats what it is sent. `GET` and `POST` of the API get `api`, token calls get
/// `token`.
async fn server(token: Answer, api: Answer) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let text = loop {
                let mut chunk = [0; 4096];
                let Ok(count) = stream.read(&mut chunk).await else { break String::new() };
                bytes.extend_from_slice(&chunk[..count]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let length = text.to_lowercase().split_once("content-length: ").map_or(0, |(_, rest)| {
                    rest.lines().next().and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0)
                });
                let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if count == 0 || body.is_some_and(|body| body >= length) {
                    break text;
                }
            };
            seen.lock().unwrap().push(text.clone());
            let (status, kind, body) = if text.starts_with("POST /token") { token } else { api };
            let signature = text.lines().find_map(|line| line.split_once("uthorization: "));
            let signature = signature.map_or("", |(_, value)| value.trim());
            let form = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            let body = match kind {
                "application/json" => body
                    .replace("{header}", signature)
                    .replace("{form}", form)
                    .replace("{secret}", CLIENT_SECRET)
                    .replace("{id}", CLIENT_ID),
                _ => body.replace("{request}", &text),
            };
            let length = body.len() + if status.starts_with("299") { 50 } else { 0 };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nlocation: \
                 https://elsewhere.invalid/?{signature}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, requests)
}

fn with_token(address: &str) -> ClientBuilder {
    Client::builder()
        .account("wdc")
        .endpoints(format!("{address}/graphql?key={QUERY}"), format!("{address}/token?key={QUERY}#{QUERY}"))
        .personal_access_token(TOKEN)
        .retry(RetryPolicy::never())
        .no_rate_limit()
}

fn with_client(address: &str) -> ClientBuilder {
    Client::builder()
        .account("wdc")
        .endpoints(format!("{address}/graphql?key={QUERY}"), format!("{address}/token?key={QUERY}"))
        .client_credentials(CLIENT_ID, CLIENT_SECRET)
        .retry(RetryPolicy::never())
        .no_rate_limit()
}

/// Makes a client, shows it in all its states, and makes a call of every kind with it.
async fn use_up(builder: ClientBuilder) -> Vec<ErrorKind> {
    show(&format!("{builder:?} {builder:#?}"));
    let client = match builder.build() {
        Ok(client) => client,
        Err(error) => {
            show_error(&error);
            return vec![error.kind()];
        }
    };
    let person = client.node::<Person>("1");
    let update = client.request_update(RequestUpdateInput::new("1").subject("x"));
    let note = client.note_create(NoteCreateInput::new("1", "text"));
    let people = client.people();
    let raw = client.raw("{ me { id } }", ());
    show(&format!("{client:?} {client:#?} {person:?} {update:?} {note:?} {people:?} {raw:?}"));
    let partial = client.me().allow_partial().await.map(|partial| show(&format!("{:?}", partial.errors)));
    let partial_payload = note.allow_partial().await.map(|partial| show(&format!("{:?}", partial.errors)));
    let stream = people.stream();
    show(&format!("{stream:?}"));
    let results: [Result<(), Error>; 8] = [
        client.me().await.map(drop),
        person.await.map(drop),
        update.await.map(drop),
        client.people().all().await.map(drop),
        raw.await.map(drop),
        client.check().await.map(|info| show(&format!("{info:?}"))),
        partial,
        partial_payload,
    ];
    let mut kinds = Vec::new();
    for error in results.into_iter().filter_map(Result::err) {
        show_error(&error);
        show(&format!("{:?} {:?} {:?}", error.errors(), error.request_id(), error.missing_scopes()));
        kinds.push(error.kind());
    }
    kinds
}

#[track_caller]
fn nothing_leaked() {
    let collected = collected();
    let leaks = leaks(&collected, &SECRETS);
    let shown: Vec<_> = leaks.iter().take(10).collect();
    assert!(leaks.is_empty(), "{} lines with a secret, such as {shown:#?}", leaks.len());
}

/// Everything is in one test: it ends with looking for secrets in all that came before.
#[tokio::test]
async fn no_secret_is_logged_or_formatted() {
    if !is_child("every_operation::secrets::no_secret_is_logged_or_formatted") {
        return;
    }
    collect();

    // What is looked for would be found.
    let samples = [
        TOKEN.to_owned(),
        format!("{:?}", CLIENT_SECRET.as_bytes()),
        "client-secret-4f%2F8a%2Bb1%3Dd2".into(),
    ];
    for sample in samples {
        assert_eq!(leaks(&format!("a\nb {sample} c\nd"), &SECRETS).len(), 1, "{sample}");
    }
    let marks = ["mark-of-tracing-1", "mark-of-log-2", "mark-of-panic-3", "mark-of-error-4"];
    tracing::trace!(mark = marks[0]);
    log::trace!("{}", marks[1]);
    let panicked = tokio::spawn(async move { panic!("{}", marks[2]) }).await;
    assert!(panicked.is_err());
    show_error(&std::io::Error::other(std::io::Error::other(marks[3])));
    for mark in marks {
        assert!(!leaks(&collected(), &[mark]).is_empty(), "{mark} is not collected");
    }

    everything_that_works().await;
    everything_that_fails().await;
    everything_that_is_refused().await;
    requests_as_a_transport_sees_them().await;
    nothing_leaked();
    let collected = collected();
    for source in ["hyper", "reqwest"] {
        assert!(collected.contains(source), "{source} logged nothing");
    }
}

/// All operations, by token and by client credentials, through the client's own transport.
async fn everything_that_works() {
    for credentials in [true, false] {
        let sandbox = start(|it| it.token(TOKEN).oauth_client(CLIENT_ID, CLIENT_SECRET)).await;
        let address = sandbox.graphql_url().replace("/graphql", "");
        let builder = if credentials { with_client(&address) } else { with_token(&address) };
        show(&format!("{builder:?}"));
        let client = builder.build().unwrap();
        assert!(!client.check().await.unwrap().scopes.is_empty());
        show(&format!("{client:?}"));
        let check = Check::with(client, sandbox);
        crate::every_operation::call_all(&check).await;
        // A token that is revoked is replaced within the call.
        check.sandbox.revoke_tokens();
        check.client.me().await.unwrap();
    }
}

async fn everything_that_fails() {
    const JSON: &str = "application/json";
    let apis: [Answer; 12] = [
        ("401 Unauthorized", JSON, r#"{"message":"bad {header}"}"#),
        ("403 Forbidden", JSON, r#"{"message":"bad {header}"}"#),
        ("400 Bad Request", JSON, r#"{"x-xurrent-account":"{header}"}"#),
        ("502 Bad Gateway", "text/html", "<html><pre>{request}</pre></html>"),
        ("200 OK", "text/html", "{request}"),
        ("307 Temporary Redirect", "text/html", "<a href=\"https://elsewhere.invalid/?{request}\">moved</a>"),
        (
            "200 OK",
            JSON,
            r#"{"errors":[{"message":"for {header}","path":["a","{header}"],"extensions":{"h":"{header}"}}],"data":null}"#,
        ),
        (
            "200 OK",
            JSON,
            r#"{"errors":[{"message":"for {header}","path":"{header}"}],"data":{"me":null,"node":null,"people":null,"requestUpdate":null,"noteCreate":null}}"#,
        ),
        (
            "200 OK",
            JSON,
            r#"{"data":{"me":null,"node":null,"people":null,"requestUpdate":{"clientMutationId":null,"request":null,"sdk_errors":[{"message":"{header}","path":["{header}"]}]},"noteCreate":{"clientMutationId":null,"note":null,"sdk_errors":[{"message":"{header}","path":["{header}"]}]}}}"#,
        ),
        ("200 OK", JSON, r#"{"data": {header}}"#),
        ("299 Cut", JSON, r#"{"data":{"me":null},"headers":"{header}"#),
        ("200 OK", JSON, ""),
    ];
    for api in apis {
        for credentials in [true, false] {
            let (address, requests) = server(GRANT, api).await;
            let builder = if credentials { with_client(&address) } else { with_token(&address) };
            let kinds = use_up(builder).await;
            assert!(kinds.len() >= 2, "{api:?}: {kinds:?}");
            let requests = requests.lock().unwrap().concat();
            let sent = if credentials { [ISSUED, "client-secret-4f%2F8a%2Bb1%3Dd2"] } else { [TOKEN, QUERY] };
            assert!(sent.iter().all(|secret| requests.contains(secret)), "{api:?}");
        }
    }
    let tokens: [Answer; 8] = [
        (
            "400 Bad Request",
            JSON,
            r#"{"error":"invalid_client","error_description":"no {secret} of {id} in {form}"}"#,
        ),
        ("401 Unauthorized", JSON, r#"{"error":"{secret}"}"#),
        ("500 Internal Server Error", "text/html", "{request}"),
        ("302 Found", JSON, r#"{"error":"moved","error_description":"{form}"}"#),
        ("200 OK", JSON, r#"{"access_token":"issued-token-7d/20+c6","token_type":"{secret}"}"#),
        ("200 OK", JSON, r#"{"access_token":"issued-token-7d/20+c6\n"}"#),
        ("200 OK", JSON, r#"{"token":"{secret}"}"#),
        ("299 Cut", JSON, r#"{"access_token":"issued-token-7d/20+c6""#),
    ];
    for token in tokens {
        let (address, _) = server(token, GRANT).await;
        let kinds = use_up(with_client(&address)).await;
        assert_eq!(kinds.len(), 8, "{token:?}: {kinds:?}");
    }
    // Nobody listens.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for builder in [with_token(&format!("http://{free}")), with_client(&format!("http://{free}"))] {
        assert_eq!(use_up(builder).await.len(), 8);
    }
}

/// Configurations that are refused before anything is sent.
async fn everything_that_is_refused() {
    let good = "https://graphql.example.com/";
    let bad = [
        format!("https://{USER}:{PASSWORD}@graphql.example.com/?key={QUERY}"),
        format!("http://{USER}:{PASSWORD}@graphql.example.com/?key={QUERY}"),
        format!("http://graphql.example.com/?key={QUERY}#{QUERY}"),
        format!("https://{USER}:{PASSWORD}@graph ql/?key={QUERY}"),
        format!("https://{USER}:{PASSWORD}?/@host:port?{QUERY}"),
        format!("{USER}:{PASSWORD}@graphql.example.com"),
        format!("data:?{QUERY}"),
        format!("https://?{QUERY}"),
        format!("ftp://graphql.example.com/?{QUERY}"),
    ];
    for address in &bad {
        for (graphql, token) in [(address.as_str(), good), (good, address.as_str())] {
            let builder = Client::builder().account("wdc").personal_access_token(TOKEN);
            let kinds = use_up(builder.endpoints(graphql, token)).await;
            assert_eq!(kinds, [ErrorKind::Configuration], "{address}");
        }
    }
    let broken = format!("{TOKEN}\n{TOKEN}");
    for builder in [
        Client::builder().account("wdc").stage(Stage::Qa).personal_access_token(broken),
        Client::builder().stage(Stage::Qa).client_credentials(CLIENT_ID, CLIENT_SECRET),
        Client::builder().account("wdc").stage(Stage::Qa).client_credentials(CLIENT_ID, " "),
        Client::builder().account("wdc").client_credentials(CLIENT_ID, CLIENT_SECRET),
    ] {
        assert_eq!(use_up(builder).await, [ErrorKind::Configuration]);
    }
    // A call that cannot be sent.
    let client = with_token("https://graphql.example.com").build().unwrap();
    show_error(&client.node::<Person>(Id::from(" ")).await.unwrap_err());
}

/// A transport of the user's that logs what it carries.
struct Logging;

impl Transport for Logging {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, Error>> {
        show(&format!("{request:?} {request:#?} {:?}", request.http.headers()));
        let mut answer = http::Response::new(GRANT.2.as_bytes().to_vec());
        let json = http::HeaderValue::from_static("application/json");
        answer.headers_mut().insert("content-type", json);
        Box::pin(async { Ok(answer) })
    }
}

async fn requests_as_a_transport_sees_them() {
    for builder in [with_token("https://a.example.com"), with_client("https://a.example.com")] {
        assert!(!use_up(builder.transport(Logging)).await.is_empty());
    }
}
