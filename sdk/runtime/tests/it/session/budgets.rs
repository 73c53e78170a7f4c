//! The hourly limits: what is read of them, and what is done when they are used up.

use crate::session::builder;
use crate::session::script::{Answer, Script, graphql, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, sleep};
use xurrent_runtime::{Allowance, Budget, Client, ErrorKind, RetryPolicy};

const SECOND: Duration = Duration::from_secs(1);

/// A moment so many seconds ahead, as the server writes it.
fn epoch(ahead: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now.saturating_add_signed(ahead).to_string()
}

async fn ask(client: &Client) -> xurrent_runtime::Result<()> {
    client.raw("{ a }", ()).await.map(|_| ())
}

/// The budget after these answers.
async fn after(answers: impl IntoIterator<Item = Answer>) -> Budget {
    let answers: Vec<Answer> = answers.into_iter().collect();
    let count = answers.len();
    let client = builder(&Script::new(answers)).build().unwrap();
    for _ in 0..count {
        ask(&client).await.unwrap();
    }
    client.budget()
}

fn told(limit: u64, remaining: u64, reset: &str) -> Answer {
    graphql()
        .with("x-ratelimit-limit", limit)
        .with("x-ratelimit-remaining", remaining)
        .with("x-ratelimit-reset", reset)
}

#[tokio::test(start_paused = true)]
async fn both_budgets_are_read_from_the_headers() {
    let answer = told(3_600, 3_599, &epoch(1_800))
        .with("x-costlimit-limit", 5_000)
        .with("x-costlimit-cost", 7)
        .with("x-costlimit-remaining", 4_993)
        .with("x-costlimit-reset", epoch(900));
    let budget = after([answer]).await;
    assert_eq!((budget.requests.limit, budget.requests.remaining), (Some(3_600), Some(3_599)));
    assert_eq!(
        (budget.cost.limit, budget.cost.remaining, budget.last_cost),
        (Some(5_000), Some(4_993), Some(7))
    );
    let seconds = |allowance: Allowance| allowance.resets_in.unwrap().as_secs_f64();
    assert!((1_795.0..=1_800.0).contains(&seconds(budget.requests)), "{budget:?}");
    assert!((895.0..=900.0).contains(&seconds(budget.cost)), "{budget:?}");
}

