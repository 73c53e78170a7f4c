//! What is sent again, after what time, and what is never.

use crate::session::script::{Answer, Script, graphql, json, no_answer, not_sent, status, token};
use crate::session::{api, builder};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use xurrent_runtime::{Client, Error, ErrorKind, RetryPolicy};

const SECOND: Duration = Duration::from_secs(1);
const QUERY: &str = "{ a }";
const MUTATION: &str = "mutation { a }";

fn busy(retry_after: &str) -> Answer {
    json(429, r#"{"message":"Too many requests"}"#).with("retry-after", retry_after)
}

async fn ask(script: &Script, document: &str) -> Result<(), Error> {
    builder(script).build().unwrap().raw(document, ()).await.map(|_| ())
}

fn waits(script: &Script) -> Vec<f64> {
    script.sent().windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs_f64()).collect()
}

#[tokio::test(start_paused = true)]
async fn only_what_was_not_executed_is_sent_again_for_a_mutation() {
    for (failure, query, mutation) in [
        (busy("1"), true, true),
        (json(429, "{}"), true, true),
        (not_sent(), true, true),
        (no_answer(), true, false),
        (status(502, "<h1>"), true, false),
        (json(503, "{}"), true, false),
        (json(504, "{}"), true, false),
        (json(500, "{}"), false, false),
        (json(400, "{}"), false, false),
        (json(401, "{}"), false, false),
        (json(403, "{}"), false, false),
        (json(404, "{}"), false, false),
        (json(422, "{}"), false, false),
        (status(200, "<p>"), false, false),
        (status(302, ""), false, false),
    ] {
        for (document, again) in [(QUERY, query), (MUTATION, mutation), ("subscription { a }", mutation)] {
            let script = Script::new([failure.clone(), graphql()]);
            let result = ask(&script, document).await;
            assert_eq!(result.is_ok(), again, "{document}: {result:?}");
            assert_eq!(script.sent().len(), if again { 2 } else { 1 }, "{document}: {result:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_request_is_sent_again() {
    let script = Script::new([json(503, "{}"), busy("1"), graphql()]);
    ask(&script, QUERY).await.unwrap();
    let sent = script.sent();
    assert!(sent[0].body.contains("{ a }"));
    assert!(sent.iter().all(|one| one.body == sent[0].body && one.uri == sent[0].uri));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_and_nonsense_is_not() {
    for (text, least, most) in [
        ("7", 7.0, 7.51),
        ("1.5", 1.5, 2.01),
        ("0", 0.5, 1.01),
        ("-5", 0.5, 1.01),
        ("soon", 0.5, 1.01),
        ("", 0.5, 1.01),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.5, 1.01),
    ] {
        let script = Script::new([busy(text), graphql()]);
        ask(&script, MUTATION).await.unwrap();
        let wait = waits(&script)[0];
        assert!((least..=most).contains(&wait), "{text:?}: {wait}");
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_attempts_end() {
    let script = Script::new((0..9).map(|_| json(503, r#"{"message":"Down"}"#).with("x-request-id", "r-1")));
    let error = ask(&script, QUERY).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(503)));
    assert_eq!(script.sent().len(), 5);
    for (wait, most) in waits(&script).into_iter().zip([1.0, 2.0, 4.0, 8.0]) {
        assert!((most / 2.0..=most + 0.01).contains(&wait), "{wait} of {most}");
    }
    let attempts = error.attempts();
    assert_eq!(attempts.len(), 5);
    assert!(attempts.iter().all(|it| it.status == Some(503) && it.request_id.as_deref() == Some("r-1")));
    let told: Vec<f64> = attempts[1..].iter().map(|attempt| attempt.waited.as_secs_f64()).collect();
    assert!(told.iter().zip(waits(&script)).all(|(told, was)| (told - was).abs() < 0.01), "{told:?}");
    assert!(error.to_string().ends_with("Down (request r-1, the last of 5)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_not_begun() {
    let script = Script::new([busy("3600"), graphql()]);
    let start = Instant::now();
    let error = ask(&script, QUERY).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    assert_eq!(error.retry_after(), Some(3_600 * SECOND));
    assert_eq!((start.elapsed(), script.sent().len()), (Duration::ZERO, 1));
    // All waits together count.
    let script = Script::new((0..5).map(|_| busy("50")));
    let start = Instant::now();
    assert_eq!(ask(&script, QUERY).await.unwrap_err().attempts().len(), 3);
    assert!(start.elapsed() <= 120 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_any_length_is_told_at_once_or_waited_for() {
    for (text, told) in [
        ("7201", 7_201),
        ("999999", 999_999),
        ("99999999999", 315_360_000),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 315_360_000),
    ] {
        for refusal in [busy(text), json(503, "{}").with("retry-after", text)] {
            let script = Script::new([refusal]);
            let start = Instant::now();
            let error = ask(&script, QUERY).await.unwrap_err();
            assert_eq!((error.attempts().len(), start.elapsed()), (1, Duration::ZERO), "{text}");
            assert_eq!(error.retry_after(), Some(told * SECOND), "{text}");
            assert!(error.to_string().contains(&format!("{told} s before a retry")), "{error}");
        }
        // Limits are hourly: no other call has to believe it.
        let script = Script::new([busy(text), graphql()]);
        let client = builder(&script).build().unwrap();
        client.raw(QUERY, ()).await.unwrap_err();
        client.raw(QUERY, ()).await.unwrap();
    }
    // Who has a day waits for two hours.
    let a_day = RetryPolicy::new().max_wait(86_400 * SECOND);
    let script = Script::new([busy("7201"), graphql()]);
    builder(&script).retry(a_day).build().unwrap().raw(MUTATION, ()).await.unwrap();
    assert!((7_201.0..7_202.0).contains(&waits(&script)[0]), "{:?}", waits(&script));
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_executed_is_told() {
    for (failure, is_not_executed) in [
        (busy("9999"), true),
        (json(429, "{}"), true),
        (json(401, "{}"), true),
        (not_sent(), true),
        (no_answer(), false),
        (json(403, "{}"), false),
        (json(503, "{}"), false),
        (json(500, "{}"), false),
        (status(200, "<p>"), false),
        (json(200, r#"{"errors":[{"message":"No"}]}"#), false),
        (json(200, "{"), false),
    ] {
        let script = Script::new([failure]);
        let client = builder(&script).retry(RetryPolicy::never()).build().unwrap();
        let error = client.raw(MUTATION, ()).await.unwrap_err();
        assert_eq!(error.is_not_executed(), is_not_executed, "{error}");
    }
    // A token that cannot be had, a turn that does not come.
    let script = Script::new([json(400, r#"{"error":"invalid_client"}"#)]);
    let error = with_credentials(&script, RetryPolicy::new()).raw(MUTATION, ()).await.unwrap_err();
    assert!(error.is_not_executed(), "{error}");
    let script = Script::new([graphql()]);
    let client = builder(&script).rate_limit(1, 600 * SECOND).build().unwrap();
    client.raw(MUTATION, ()).await.unwrap();
    let error = client.raw(MUTATION, ()).await.unwrap_err();
    assert!(error.is_not_executed() && error.is_rate_limited(), "{error}");
    // What was sent before leaves a doubt that the last attempt does not remove.
    let script = Script::new([no_answer(), busy("9999")]);
    let error = ask(&script, QUERY).await.unwrap_err();
    assert!(error.is_rate_limited() && !error.is_not_executed(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_tells_whether_something_was_under_way() {
    let limited = RetryPolicy::new().time_limit(10 * SECOND);
    for (answers, is_not_executed) in [
        (vec![graphql().after(60 * SECOND)], false),
        (vec![busy("60")], true),
        (vec![busy("1"), graphql().after(60 * SECOND)], false),
        (vec![not_sent(), busy("60")], true),
    ] {
        let script = Script::new(answers);
        let client = builder(&script).retry(limited).build().unwrap();
        let error = client.raw(MUTATION, ()).await.unwrap_err();
        assert_eq!((error.is_timeout(), error.is_not_executed()), (true, is_not_executed), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_of_the_client_or_of_a_call() {
    let failures = || Script::new((0..9).map(|_| json(503, "{}")));
    let attempts = |result: xurrent_runtime::Result<_>| {
        result.map(|_: xurrent_runtime::Json| ()).unwrap_err().attempts().len()
    };

    let script = failures();
    let client = builder(&script).retry(RetryPolicy::new().max_attempts(2)).build().unwrap();
    assert_eq!(attempts(client.raw(QUERY, ()).await), 2);
    assert_eq!(attempts(client.raw(QUERY, ()).retry(RetryPolicy::never()).await), 1);
    assert_eq!(attempts(client.with_retry(RetryPolicy::new().max_attempts(3)).raw(QUERY, ()).await), 3);
    assert_eq!(attempts(client.raw(QUERY, ()).await), 2);

    let none = RetryPolicy::new().max_attempts(0);
    let zero = RetryPolicy::new().time_limit(Duration::ZERO);
    for policy in [none, zero] {
        assert!(builder(&script).retry(policy).build().unwrap_err().is_configuration());
        assert!(client.raw(QUERY, ()).retry(policy).await.unwrap_err().is_configuration());
    }
    assert_eq!(script.sent().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_ends_the_call_whatever_it_does() {
    let limited = RetryPolicy::new().time_limit(10 * SECOND);
    for (answers, attempts) in [
        (vec![graphql().after(60 * SECOND)], vec![None]),
        (
            vec![json(503, "{}"), json(503, "{}").after(5 * SECOND), busy("30")],
            vec![Some(503), Some(503), Some(429)],
        ),
    ] {
        let script = Script::new(answers);
        let client = builder(&script).retry(limited).build().unwrap();
        let start = Instant::now();
        let error = client.raw(QUERY, ()).await.unwrap_err();
        let took = start.elapsed();
        assert!((10 * SECOND..=10 * SECOND + Duration::from_millis(2)).contains(&took), "{took:?}");
        assert!(error.is_timeout() && error.kind() == ErrorKind::Timeout);
        assert!(error.to_string().contains("no response within the time limit of 10s"), "{error}");
        assert_eq!(error.attempts().iter().map(|it| it.status).collect::<Vec<_>>(), attempts);
    }
}

fn with_credentials(script: &Script, policy: RetryPolicy) -> Client {
    let builder = api().client_credentials("id", "a-client-secret");
    builder.transport(script.clone()).retry(policy).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_token_call_that_failed_is_repeated_for_mutations_too() {
    for failure in [status(503, ""), status(502, ""), json(429, "{}"), no_answer(), not_sent()] {
        let script = Script::new([failure, token("t1", "3600"), graphql()]);
        with_credentials(&script, RetryPolicy::new()).raw(MUTATION, ()).await.unwrap();
        assert_eq!(script.token_calls(), 2);
    }
    for failure in
        [status(500, ""), json(400, r#"{"error":"invalid_client"}"#), json(401, "{}"), json(200, "{}")]
    {
        let script = Script::new([failure]);
        let error = with_credentials(&script, RetryPolicy::new()).raw(QUERY, ()).await.unwrap_err();
        assert_eq!(error.attempts().len(), 1);
    }
    let script = Script::new([status(429, "").with("retry-after", 3_000)]);
    let error = with_credentials(&script, RetryPolicy::new()).raw(QUERY, ()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::TokenService, Some(3_000 * SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_beside_the_attempts() {
    let script = Script::new([token("t1", "3600"), status(401, ""), token("t2", "3600"), graphql()]);
    with_credentials(&script, RetryPolicy::never()).raw(MUTATION, ()).await.unwrap();
    let answers = [token("t1", "3600"), status(401, ""), token("t2", "3600"), busy("1"), status(401, "")];
    let script = Script::new(answers);
    let error = with_credentials(&script, RetryPolicy::new()).raw(MUTATION, ()).await.unwrap_err();
    assert!(error.is_unauthorized(), "once per call");
    let statuses: Vec<_> = error.attempts().iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(401), Some(429), Some(401)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_given_up_at_any_point() {
    let mut answers = Vec::new();
    for _ in 0..400 {
        answers.push(busy("1").after(Duration::from_millis(30)));
        answers.push(graphql().after(Duration::from_millis(700)));
    }
    let script = Script::new(answers);
    let client = builder(&script).rate_limit(2, SECOND).build().unwrap();
    for step in 0..60 {
        let _ = timeout(Duration::from_millis(step * 50), client.raw(MUTATION, ()).send()).await;
    }
    let start = Instant::now();
    for _ in 0..3 {
        client.raw(QUERY, ()).await.unwrap();
    }
    assert!(start.elapsed() < 15 * SECOND, "{:?}", start.elapsed());
}

/// A limit that an answer of success tells.
fn throttled(data: &str, wait: &str) -> Answer {
    let error = format!(r#"{{"message":"Slow","extensions":{{"code":"THROTTLED"{wait}}}}}"#);
    json(200, &format!(r#"{{"errors":[{error}]{data}}}"#))
}

#[tokio::test(start_paused = true)]
async fn a_limit_told_in_an_answer_of_success_is_waited_for() {
    let header = || throttled("", "").with("retry-after", 7);
    for (answer, mutation_too) in [
        (header(), true),
        (throttled("", r#","retryAfter":7"#), true),
        (throttled(r#","data":null"#, r#","retry_after":"7""#), false),
    ] {
        let script = Script::new([answer.clone(), graphql()]);
        ask(&script, QUERY).await.unwrap();
        assert!((7.0..=7.51).contains(&waits(&script)[0]), "{:?}", waits(&script));
        // Where data is null, a mutation may have been executed in part.
        let script = Script::new([answer, graphql()]);
        let result = ask(&script, MUTATION).await;
        assert_eq!(result.is_ok(), mutation_too, "{result:?}");
        if let Err(error) = result {
            assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, None));
            assert_eq!((error.retry_after(), error.attempts().len()), (Some(7 * SECOND), 1));
        }
    }
    // Data with nothing in it is none, for whoever reads it.
    let error = r#"{"message":"Slow","extensions":{"code":"THROTTLED"}}"#;
    let answer = json(200, &format!(r#"{{"data":{{"a":null}},"errors":[{error}]}}"#)).with("retry-after", 7);
    let error = ask(&Script::new([answer]), QUERY).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(7 * SECOND)));
    let script = Script::new((0..9).map(|_| throttled("", "").with("x-request-id", "r-1")));
    let error = ask(&script, QUERY).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::RateLimited, 5));
    assert_eq!(error.request_id(), Some("r-1"));
    // With a status that leaves open what was executed, a mutation is not sent again.
    let body = r#"{"errors":[{"message":"Slow","extensions":{"code":"RATE_LIMITED","retryAfter":7}}]}"#;
    for (document, sent) in [(QUERY, 2), (MUTATION, 1)] {
        for status in [400, 502] {
            let script = Script::new([json(status, body), graphql()]);
            assert_eq!(ask(&script, document).await.is_ok(), sent == 2);
            assert_eq!(script.sent().len(), sent);
        }
    }
}
