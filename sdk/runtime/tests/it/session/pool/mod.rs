//! Several tokens behind one client: which of them signs, which is passed over, and for how long.

mod choice;
mod credentials;
mod refusals;
mod users;

use crate::session::api;
use crate::session::script::{Answer, Script, graphql, json, status};
use std::time::Duration;
use xurrent_runtime::{Client, ClientBuilder, Error};

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

/// The tokens of all requests of the API, in their order.
fn signed(script: &Script) -> Vec<String> {
    let requests = script.sent().into_iter().filter(|sent| !sent.uri.ends_with("/token"));
    let token = |header: &str| header.strip_prefix("Bearer ").unwrap().to_owned();
    requests.map(|sent| token(sent.header("authorization").unwrap())).collect()
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
