//! The limit of requests in a short time, while time stands still unless somebody waits for it.

use crate::session::script::{Answer, Script, graphql, token};
use crate::session::{api, builder};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use xurrent_runtime::{Client, ErrorKind, RetryPolicy};

const SECOND: Duration = Duration::from_secs(1);

/// Makes this many calls at once, and returns how long all of them took.
async fn at_once(client: &Client, calls: usize) -> Duration {
    let start = Instant::now();
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.raw("{ a }", ()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    start.elapsed()
}

/// The most requests that were sent in any window of this length.
fn most(script: &Script, window: Duration) -> usize {
    let sent: Vec<Instant> = script.sent().iter().map(|sent| sent.at).collect();
    let within = |from: &Instant| sent.iter().filter(|at| **at >= *from && **at < *from + window).count();
    sent.iter().map(within).max().unwrap_or_default()
}

fn answers(count: usize, delay: Duration) -> Vec<Answer> {
    (0..count).map(|_| graphql().after(delay)).collect()
}

#[tokio::test(start_paused = true)]
async fn no_window_has_more_than_twenty_requests_and_little_time_is_lost() {
    for (latency, most_seconds) in [(0, 18.02), (5, 18.06), (99, 18.91), (5_000, 18.91)] {
        let latency = Duration::from_millis(latency);
        let script = Script::new(answers(200, latency));
        at_once(&builder(&script).build().unwrap(), 200).await;
        let sent = script.sent();
        let took = (sent[199].at - sent[0].at).as_secs_f64();
        assert_eq!(most(&script, 2 * SECOND), 20, "{latency:?}");
        assert!((18.0..=most_seconds).contains(&took), "{latency:?}: {took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_free_a_window_after_its_answer_or_after_the_transit() {
    for (latency, next) in [(0, 1_000), (40, 1_040), (100, 1_100), (700, 1_100), (90_000, 1_100)] {
        let script = Script::new(answers(2, Duration::from_millis(latency)));
        let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
        at_once(&client, 2).await;
        let sent = script.sent();
        let apart = (sent[1].at - sent[0].at).as_millis();
        assert!((next..=next + 2).contains(&apart), "{latency} ms: {apart} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_does_not_free_the_slot_of_another_request() {
    // The first answer comes 50 ms after the second request was sent, in the same slot.
    let script =
        Script::new([graphql().after(Duration::from_millis(1_150)), graphql().after(SECOND), graphql()]);
    let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
    at_once(&client, 3).await;
    let sent = script.sent();
    assert!(sent[2].at - sent[1].at >= Duration::from_millis(1_100), "{:?}", sent[2].at - sent[1].at);
}

#[tokio::test(start_paused = true)]
async fn calls_are_served_in_their_order() {
    let script = Script::new(answers(30, Duration::ZERO));
    let client = builder(&script).rate_limit(3, SECOND).build().unwrap();
    let calls: Vec<_> = (0..30)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { client.raw(format!("{{ a{number} }}"), ()).await.map(|_| ()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    for (number, sent) in script.sent().iter().enumerate() {
        assert!(sent.body.contains(&format!("a{number} ")), "{number}: {}", sent.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_while_it_waits_leaves_no_trace() {
    let script = Script::new(answers(3, Duration::ZERO));
    let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
    at_once(&client, 1).await;
    let start = Instant::now();
    let waiting: Vec<_> = (0..50)
        .map(|number| {
            let client = client.clone();
            let patience = Duration::from_millis(number * 10);
            tokio::spawn(async move { timeout(patience, client.raw("{ a }", ()).send()).await.is_err() })
        })
        .collect();
    for given_up in waiting {
        assert!(given_up.await.unwrap());
    }
    at_once(&client, 2).await;
    assert_eq!(script.sent().len(), 3, "none of those that were given up was sent");
    let took = start.elapsed();
    assert!((2 * SECOND..2 * SECOND + Duration::from_millis(5)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_under_way_keeps_its_slot_until_it_no_longer_counts() {
    let script = Script::new([graphql().after(60 * SECOND), graphql()]);
    let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
    let _ = timeout(Duration::from_millis(10), client.raw("{ a }", ()).send()).await;
    at_once(&client, 1).await;
    let sent = script.sent();
    assert!(sent[1].at - sent[0].at >= Duration::from_millis(1_100));
}

#[tokio::test(start_paused = true)]
async fn clones_share_the_limit_and_other_clients_do_not() {
    let script = Script::new(answers(4, Duration::ZERO));
    let limited = || builder(&script).rate_limit(1, SECOND).build().unwrap();
    let client = limited();
    at_once(&client, 1).await;
    assert!(at_once(&client.clone().with_retry(RetryPolicy::never()), 1).await >= SECOND);
    assert_eq!(at_once(&limited(), 1).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn token_calls_count() {
    let script = Script::new([token("t1", "3600"), graphql()]);
    let client = api()
        .client_credentials("id", "secret")
        .rate_limit(1, SECOND)
        .transport(script.clone())
        .build()
        .unwrap();
    assert!(at_once(&client, 1).await >= SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_its_turn_no_longer_than_it_may() {
    let script = Script::new(answers(3, Duration::ZERO));
    let client = builder(&script).rate_limit(1, 10 * SECOND).build().unwrap();
    at_once(&client, 1).await;
    let hasty = RetryPolicy::new().max_wait(4 * SECOND);
    let start = Instant::now();
    let error = client.raw("{ a }", ()).retry(hasty).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.attempts().is_empty());
    assert!((4 * SECOND..5 * SECOND).contains(&start.elapsed()), "{:?}", start.elapsed());
    // The one that gave up does not hold up the next.
    sleep(6 * SECOND).await;
    assert_eq!(at_once(&client, 1).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nothing_waits() {
    let script = Script::new(answers(300, Duration::ZERO));
    assert_eq!(at_once(&builder(&script).no_rate_limit().build().unwrap(), 300).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_polls_does_not_hold_up_the_others() {
    let script = Script::new(answers(6, Duration::ZERO));
    let client = builder(&script).rate_limit(2, SECOND).build().unwrap();
    at_once(&client, 2).await;
    let mut stalled = Box::pin(client.raw("{ stalled }", ()).send());
    assert!(timeout(Duration::from_millis(10), &mut stalled).await.is_err());
    assert!(at_once(&client, 3).await < 4 * SECOND);
    stalled.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_back_does_not_get_what_is_reserved_for_another() {
    let script = Script::new(answers(4, Duration::ZERO));
    let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
    client.raw("{ a }", ()).await.unwrap();
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(client.raw("{ a }", ()).send())).collect();
    for call in &mut calls {
        assert!(timeout(Duration::ZERO, call).await.is_err());
    }
    let [first, second, third] = &mut calls[..] else { unreachable!() };
    // The permit is reserved for the first one, which nobody polls, and then for the second one.
    sleep(SECOND).await;
    assert!(timeout(Duration::ZERO, &mut *third).await.is_err());
    sleep(Duration::from_millis(300)).await;
    assert!(timeout(Duration::ZERO, &mut *third).await.is_err());
    assert!(timeout(Duration::ZERO, &mut *first).await.is_err());
    second.await.unwrap();
    first.await.unwrap();
    third.await.unwrap();
    assert_eq!(most(&script, SECOND), 1);
}

#[tokio::test(start_paused = true)]
async fn no_window_has_more_requests_whichever_calls_are_polled_and_given_up() {
    const CALLS: usize = 40;
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let limit = random.usize(1..4);
        let script = Script::new(answers(CALLS, Duration::from_millis(random.u64(0..150))));
        let client = builder(&script).rate_limit(limit, SECOND).build().unwrap();
        let mut calls: Vec<_> = (0..CALLS).map(|_| Box::pin(client.raw("{ a }", ()).send())).collect();
        while !calls.is_empty() {
            // Nobody polls the others meanwhile.
            let index = random.usize(..calls.len().min(6));
            let polled = timeout(Duration::from_millis(random.u64(0..400)), &mut calls[index]).await;
            if polled.map(|result| result.unwrap()).is_ok() || random.u8(..20) == 0 {
                drop(calls.remove(index));
            }
        }
        let most = most(&script, SECOND);
        assert!(most <= limit, "seed {seed}: {most} requests of {limit}");
    }
}

#[test]
fn a_limit_that_cannot_be_kept_is_refused() {
    let script = Script::new([]);
    for (requests, window, text) in [
        (0, SECOND, "1 to 10000 requests, not 0"),
        (10_001, SECOND, "not 10001"),
        (20, Duration::ZERO, "not 0ns"),
        (20, Duration::MAX, "at most 7200s"),
    ] {
        let error = builder(&script).rate_limit(requests, window).build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(text), "{error}");
    }
    assert!(builder(&script).rate_limit(10_000, Duration::from_nanos(1)).build().is_ok());
}
