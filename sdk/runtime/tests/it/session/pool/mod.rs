//! Several tokens behind one client: which of them signs, which is passed over, and for how long.

use crate::session::api;
use crate::session::script::{Answer, Script, graphql, json, no_answer, status, token};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use xurrent_runtime::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};

const SECOND: Duration = Duration::from_secs(1);
const MUTATION: &str = "mutation { a }";

/// The setting of a client that has these personal access tokens.
fn pool(script: &Script, tokens: &[&str]) -> ClientBuilder {
    let builder = api().transport(script.clone()).no_rate_limit();
    tokens.iter().fold(builder, |builder, token| builder.personal_access_token(*token))
}

async fn ask(client: &Client) -> Result<(), Error> {
    client.raw("{ a }", ()).await.map(|_| ())
}

async fn ask_at_once(client: &Client, calls: usize) {
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

/// The tokens of all requests of the API, in their order.
fn signed(script: &Script) -> Vec<String> {
    let requests = script.sent().into_iter().filter(|sent| !sent.uri.ends_with("/token"));
    let token = |header: &str| header.strip_prefix("Bearer ").unwrap().to_owned();
    requests.map(|sent| token(sent.header("authorization").unwrap())).collect()
}

fn told(requests: [u64; 2], cost: [u64; 2]) -> Answer {
    graphql()
        .with("x-ratelimit-limit", requests[1])
        .with("x-ratelimit-remaining", requests[0])
        .with("x-ratelimit-reset", "3000")
        .with("x-costlimit-limit", cost[1])
        .with("x-costlimit-remaining", cost[0])
        .with("x-costlimit-reset", "3000")
}

/// Nothing is left for so many seconds.
fn used_up(seconds: u64) -> Answer {
    graphql().with("x-ratelimit-remaining", 0).with("x-ratelimit-reset", seconds)
}

fn busy(retry_after: u64) -> Answer {
    json(429, "{}").with("retry-after", retry_after)
}

fn answers(count: usize) -> Vec<Answer> {
    vec![graphql(); count]
}

#[tokio::test(start_paused = true)]
async fn tokens_of_which_equally_much_is_left_take_turns() {
    let script = Script::new(answers(7));
    let client = pool(&script, &["a", "b", "c"]).build().unwrap();
    for _ in 0..7 {
        ask(&client).await.unwrap();
    }
    assert_eq!(signed(&script), ["a", "b", "c", "a", "b", "c", "a"]);
}

#[tokio::test(start_paused = true)]
async fn the_token_of_which_the_most_is_left_signs() {
    // What is told of `a` and of `b`, the weights, and who signs the third request.
    let few_requests = ([3, 10], [10, 10]); // 0.6 * 0.3 + 0.4 * 1.0 = 0.58
    let little_cost = ([10, 10], [1, 10]); // 0.6 * 1.0 + 0.4 * 0.1 = 0.64
    for (a, b, weights, third) in [
        (few_requests, little_cost, None, "b"),
        (little_cost, few_requests, None, "a"),
        (few_requests, little_cost, Some((1.0, 0.0)), "b"),
        (few_requests, little_cost, Some((0.0, 1.0)), "a"),
        (few_requests, little_cost, Some((0.5, 0.5)), "a"),
        // The part counts, not the number.
        (([500, 5_000], [9, 10]), ([8, 10], [9, 10]), None, "b"),
        // More than all is all.
        (([30, 10], [1, 10]), ([10, 10], [2, 10]), None, "b"),
    ] {
        let script = Script::new([told(a.0, a.1), told(b.0, b.1), graphql()]);
        let mut builder = pool(&script, &["a", "b"]);
        if let Some((requests, cost)) = weights {
            builder = builder.pool_weights(requests, cost);
        }
        let client = builder.build().unwrap();
        for _ in 0..3 {
            ask(&client).await.unwrap();
        }
        assert_eq!(signed(&script), ["a", "b", third], "{a:?} {b:?} {weights:?}");
    }
}

#[test]
fn weights_are_parts_of_one() {
    let script = Script::new([]);
    let build = |requests, cost| pool(&script, &["a", "b"]).pool_weights(requests, cost).build();
    for (requests, cost) in
        [(0.6, 0.5), (1.2, -0.2), (-0.1, 1.1), (f64::NAN, 0.4), (f64::INFINITY, 0.0), (0.0, 0.0)]
    {
        let error = build(requests, cost).unwrap_err();
        assert!(error.is_configuration(), "{error}");
        assert!(error.to_string().contains("from 0 to 1 each and 1 together"), "{error}");
    }
    for (requests, cost) in [(0.0, 1.0), (1.0, 0.0), (0.1, 0.9), (1.0 / 3.0, 2.0 / 3.0)] {
        assert!(build(requests, cost).is_ok(), "{requests} {cost}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_used_up_is_passed_over_until_its_reset() {
    let script = Script::new([used_up(50)].into_iter().chain(answers(5)));
    let client = pool(&script, &["a", "b"]).build().unwrap();
    for _ in 0..4 {
        ask(&client).await.unwrap();
    }
    assert_eq!(signed(&script), ["a", "b", "b", "b"]);
    assert!(script.sent()[3].at - script.sent()[0].at < SECOND, "nobody waited");
    sleep(50 * SECOND).await;
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    assert_eq!(signed(&script)[4..], ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn when_all_are_used_up_the_first_reset_is_waited_for() {
    let script = Script::new([used_up(80), used_up(30), graphql()]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    for _ in 0..3 {
        ask(&client).await.unwrap();
    }
    let wait = script.sent()[2].at - script.sent()[1].at;
    assert!((30 * SECOND..31 * SECOND).contains(&wait), "{wait:?}");
    assert_eq!(signed(&script), ["a", "b", "b"]);
}

#[tokio::test(start_paused = true)]
async fn when_all_are_used_up_for_too_long_the_error_says_so() {
    for policy in
        [RetryPolicy::new(), RetryPolicy::new().fail_fast_on_exhausted_quota().max_wait(3_600 * SECOND)]
    {
        let script = Script::new([used_up(800), used_up(300)]);
        let client = pool(&script, &["a", "b"]).retry(policy).build().unwrap();
        ask(&client).await.unwrap();
        ask(&client).await.unwrap();
        let start = Instant::now();
        let error = ask(&client).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed()), (ErrorKind::RateLimited, Duration::ZERO));
        let wait = error.retry_after().unwrap();
        assert!((299 * SECOND..=300 * SECOND).contains(&wait), "{wait:?}");
        let text = error.to_string();
        assert!(text.contains("no usable token; the next one is token 2 of 2"), "{text}");
        assert!(text.contains("the user's limit of requests is exhausted for 300 s"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_wait_for_a_budget_still_waits_for_a_refusal() {
    let script = Script::new([used_up(30), busy(60), graphql()]);
    let policy = RetryPolicy::new().fail_fast_on_exhausted_quota();
    let client = pool(&script, &["a", "b"]).retry(policy).build().unwrap();
    ask(&client).await.unwrap();
    let start = Instant::now();
    ask(&client).await.unwrap();
    // `a` is back before `b` then, but it is not known when the wait begins that it is to be used.
    assert!((60 * SECOND..61 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
}

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
async fn tokens_of_one_user_share_its_limits() {
    let script = Script::new([used_up(50)].into_iter().chain(answers(3)));
    let client = pool(&script, &[])
        .personal_access_token("a")
        .shares_limits_of("grace")
        .personal_access_token("b")
        .personal_access_token("c")
        .shares_limits_of("grace")
        .build()
        .unwrap();
    for _ in 0..3 {
        ask(&client).await.unwrap();
    }
    assert_eq!(signed(&script), ["a", "b", "b"], "what is used up for `a` is for `c`");
    let left: Vec<_> = client.budgets().iter().map(|budget| budget.requests.remaining).collect();
    assert_eq!(left, [Some(0), None]);

    let script = Script::new(answers(4));
    let client = pool(&script, &[])
        .rate_limit(1, SECOND)
        .personal_access_token("a")
        .shares_limits_of("grace")
        .personal_access_token("b")
        .shares_limits_of("grace")
        .build()
        .unwrap();
    let start = Instant::now();
    ask_at_once(&client, 4).await;
    assert!(start.elapsed() >= 3 * SECOND, "{:?}", start.elapsed());
    assert_eq!(signed(&script), ["a", "b", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_concerns_all_tokens_of_its_user() {
    let script = Script::new([busy(5), graphql()]);
    let builder =
        pool(&script, &["a"]).shares_limits_of("grace").personal_access_token("b").shares_limits_of("grace");
    let start = Instant::now();
    ask(&builder.build().unwrap()).await.unwrap();
    assert!(start.elapsed() >= 5 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn three_users_send_three_times_as_much() {
    let script = Script::new(answers(120));
    let client = pool(&script, &["a", "b", "c"]).rate_limit(20, 2 * SECOND).build().unwrap();
    let start = Instant::now();
    ask_at_once(&client, 60).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    ask_at_once(&client, 60).await;
    assert!((2 * SECOND..2 * SECOND + Duration::from_millis(10)).contains(&start.elapsed()));
    for name in ["a", "b", "c"] {
        assert_eq!(signed(&script).iter().filter(|token| *token == name).count(), 40, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_queue_take_the_slot_that_comes_first() {
    let script = Script::new(answers(7));
    let client = pool(&script, &["a", "b"]).rate_limit(1, 10 * SECOND).build().unwrap();
    let start = Instant::now();
    ask_at_once(&client, 1).await;
    sleep(3 * SECOND).await;
    ask_at_once(&client, 5).await;
    let came: Vec<u64> = script.sent().iter().map(|sent| (sent.at - start).as_secs()).collect();
    assert_eq!(came, [0, 3, 10, 13, 20, 23]);
    assert_eq!(signed(&script), ["a", "b", "a", "b", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_comes_back_takes_over_from_the_queue_of_another() {
    let mut script = vec![graphql(), used_up(10)];
    script.extend(answers(3));
    let script = Script::new(script);
    let client = pool(&script, &["a", "b"]).rate_limit(2, 60 * SECOND).build().unwrap();
    // One slot of each user; then the second of `a`, because `b` is used up.
    ask_at_once(&client, 2).await;
    ask_at_once(&client, 1).await;
    let start = Instant::now();
    ask_at_once(&client, 1).await;
    assert!((10 * SECOND..11 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(signed(&script), ["a", "b", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_given_up_at_any_point_leave_all_slots_to_others() {
    let script = Script::new((0..4_000).map(|number| {
        let answer = if number % 7 == 0 { json(429, "{}").with("retry-after", "0.2") } else { graphql() };
        answer.after(Duration::from_millis(number % 13 * 10))
    }));
    let client = pool(&script, &["a", "b", "c"]).rate_limit(2, SECOND).build().unwrap();
    for round in 0..40_u64 {
        let calls: Vec<_> = (0..20)
            .map(|number| {
                let client = client.clone();
                let patience = Duration::from_millis((round * 37 + number * 91) % 1_500);
                tokio::spawn(async move {
                    let _ = timeout(patience, client.raw("{ a }", ()).send()).await;
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
    }
    sleep(5 * SECOND).await;
    let script_before = script.sent().len();
    let start = Instant::now();
    ask_at_once(&client, 6).await;
    let retried = script.sent().len() - script_before - 6;
    let most = SECOND * (2 + u32::try_from(retried).unwrap());
    assert!(start.elapsed() <= most, "{:?} with {retried} refusals", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_polls_holds_up_no_token_for_the_others() {
    let mut script = vec![token("t1", "3600").after(SECOND)];
    script.extend(answers(4));
    let script = Script::new(script);
    let builder = api().transport(script.clone()).no_rate_limit();
    let client = builder.client_credentials("id", "a-client-secret").build().unwrap();
    let mut stalled = Box::pin(client.raw("{ a }", ()).send());
    assert!(timeout(Duration::from_millis(10), &mut stalled).await.is_err());
    let start = Instant::now();
    ask_at_once(&client, 3).await;
    assert!(start.elapsed() <= SECOND, "{:?}", start.elapsed());
    stalled.await.unwrap();
    assert_eq!((script.token_calls(), signed(&script).len()), (1, 4));
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

#[tokio::test(start_paused = true)]
async fn budgets_add_up_when_all_are_known() {
    let script = Script::new([told([7, 10], [20, 50]).with("x-costlimit-cost", 4), {
        graphql()
            .with("x-ratelimit-limit", 100)
            .with("x-ratelimit-remaining", 90)
            .with("x-ratelimit-reset", "60")
            .with("x-costlimit-cost", 3)
    }]);
    let client = pool(&script, &["a", "b"]).build().unwrap();
    assert_eq!(client.budget(), xurrent_runtime::Budget::default());
    ask(&client).await.unwrap();
    let budget = client.budget();
    assert_eq!((budget.requests.limit, budget.requests.remaining), (None, None), "of `b` nothing is known");
    assert_eq!(budget.last_cost, Some(4));
    ask(&client).await.unwrap();
    let budget = client.budget();
    assert_eq!((budget.requests.limit, budget.requests.remaining), (Some(110), Some(97)));
    assert_eq!(budget.requests.resets_in, Some(60 * SECOND));
    assert_eq!((budget.cost.limit, budget.cost.remaining, budget.last_cost), (None, None, Some(3)));
    let each: Vec<_> = client.budgets().iter().map(|it| (it.requests.remaining, it.last_cost)).collect();
    assert_eq!(each, [(Some(7), Some(4)), (Some(90), Some(3))]);
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

#[test]
fn mistakes_in_a_pool_are_found_when_it_is_built() {
    let script = Script::new([]);
    for (builder, text) in [
        (pool(&script, &["a", "b", "a"]), "token 3 is the same as token 1"),
        (
            pool(&script, &["a"]).client_credentials("id", "s").client_credentials("id", "s"),
            "token 3 is the same as token 2",
        ),
        (pool(&script, &["a", " "]), "token 2 of 2: the personal access token is empty"),
        (pool(&script, &["a"]).shares_limits_of(" "), "the name of its user is empty"),
        (pool(&script, &["a"]).client_credentials("", "s"), "the client id is empty"),
        (pool(&script, &[]).shares_limits_of("grace").personal_access_token("a"), "there is none"),
        (pool(&script, &[]), "no credentials"),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(text), "{error}");
    }
    let rotated = pool(&script, &["a"]).client_credentials("id", "old").client_credentials("id", "new");
    assert!(rotated.build().is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_token_of_the_pool_is_ever_shown() {
    let tokens = ["pat-of-grace-71", "pat-of-alan-52"];
    let echo = format!(r#"{{"message":"{} {}"}}"#, tokens[0], tokens[1]);
    let script = Script::new([
        json(500, &echo),
        json(401, &echo).with("x-request-id", tokens[1]),
        json(401, &echo),
        status(400, "{}"),
    ]);
    let builder = pool(&script, &tokens).shares_limits_of("alan");
    let mut shown = format!("{builder:?}");
    assert!(shown.contains("[personal access token, personal access token of user \"alan\"]"), "{shown}");
    let client = builder.build().unwrap();
    shown += &format!("{client:?}");
    for _ in 0..2 {
        let error = ask(&client).await.unwrap_err();
        shown += &format!("{error} {error:?} {:?}", error.attempts());
    }
    for token in tokens {
        assert!(!shown.contains(token), "{shown}");
    }
    assert!(shown.contains("*** ***"), "{shown}");
}