#[tokio::test(start_paused = true)]
async fn each_header_may_be_absent_or_bad_and_no_good_answer_fails_for_it() {
    assert_eq!(after([graphql()]).await, Budget::default());
    let budget = after([graphql().with("x-costlimit-remaining", 12)]).await;
    let cost = budget.cost;
    assert_eq!((cost.limit, cost.remaining, cost.resets_in), (None, Some(12), None));
    for bad in ["", "many", "1.5", "99999999999999999999999", "é"] {
        let answer = graphql()
            .with("x-ratelimit-limit", bad)
            .with("x-ratelimit-remaining", bad)
            .with("x-ratelimit-reset", bad)
            .with("x-costlimit-cost", bad);
        assert_eq!(after([answer]).await, Budget::default(), "{bad:?}");
    }
    assert_eq!(after([graphql().with("x-ratelimit-remaining", "-3")]).await.requests.remaining, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_a_moment_or_when_it_is_tiny_a_time_to_wait() {
    for (reset, seconds) in [
        ("60".to_owned(), Some(60)),
        ("0".to_owned(), None),
        ("7200".to_owned(), Some(7_200)),
        ("7201".to_owned(), None),
        ("999999999".to_owned(), None),
        (epoch(-10), None),
        (epoch(60), Some(60)),
        (epoch(8_000), None),
        (format!("{}000", epoch(60)), None), // milliseconds
        (i64::MAX.to_string(), None),
    ] {
        let budget = after([told(10, 5, &reset)]).await;
        let found = budget.requests.resets_in.map(|wait| wait.as_secs_f64());
        assert_eq!(found.is_some(), seconds.is_some(), "{reset}: {found:?}");
        let close = found.is_none_or(|found| (found - f64::from(seconds.unwrap_or(0))).abs() < 5.0);
        assert!(close, "{reset}: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_that_counts_is_that_of_the_server() {
    // The server is a day ahead, and says so.
    let date = httpdate(SystemTime::now() + Duration::from_secs(86_400));
    let budget = after([told(10, 5, &epoch(86_400 + 30)).with("date", date)]).await;
    let seconds = budget.requests.resets_in.unwrap().as_secs_f64();
    assert!((29.0..=31.0).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_reset_that_has_passed_by_our_clock_alone_leaves_what_is_left() {
    let reset = (SystemTime::now() - Duration::from_secs(90)).duration_since(SystemTime::UNIX_EPOCH);
    let reset = reset.unwrap().as_secs().to_string();
    let budget = after([told(10, 5, &reset)]).await;
    assert_eq!((budget.requests.remaining, budget.requests.resets_in), (Some(5), None));
    // By the clock of the server it has ended.
    let budget = after([told(10, 5, &reset).with("date", httpdate(SystemTime::now()))]).await;
    assert_eq!((budget.requests.remaining, budget.requests.resets_in), (None, None));
}

/// The format of `Date`, made with what the tests have.
fn httpdate(time: SystemTime) -> String {
    let timestamp = jiff::Timestamp::try_from(time).unwrap();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp).unwrap()
}

#[tokio::test(start_paused = true)]
async fn answers_that_overtake_each_other_leave_the_least() {
    let reset = epoch(1_000);
    let budget = after([told(10, 4, &reset), told(10, 6, &reset)]).await;
    assert_eq!(budget.requests.remaining, Some(4));
    // An answer of the window before.
    let budget = after([told(10, 4, &reset), told(10, 0, &epoch(100))]).await;
    assert_eq!(budget.requests.remaining, Some(4));
    let budget = after([told(10, 0, &epoch(100)), told(20, 19, &reset)]).await;
    assert_eq!((budget.requests.remaining, budget.requests.limit), (Some(19), Some(20)));
}

#[tokio::test(start_paused = true)]
async fn what_is_used_up_is_waited_for_and_then_usable() {
    for header in ["x-ratelimit", "x-costlimit"] {
        let names: [&'static str; 2] = match header {
            "x-ratelimit" => ["x-ratelimit-remaining", "x-ratelimit-reset"],
            _ => ["x-costlimit-remaining", "x-costlimit-reset"],
        };
        let script = Script::new([graphql().with(names[0], 0).with(names[1], "50"), graphql(), graphql()]);
        let client = builder(&script).build().unwrap();
        for _ in 0..3 {
            ask(&client).await.unwrap();
        }
        let sent = script.sent();
        let wait = sent[1].at - sent[0].at;
        assert!((50 * SECOND..51 * SECOND).contains(&wait), "{header}: {wait:?}");
        assert!(sent[2].at - sent[1].at < SECOND, "{header}: the reset has passed");
        assert_eq!((client.budget().requests.remaining, client.budget().cost.remaining), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_an_error_that_says_when() {
    for policy in
        [RetryPolicy::new(), RetryPolicy::new().fail_fast_on_exhausted_quota().max_wait(3_600 * SECOND)]
    {
        let script = Script::new([told(10, 0, "900"), graphql()]);
        let client = builder(&script).retry(policy).build().unwrap();
        ask(&client).await.unwrap();
        let start = Instant::now();
        let error = client.raw("mutation { a }", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, None));
        assert!(error.is_rate_limited() && error.attempts().is_empty());
        let wait = error.retry_after().unwrap().as_secs_f64();
        assert!((899.0..=900.0).contains(&wait), "{wait}");
        assert!(error.to_string().contains("the user's limit of requests is exhausted"), "{error}");
        assert!(start.elapsed() < SECOND, "at once");
        // A call with more patience does not fail.
        client.raw("{ a }", ()).retry(RetryPolicy::new().max_wait(1_000 * SECOND)).await.unwrap();
        assert!(start.elapsed() >= 899 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stops_the_other_calls_too_and_a_later_word_only_prolongs_it() {
    let refusal = |seconds| json(429, "{}").with("retry-after", seconds);
    let script = Script::new([
        refusal(30).after(Duration::from_millis(10)),
        refusal(5).after(Duration::from_millis(20)),
        graphql(),
        graphql(),
        graphql(),
    ]);
    let client = builder(&script).build().unwrap();
    let call = || {
        let client = client.clone();
        tokio::spawn(async move { ask(&client).await })
    };
    let both = [call(), call()];
    sleep(Duration::from_millis(100)).await;
    let late = call();
    for call in both.into_iter().chain([late]) {
        call.await.unwrap().unwrap();
    }
    let sent = script.sent();
    assert_eq!(sent.len(), 5);
    assert!(sent[2..].iter().all(|sent_| sent_.at - sent[0].at >= 30 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn calls_in_the_queue_are_not_sent_into_a_refusal() {
    let mut answers = vec![graphql(), json(429, "{}").with("retry-after", 20)];
    answers.extend((0..9).map(|_| graphql()));
    let script = Script::new(answers);
    let client = builder(&script).rate_limit(1, SECOND).build().unwrap();
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let sent = script.sent();
    assert_eq!(sent.len(), 11);
    assert!(sent[2].at - sent[1].at >= 20 * SECOND);
    let all = sent[10].at - sent[2].at;
    assert!((8 * SECOND..9 * SECOND).contains(&all), "no slot was lost: {all:?}");
}
