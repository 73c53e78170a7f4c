//! Limits and queues of users.

use crate::session::api;
use crate::session::pool::{SECOND, answers, ask, busy, pool, signed, used_up};
use crate::session::script::{Script, graphql, json, token};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use xurrent_runtime::Client;

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
