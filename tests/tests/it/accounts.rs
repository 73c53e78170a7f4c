//! Clients from the environment, and clients of other accounts.

use crate::sandboxed::{at_once, nobody, start};
use std::process::Command;
use std::time::Duration;
use xurrent::{Client, ClientBuilder, MemoryTransport, Upload};
use xurrent_sandbox::Sandbox;

/// The account, user and status of each request to the GraphQL endpoint.
fn accounts(sandbox: &Sandbox) -> Vec<(String, u16)> {
    let requests = sandbox.requests().into_iter().filter(|request| request.path == "/graphql");
    let account = |request: &xurrent_sandbox::RecordedRequest| {
        let header = request.headers.iter().find(|(name, _)| name == "x-xurrent-account");
        header.unwrap().1.clone()
    };
    requests.map(|request| (account(&request), request.status)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_shares_tokens_and_limits() {
    let window = Duration::from_millis(500);
    let sandbox = start(|it| it.burst(10, window).budget(1_000, 1_000, Duration::from_secs(3_600))).await;
    let builder = nobody(&sandbox).client_credentials(sandbox.client_id(), sandbox.client_secret());
    let customer = builder.account("customer").rate_limit(10, window).build().unwrap();
    // The sandbox has one account.
    let error = customer.me().await.unwrap_err();
    assert!(error.to_string().contains("Invalid x-xurrent-account"), "{error}");

    let client = customer.for_account(sandbox.account()).unwrap();
    assert!(client.me().await.unwrap().is_some());
    let (same, other) = (client.for_account(sandbox.account()).unwrap(), customer.clone());
    assert_eq!(client.budget().requests.remaining, customer.budget().requests.remaining);
    tokio::join!(at_once(&client, 15), at_once(&same, 15));
    assert_eq!(client.budget().requests.remaining, other.budget().requests.remaining);

    let sent = accounts(&sandbox);
    assert_eq!(sent[0], ("customer".to_owned(), 400));
    let wdc = (sandbox.account().to_owned(), 200);
    assert!(sent.len() == 32 && sent[1..].iter().all(|sent| *sent == wdc), "{sent:?}");
    let tokens = sandbox.requests().into_iter().filter(|request| request.path == "/token");
    assert_eq!(tokens.count(), 1);
    let mut arrivals = sandbox.arrivals();
    arrivals.sort();
    assert!(arrivals.windows(11).all(|eleven| eleven[10] - eleven[0] >= window));

    // The first client is as it was.
    assert!(customer.me().await.is_err());
    assert_eq!(accounts(&sandbox).pop().unwrap().0, "customer");
}

#[tokio::test]
async fn uploads_and_checks_are_of_the_account() {
    let sandbox = start(|it| it).await;
    let other = nobody(&sandbox).account("customer").personal_access_token(sandbox.token()).build().unwrap();
    assert!(other.check().await.unwrap_err().is_configuration());
    assert!(other.upload(Upload::bytes("a.txt", "text")).await.is_err());
    let client = other.for_account(sandbox.account()).unwrap();
    assert!(!client.check().await.unwrap().scopes.is_empty());
    assert_eq!(client.upload(Upload::bytes("a.txt", "text")).await.unwrap().size, 4);
    assert!(client.webhooks_api().list().all().await.is_ok());
    assert!(other.webhooks_api().list().all().await.is_err());
}

/// A client made for one call costs no request: it finds the storage that an earlier one fetched.
#[tokio::test]
async fn clients_for_each_call_share_the_storage_of_their_account() {
    let sandbox = start(|it| it).await;
    let client = nobody(&sandbox).account("customer").personal_access_token(sandbox.token()).build().unwrap();
    // Files of one name need a storage each.
    for name in ["a.txt", "b.txt", "c.txt"] {
        let of_account = client.for_account(sandbox.account()).unwrap();
        assert_eq!(of_account.upload(Upload::bytes(name, "text")).await.unwrap().size, 4);
    }
    let asked = sandbox.requests().into_iter().filter(|request| {
        request
            .body
            .as_ref()
            .is_some_and(|body| body["query"].as_str().unwrap().contains("attachmentStorage"))
    });
    assert_eq!(asked.count(), 1);
    assert!(
        client.upload(Upload::bytes("a.txt", "text")).await.is_err(),
        "the storage is not that of another"
    );
}

#[tokio::test]
async fn calls_of_two_accounts_are_no_batch_and_accounts_are_checked() {
    let transport = MemoryTransport::new(|_| serde_json::json!({"data": {"me": null}}));
    let builder = Client::builder().account("wdc").personal_access_token("very-secret");
    let client = builder.transport(transport.clone()).build().unwrap();
    let other = client.for_account("other").unwrap();
    let error = client.batch((client.me(), other.me())).await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    for invalid in ["", " ", "https://wdc.xurrent.com", "wdc\r\nx-evil: 1", "wdc/../x", "ü"] {
        let error = client.for_account(invalid).unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
    assert!(transport.requests().is_empty());
    assert!(!format!("{other:?}").contains("very-secret"));
}

const CHILD: &str = "XURRENT_TEST_ENVIRONMENT";

/// Runs a test of this module again with these variables and without others.
fn run_with(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("XURRENT_") {
            command.env_remove(name);
        }
    }
    let output = command
        .args([&format!("accounts::{test}"), "--exact", "--nocapture"])
        .env(CHILD, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_from_the_environment_reaches_the_server() {
    if std::env::var_os(CHILD).is_some() {
        assert!(Client::from_env().unwrap().me().await.unwrap().is_some());
        let strict = ClientBuilder::from_env().account("customer").build().unwrap();
        assert!(strict.me().await.is_err());
        return;
    }
    let sandbox = start(|it| it).await;
    let (graphql, token, rest) = (sandbox.graphql_url(), sandbox.token_url(), sandbox.rest_url());
    let location = [
        ("XURRENT_ACCOUNT", sandbox.account()),
        ("XURRENT_GRAPHQL_URL", &graphql),
        ("XURRENT_TOKEN_URL", &token),
        ("XURRENT_REST_URL", &rest),
        // The program of the sandbox prints it too.
        ("XURRENT_ACCOUNT_URL", sandbox.account_url()),
    ];
    let with_token = [("XURRENT_TOKEN", sandbox.token())];
    let with_client =
        [("XURRENT_CLIENT_ID", sandbox.client_id()), ("XURRENT_CLIENT_SECRET", sandbox.client_secret())];
    for credentials in [&with_token[..], &with_client] {
        let variables = [&location, credentials].concat();
        run_with("a_client_from_the_environment_reaches_the_server", &variables);
    }
    assert!(sandbox.requests().iter().any(|request| request.path == "/token"));
}

#[test]
fn an_empty_environment_is_an_error_with_every_variable() {
    if std::env::var_os(CHILD).is_none() {
        return run_with("an_empty_environment_is_an_error_with_every_variable", &[]);
    }
    let error = Client::from_env().unwrap_err();
    assert!(error.is_configuration());
    for name in ["ACCOUNT", "TOKEN", "CLIENT_ID", "CLIENT_SECRET", "STAGE", "DOMAIN", "GRAPHQL_URL"] {
        assert!(error.to_string().contains(&format!("`XURRENT_{name}`")), "{name} is not in {error}");
    }
    let builder = ClientBuilder::from_env().account("wdc").domain("4me.com").personal_access_token("token");
    assert!(builder.build().is_ok());
}
