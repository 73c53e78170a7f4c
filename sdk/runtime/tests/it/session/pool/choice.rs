//! The choice of a token by what is left of its budget.

use crate::session::pool::{SECOND, answers, ask, busy, pool, signed, used_up};
use crate::session::script::{Answer, Script, graphql};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use xurrent_runtime::{ErrorKind, RetryPolicy};

fn told(requests: [u64; 2], cost: [u64; 2]) -> Answer {
    graphql()
        .with("x-ratelimit-limit", requests[1])
        .with("x-ratelimit-remaining", requests[0])
        .with("x-ratelimit-reset", "3000")
        .with("x-costlimit-limit", cost[1])
        .with("x-costlimit-remaining", cost[0])
        .with("x-costlimit-reset", "3000")
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
