//! Tokens that the server refuses.

use crate::session::pool::{MUTATION, SECOND, answers, ask, busy, pool, signed, used_up};
use crate::session::script::{Script, graphql, json, no_answer, status};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use xurrent_runtime::{ErrorKind, RetryPolicy};

#[tokio::test(start_paused = true)]
async fn a_call_that_was_refused_goes_on_at_once_with_another_token() {
    for refusal in [busy(60), json(429, "{}")] {
        for document in ["{ a }", MUTATION] {
            let script = Script::new([refusal.clone(), graphql(), graphql()]);
            let client = pool(&script, &["a", "b"]).build().unwrap();
            let start = Instant::now();
            client.raw(document, ()).await.unwrap();
            ask(&client).await.unwrap();
            assert_eq!(start.elapsed(), Duration::ZERO);
            assert_eq!(signed(&script), ["a", "b", "b"]);
            assert_eq!(script.sent()[0].body, script.sent()[1].body);
            sleep(61 * SECOND).await;
        }
    }
    let script = Script::new([busy(60)]);
    let client = pool(&script, &["a", "b"]).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(ask(&client).await.unwrap_err().status(), Some(429), "it is an attempt");
}

#[tokio::test(start_paused = true)]
async fn refusals_of_all_are_waited_for_and_end() {
    let script = Script::new([busy(60), busy(20), graphql()]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    let start = Instant::now();
    ask(&client).await.unwrap();
    assert!((20 * SECOND..21 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(signed(&script), ["a", "b", "b"]);

    let script = Script::new((0..9).map(|_| json(429, "{}")));
    let client = pool(&script, &["a", "b"]).build().unwrap();
    let start = Instant::now();
    let error = ask(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::RateLimited, 5));
    assert!(start.elapsed() > SECOND, "{:?}", start.elapsed());

    let script = Script::new([busy(900), busy(600)]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    let error = ask(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::RateLimited, 2));
    assert!(error.retry_after().unwrap() > 590 * SECOND, "{error:?}");
    assert!(error.to_string().contains("the next one is token 2 of 2"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn another_token_is_no_reason_to_repeat_a_mutation_on_doubt() {
    for failure in [json(503, "{}"), json(500, "{}"), no_answer()] {
        let script = Script::new([failure]);
        let client = pool(&script, &["a", "b"]).build().unwrap();
        client.raw(MUTATION, ()).await.unwrap_err();
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_accepted_is_passed_over_for_five_minutes() {
    let mut script = vec![status(401, "")];
    script.extend(answers(3));
    script.extend([status(401, ""), graphql(), graphql()]);
    let script = Script::new(script);
    let client = pool(&script, &["a", "b"]).retry(RetryPolicy::never()).build().unwrap();
    client.raw(MUTATION, ()).await.expect("it was not executed, and is no attempt");
    ask(&client).await.unwrap();
    sleep(299 * SECOND).await;
    ask(&client).await.unwrap();
    assert_eq!(signed(&script), ["a", "b", "b", "b"]);
    sleep(SECOND).await;
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!(signed(&script)[4..], ["a", "b", "b"]);
}

#[tokio::test(start_paused = true)]
async fn when_none_is_accepted_the_error_comes_at_once_and_every_call_tries_again() {
    let mut script = vec![status(401, ""); 6];
    script.extend(answers(2));
    let script = Script::new(script);
    let client = pool(&script, &["a", "b", "c"]).build().unwrap();
    for _ in 0..2 {
        let error = ask(&client).await.unwrap_err();
        assert!(error.is_unauthorized());
        assert_eq!((error.status(), error.attempts().len()), (Some(401), 3));
        assert!(error.to_string().starts_with("token 3 of 3: the server answered 401"), "{error}");
    }
    // The one that is accepted again is all there is.
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!(signed(&script), ["a", "b", "c", "a", "b", "c", "a", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_leaves_the_call_to_one_that_has_to_be_waited_for() {
    let script = Script::new([graphql(), used_up(30), status(401, ""), graphql()]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    let start = Instant::now();
    ask(&client).await.unwrap();
    assert!((30 * SECOND..31 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(signed(&script), ["a", "b", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_token_may_not_do_is_its_own_and_named() {
    let script = Script::new([graphql(), status(403, "")]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    ask(&client).await.unwrap();
    let error = ask(&client).await.unwrap_err();
    assert!(error.to_string().starts_with("token 2 of 2: the server answered 403"), "{error}");
}
