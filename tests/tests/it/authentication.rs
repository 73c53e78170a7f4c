//! Signing in with client credentials, end to end: tokens that are issued, end, and are revoked.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::start;
use std::time::Duration;
use xurrent::{Client, ClientBuilder, ErrorKind};
use xurrent_sandbox::Sandbox;

fn client(sandbox: &Sandbox, secret: &str) -> Client {
    builder(sandbox, secret).build().unwrap()
}

fn builder(sandbox: &Sandbox, secret: &str) -> ClientBuilder {
    Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), secret)
}

fn token_calls(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path == "/token").count()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_after_revocation() {
    let sandbox = start(|it| it).await;
    let client = client(&sandbox, sandbox.client_secret());
    for _ in 0..3 {
        assert!(client.me().await.unwrap().is_some());
    }
    assert_eq!(token_calls(&sandbox), 1);
    sandbox.revoke_tokens();
    assert!(client.me().await.unwrap().is_some(), "a refused token is replaced within the call");
    assert_eq!(token_calls(&sandbox), 2);
    assert!(client.check().await.unwrap().scopes.contains(&"request:Read".to_owned()));
}

#[tokio::test]
async fn short_and_missing_token_lifetimes() {
    let sandbox = start(|it| it.token_lifetime(Duration::from_millis(1_000))).await;
    // The limit of bursts would let the token end in the middle.
    let short = builder(&sandbox, sandbox.client_secret()).no_rate_limit().build().unwrap();
    let people = short.people().page_size(5).all().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(short.people().page_size(50).all().await.unwrap().len(), people.len());
    assert_eq!(token_calls(&sandbox), 2);

    let sandbox = start(|it| it.omit_expires_in(true)).await;
    let endless = client(&sandbox, sandbox.client_secret());
    endless.people().page_size(10).all().await.unwrap();
    assert_eq!(token_calls(&sandbox), 1);
}

#[tokio::test]
async fn a_wrong_secret_has_an_error_kind_and_is_redacted() {
    let sandbox = start(|it| it).await;
    let error = client(&sandbox, "a-wrong-secret-03bd").me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsRefused);
    assert!(error.is_credentials_refused());
    assert!(!format!("{error} {error:?}").contains("a-wrong-secret-03bd"));
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let sandbox = start(|it| it.scopes(["person:Read"])).await;
    let client = client(&sandbox, sandbox.client_secret());
    assert!(client.people().first().await.unwrap().is_some());
    assert_eq!(client.check().await.unwrap().scopes, ["person:Read"]);
    let error = client.requests().count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert_eq!(error.missing_scopes(), ["request:Read"]);
}
