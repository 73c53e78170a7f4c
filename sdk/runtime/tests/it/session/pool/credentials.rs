//! Client credentials, and checks of tokens.

use crate::session::api;
use crate::session::pool::{MUTATION, SECOND, answers, ask, pool, signed};
use crate::session::script::{Answer, Script, graphql, json, no_answer, status, token};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use xurrent_runtime::{ClientBuilder, ErrorKind, RetryPolicy};

fn with_credentials(script: &Script) -> ClientBuilder {
    let builder = api().transport(script.clone()).no_rate_limit();
    builder.client_credentials("id-1", "secret-1").personal_access_token("pat")
}

#[tokio::test(start_paused = true)]
async fn a_token_of_client_credentials_is_renewed_before_another_is_taken() {
    let script = Script::new([token("t1", "3600"), status(401, ""), token("t2", "3600"), graphql()]);
    let client = with_credentials(&script).build().unwrap();
    client.raw(MUTATION, ()).await.unwrap();
    assert_eq!(signed(&script), ["t1", "t2"]);

    let script = [token("t1", "3600"), status(401, ""), token("t2", "3600"), status(401, ""), graphql()];
    let script = Script::new(script);
    let client = with_credentials(&script).retry(RetryPolicy::never()).build().unwrap();
    client.raw(MUTATION, ()).await.unwrap();
    assert_eq!(signed(&script), ["t1", "t2", "pat"]);
}

#[tokio::test(start_paused = true)]
async fn credentials_for_which_no_token_comes_leave_the_call_to_others() {
    for (failure, rest) in [
        (json(400, r#"{"error":"invalid_client"}"#), 300),
        (status(401, ""), 300),
        (status(503, ""), 30),
        (no_answer(), 30),
        (json(200, "{}"), 30),
        (status(429, "").with("retry-after", 70), 70),
    ] {
        let script = [failure, graphql(), graphql(), token("t1", "3600"), graphql()];
        let script = Script::new(script);
        let client = with_credentials(&script).retry(RetryPolicy::never()).build().unwrap();
        client.raw(MUTATION, ()).await.unwrap();
        sleep(SECOND * rest - Duration::from_millis(10)).await;
        ask(&client).await.unwrap();
        assert_eq!((signed(&script), script.token_calls()), (vec!["pat".to_owned(); 2], 1));
        sleep(Duration::from_millis(10)).await;
        ask(&client).await.unwrap();
        assert_eq!(signed(&script), ["pat", "pat", "t1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_service_that_is_down_is_tried_again_as_with_one_token() {
    let two = |script: &Script| {
        let builder = api().transport(script.clone()).no_rate_limit();
        builder.client_credentials("id-1", "s-1").client_credentials("id-2", "s-2").build().unwrap()
    };
    let script = Script::new([status(503, ""), status(503, ""), token("t1", "3600"), graphql()]);
    let start = Instant::now();
    two(&script).raw(MUTATION, ()).await.unwrap();
    assert!((SECOND / 2..2 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    let ids: Vec<bool> = script.sent()[..3].iter().map(|sent| sent.body.contains("id-1")).collect();
    assert_eq!(ids, [true, false, true]);

    let script = Script::new((0..20).map(|_| status(503, "down")));
    let error = two(&script).raw(MUTATION, ()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::TokenService, 10));
    assert!(error.to_string().starts_with("token 2 of 2: oauth.example.com"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_token_call_share_its_failure() {
    let script = Script::new([
        json(400, r#"{"error":"invalid_client"}"#).with("x-request-id", "r-1").after(SECOND),
        token("t1", "3600"),
        graphql(),
    ]);
    let builder = api().transport(script.clone()).no_rate_limit();
    let client = builder.client_credentials("id", "a-client-secret").build().unwrap();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client).await })
        })
        .collect();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::CredentialsRefused, Some(400)));
    }
    assert_eq!(script.token_calls(), 1);
    ask(&client).await.unwrap();
}

fn scopes(scopes: &str) -> Answer {
    json(200, &format!(r#"{{"active":true,"scopes":{scopes}}}"#))
}

#[tokio::test(start_paused = true)]
async fn a_check_is_of_every_token() {
    let script = Script::new([scopes(r#"["x","y","z"]"#), scopes(r#"["z","x"]"#)]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    assert_eq!(client.check().await.unwrap().scopes, ["x", "z"]);
    assert_eq!(signed(&script), ["a", "b"]);

    for (answers, kind, text) in [
        (vec![scopes(r#"["x"]"#), status(401, "")], ErrorKind::Unauthorized, "token 2 of 2: oauth."),
        (vec![json(200, r#"{"active":false}"#)], ErrorKind::Unauthorized, "token 1 of 2: oauth."),
        (
            vec![json(400, r#"{"message":"Invalid x-account header"}"#)],
            ErrorKind::Configuration,
            "token 1 of 2: oauth.",
        ),
        (
            vec![scopes(r#"["x"]"#), scopes(r#"["y"]"#)],
            ErrorKind::Unauthorized,
            "no scope is common to all 2 tokens",
        ),
    ] {
        let script = Script::new(answers);
        let error = pool(&script, &["a", "b"]).build().unwrap().check().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_a_check_finds_good_is_used_again() {
    let script = Script::new([status(401, ""), graphql(), scopes(r#"["x"]"#), scopes(r#"["x"]"#), graphql()]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    ask(&client).await.unwrap();
    client.check().await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!(signed(&script), ["a", "b", "a", "b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn checks_and_token_calls_wait_for_their_turn_no_longer_than_the_policy_says() {
    let policy = RetryPolicy::new().max_wait(3 * SECOND);
    let script = Script::new(answers(1));
    let client = pool(&script, &["a"]).rate_limit(1, 60 * SECOND).retry(policy).build().unwrap();
    ask(&client).await.unwrap();
    let start = Instant::now();
    let error = client.check().await.unwrap_err();
    assert!(error.is_rate_limited() && (3 * SECOND..4 * SECOND).contains(&start.elapsed()), "{error}");

    let script = Script::new([token("t1", "3600"), token("t2", "3600"), graphql()]);
    let builder = api().transport(script.clone()).retry(policy);
    let client = builder.client_credentials("id", "secret").rate_limit(1, 60 * SECOND).build().unwrap();
    // The token call takes the only slot.
    let start = Instant::now();
    assert!(ask(&client).await.unwrap_err().is_rate_limited());
    assert!((3 * SECOND..4 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_at_once_is_used_for_the_call_at_hand() {
    let script = [token("t1", "0"), token("t2", "0"), graphql(), graphql()];
    let script = Script::new(script);
    let builder = api().transport(script.clone()).rate_limit(1, SECOND);
    let client = builder.client_credentials("id-1", "s-1").client_credentials("id-2", "s-2").build().unwrap();
    ask(&client).await.unwrap();
    assert_eq!(signed(&script).len(), 1);
    assert!(script.token_calls() <= 2);
}
