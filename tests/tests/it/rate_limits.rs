//! The limits of the API, enforced by the sandbox over real sockets.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed;
use crate::sandboxed::{at_once, builder, start};
use std::time::{Duration, Instant};
use xurrent::{Client, ErrorKind, RetryPolicy};
use xurrent_sandbox::Sandbox;

const SECOND: Duration = Duration::from_secs(1);

/// How many requests the server refused.
fn refused(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.status == 429).count()
}

/// The shortest time in which the server saw one request more than this.
fn shortest(sandbox: &Sandbox, requests: usize) -> Duration {
    let mut arrivals = sandbox.arrivals();
    arrivals.sort();
    arrivals.windows(requests + 1).map(|window| window[requests] - window[0]).min().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_stay_within_the_limit() {
    let window = Duration::from_millis(500);
    let sandbox = start(|it| it.burst(10, window)).await;
    let client = builder(&sandbox).rate_limit(10, window).build().unwrap();
    at_once(&client, 1).await;
    let start = Instant::now();
    at_once(&client, 49).await;
    // Four windows, and for each the transit at most.
    assert!(start.elapsed() < Duration::from_millis(3_000), "{:?}", start.elapsed());
    assert_eq!((sandbox.arrivals().len(), refused(&sandbox)), (50, 0));
    assert!(shortest(&sandbox, 10) >= window, "{:?}", shortest(&sandbox, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes 19 seconds; run by .ci/run"]
async fn two_hundred_calls_take_about_eighteen_seconds() {
    let sandbox = start(|it| it.burst(20, 2 * SECOND)).await;
    let client = builder(&sandbox).build().unwrap();
    let start = Instant::now();
    at_once(&client, 200).await;
    let took = start.elapsed().as_secs_f64();
    assert_eq!((sandbox.arrivals().len(), refused(&sandbox)), (200, 0));
    let shortest = shortest(&sandbox, 20);
    println!("200 calls in {took:.3} s, 21 requests in {shortest:?}");
    assert!(shortest >= 2 * SECOND, "{shortest:?}");
    assert!((18.0..18.0 / 0.95).contains(&took), "{took} s");
}

#[tokio::test]
async fn rate_limited_calls_are_retried_when_permitted() {
    let sandbox = start(|it| it.burst(10, SECOND)).await;
    let client = builder(&sandbox).no_rate_limit().build().unwrap();
    at_once(&client, 15).await;
    assert_eq!(sandbox.requests().iter().filter(|request| request.status == 200).count(), 15);
    assert!(refused(&sandbox) >= 5, "the sandbox refuses what is too much");
}

#[tokio::test]
async fn the_quota_is_reported_and_waited_for_when_exhausted() {
    let sandbox = start(|it| it.budget(3, 50, 3 * SECOND)).await;
    let client = builder(&sandbox).build().unwrap();
    assert_eq!(client.budget(), xurrent::Budget::default());
    at_once(&client, 1).await;
    let budget = client.budget();
    assert_eq!((budget.requests.limit, budget.requests.remaining), (Some(3), Some(2)));
    assert_eq!((budget.cost.limit, budget.cost.remaining, budget.last_cost), (Some(50), Some(49), Some(1)));
    assert!(budget.requests.resets_in.unwrap() <= 3 * SECOND);
    for _ in 0..6 {
        at_once(&client, 1).await;
    }
    assert_eq!((sandbox.requests().len(), refused(&sandbox)), (7, 0));
}

#[tokio::test]
async fn an_exhausted_quota_can_be_an_error_and_affects_no_other_user() {
    let sandbox = start(|it| it.user("Grace", "token-of-grace").budget(9, 2, 3_600 * SECOND)).await;
    let hasty = RetryPolicy::new().fail_fast_on_exhausted_quota();
    let client = builder(&sandbox).retry(hasty).build().unwrap();
    at_once(&client, 2).await;
    let error = client.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.to_string().contains("the user's limit of cost points is exhausted"), "{error}");
    assert!((3_500 * SECOND..=3_601 * SECOND).contains(&error.retry_after().unwrap()), "{error:?}");
    assert_eq!(sandbox.requests().len(), 2, "nothing was sent");
    // By default a call does not wait for an hour either.
    assert!(client.me().retry(RetryPolicy::new()).await.unwrap_err().is_rate_limited());
    let grace = sandboxed::nobody(&sandbox).personal_access_token("token-of-grace").build().unwrap();
    at_once(&grace, 1).await;
    assert_eq!(grace.budget().cost.remaining, Some(1));
}

#[tokio::test]
async fn token_requests_count_towards_the_rate_limit() {
    let sandbox = start(|it| it).await;
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .rate_limit(1, Duration::from_millis(300))
        .build()
        .unwrap();
    at_once(&client, 2).await;
    assert_eq!(sandbox.arrivals().len(), 3);
    assert!(shortest(&sandbox, 1) >= Duration::from_millis(300));
}
