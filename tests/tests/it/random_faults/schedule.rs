//! What a schedule is made of, and how it is made.

use crate::random_faults::harness::token;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, any};
use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::{prop_oneof, sample};
use std::time::Duration;
use xurrent::RetryPolicy;
use xurrent_sandbox::Fault;

/// How many users with a personal access token there are.
pub(crate) const USERS: usize = 3;

/// The settings of a sandbox: requests in a window, where they are limited, and the latency.
pub(crate) const SETTINGS: [(Option<(usize, Duration)>, Duration); 3] = [
    (None, Duration::ZERO),
    (Some((3, Duration::from_millis(60))), Duration::ZERO),
    (None, Duration::from_millis(8)),
];

/// Everything that happens in one sandbox until its faults are over.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) faults: Vec<Fault>,
    pub(crate) operations: Vec<Operation>,
    /// All operations are started together.
    pub(crate) at_once: bool,
    pub(crate) policy: RetryPolicy,
    /// The same as in the policy, which does not tell.
    pub(crate) max_attempts: usize,
    pub(crate) max_wait: Duration,
    pub(crate) time_limit: Option<Duration>,
    /// Which of the [`SETTINGS`] it runs in.
    pub(crate) setting: usize,
    /// When the tokens that were issued become invalid.
    pub(crate) revoked_after: Option<Duration>,
}

/// One call, or one stream of them.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    pub(crate) who: Who,
    /// When it is given up.
    pub(crate) dropped_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// The owner of a personal access token.
    User(usize),
    /// A client whose tokens are issued.
    OAuth,
    /// A client with the tokens of all users.
    Pool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// All records in memory.
    All(Read),
    /// Record by record.
    Records(Read),
    /// Record by record, where whoever waits gives up and asks again, time after time.
    Impatient(Read, Duration),
    Pages(Read),
    /// All teams with all their members, of which a page has two.
    Crews,
    /// A file with so many bytes.
    Upload(usize),
    Create,
    /// A mutation in a document of the user's own.
    CreateRaw,
    /// A note for a request that is there already.
    Note,
}

#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) page_size: usize,
    pub(crate) limit: Option<usize>,
}

fn millis(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

pub(crate) fn schedules() -> impl Strategy<Value = Schedule> {
    let limits = (
        1..=3_usize,
        prop_oneof![4 => Just(20_000), 1 => Just(300), 1 => Just(0)].prop_map(Duration::from_millis),
        prop_oneof![3 => Just(None), 2 => millis(30..700).prop_map(Some)],
        0..SETTINGS.len(),
        option::weighted(0.3, millis(0..150)),
    );
    (vec(fault(), 0..9), vec(operation(), 1..6), any::<bool>(), limits).prop_map(
        |(faults, operations, at_once, limits)| {
            let (max_attempts, max_wait, time_limit, setting, revoked_after) = limits;
            let mut policy = RetryPolicy::new().max_attempts(max_attempts).max_wait(max_wait);
            if let Some(limit) = time_limit {
                policy = policy.time_limit(limit);
            }
            Schedule {
                faults,
                operations,
                at_once,
                policy,
                max_attempts,
                max_wait,
                time_limit,
                setting,
                revoked_after,
            }
        },
    )
}

fn operation() -> impl Strategy<Value = Operation> {
    let read = || {
        (15..100_usize, option::weighted(0.4, 0..120_usize))
            .prop_map(|(page_size, limit)| Read { page_size, limit })
    };
    let kind = prop_oneof![
        2 => read().prop_map(Kind::All),
        2 => read().prop_map(Kind::Records),
        2 => (read(), millis(1..20)).prop_map(|(read, patience)| Kind::Impatient(read, patience)),
        1 => read().prop_map(Kind::Pages),
        4 => Just(Kind::Create),
        1 => Just(Kind::CreateRaw),
        2 => Just(Kind::Note),
        2 => Just(Kind::Crews),
        3 => prop_oneof![0..2_000_usize, 100_000..300_000_usize].prop_map(Kind::Upload),
    ];
    let who = prop_oneof![3 => (0..USERS).prop_map(Who::User), 2 => Just(Who::OAuth), 2 => Just(Who::Pool)];
    // Many calls are over in a few milliseconds.
    let dropped_after = prop_oneof![millis(0..8), millis(0..150)];
    (kind, who, option::weighted(0.25, dropped_after)).prop_map(|(kind, who, dropped_after)| Operation {
        kind,
        who,
        dropped_after,
    })
}

/// A page that has no cursor is not among the faults: it is the last one, by the rule of the API.
fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::none()),
        2 => (other(), millis(0..40)).prop_map(|(fault, delay)| fault.delayed(delay)),
        6 => refused(),
        6 => unavailable(),
        6 => sample::select(vec![Fault::cut_before(), Fault::cut_after(), Fault::cut_body()]),
        3 => other(),
        4 => pages(),
        3 => token_call(),
        6 => upload(),
        2 => (0..USERS).prop_map(echo),
    ]
}

/// Nothing was executed, and the answer says so.
fn refused() -> BoxedStrategy<Fault> {
    let retry_after = prop_oneof![
        6 => sample::select(vec!["0.01", "0.05", "0.1"]).prop_map(str::to_owned),
        2 => sample::select(vec!["0", "-1", "soon", "1e300", "99999999", ""]).prop_map(str::to_owned),
        1 => Just("1".to_owned()),
    ];
    let used_up = ["x-ratelimit", "x-costlimit"].map(|what| {
        Fault::none().header(&format!("{what}-remaining"), "0").header(&format!("{what}-reset"), "1")
    });
    prop_oneof![
        5 => retry_after.prop_map(|wait| Fault::status(429).header("retry-after", &wait)),
        1 => Just(Fault::status(429).body("")),
        1 => sample::select(used_up.to_vec()),
    ]
    .boxed()
}

fn unavailable() -> BoxedStrategy<Fault> {
    let status = sample::select(vec![502, 503, 504]).prop_map(Fault::status);
    let answer = prop_oneof![
        3 => status.clone(),
        1 => status.clone().prop_map(|fault| fault.header("content-type", "text/html").body("<h1>Down</h1>")),
        3 => status.clone().prop_map(|fault| fault.header("retry-after", "0.02")),
        1 => sample::select(vec![400, 404, 422, 500]).prop_map(Fault::status),
    ];
    // A gateway that says 504 may have passed the request on.
    let passed_on = (answer, any::<bool>())
        .prop_map(|(fault, is_executed)| if is_executed { fault.after_execution() } else { fault });
    let denied = sample::select(vec![401, 401, 403]).prop_map(Fault::status);
    prop_oneof![6 => passed_on, 1 => denied].boxed()
}

/// The request is executed.
fn other() -> BoxedStrategy<Fault> {
    prop_oneof![
        2 => Just(Fault::none()),
        2 => millis(1..60).prop_map(Fault::slow_body),
        1 => Just(Fault::slow_body(Duration::from_secs(4))),
        1 => Just(Fault::none().delayed(Duration::from_secs(4))),
        1 => Just(Fault::content_type("text/html")),
        1 => Just(Fault::errors(["out of order"])),
    ]
    .boxed()
}

/// Something is wrong with the pages of the answer.
fn pages() -> BoxedStrategy<Fault> {
    prop_oneof![
        2 => Just(Fault::repeated_cursor()),
        2 => (1..60_usize).prop_map(Fault::long_pages),
        1 => (0..60_u64).prop_map(Fault::max_nodes),
    ]
    .boxed()
}

fn token_call() -> BoxedStrategy<Fault> {
    prop_oneof![
        3 => refused(),
        3 => sample::select(vec![400, 500, 502, 503, 504]).prop_map(Fault::status),
        1 => Just(Fault::status(400).body(r#"{"error":"invalid_client"}"#)),
        3 => sample::select(vec![Fault::cut_before(), Fault::cut_after(), Fault::cut_body()]),
        1 => millis(1..60).prop_map(Fault::slow_body),
    ]
    .prop_map(Fault::on_token_call)
    .boxed()
}

/// The storage refuses, breaks off, or takes its time.
fn upload() -> BoxedStrategy<Fault> {
    prop_oneof![
        3 => sample::select(vec![429, 500, 502, 503, 504]).prop_map(Fault::status),
        2 => sample::select(vec![400, 401, 403, 404, 411]).prop_map(Fault::status),
        4 => sample::select(vec![Fault::cut_before(), Fault::cut_after(), Fault::cut_body()]),
        1 => millis(1..60).prop_map(Fault::slow_body),
        1 => Just(Fault::none().delayed(Duration::from_secs(4))),
    ]
    .prop_map(Fault::on_upload)
    .boxed()
}

/// The server repeats the token wherever it can.
fn echo(user: usize) -> Fault {
    let token = token(user);
    Fault::status(400)
        .body(format!(r#"{{"message":"{token}","errors":[["{token}","{token}"]]}}"#))
        .header("x-request-id", &format!("r {token}"))
        .for_user(&user.to_string())
}
