//! Lists of open requests.

use super::{Example, stored};
use crate::sandboxed::start;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent_sandbox::Sandbox;

/// The numbers and impacts of open requests in the store, of one team or of all.
fn open(sandbox: &Sandbox, team: Option<&str>) -> Vec<(String, Value)> {
    let mut requests = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { requests(view: all, first: 100, after: $after) { \
                     pageInfo { hasNextPage endCursor } nodes { requestId impact status team { name } } } }";
        let request = json!({ "query": query, "variables": { "after": after } });
        let page = sandbox.engine().execute(&request)["data"]["requests"].clone();
        for node in page["nodes"].as_array().unwrap() {
            let is_of_team = team.is_none_or(|team| node["team"]["name"] == team);
            if node["status"] != "completed" && is_of_team {
                requests.push((node["requestId"].as_str().unwrap().to_owned(), node["impact"].clone()));
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return requests;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn numbers(requests: &[(String, Value)]) -> BTreeSet<String> {
    requests.iter().map(|(number, _)| number.clone()).collect()
}

/// The numbers in a table.
fn listed(table: &str) -> BTreeSet<String> {
    table.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_open_requests_are_listed() {
    let sandbox = start(|it| it).await;
    let example = Example::new("open_requests", &sandbox);
    let all = open(&sandbox, None);
    assert!(all.len() > 100, "more than a page");
    let (code, table, stderr) = example.run(&[], "").await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(table.starts_with("REQUEST   IMPACT STATUS"), "{table}");
    assert_eq!((listed(&table), table.lines().count()), (numbers(&all), all.len() + 1));

    let desk = open(&sandbox, Some("Service Desk"));
    let (_, table, _) = example.run(&["--team", "Service Desk"], "").await;
    assert_eq!(listed(&table), numbers(&desk));

    let (_, text, _) = example.run(&["--impact", "high", "--impact", "top", "--format", "json"], "").await;
    let tickets: Vec<Value> = serde_json::from_str(&text).unwrap();
    let is_severe = |impact: &Value| *impact == "high" || *impact == "top";
    let severe: Vec<_> = all.iter().filter(|(_, impact)| is_severe(impact)).cloned().collect();
    let number = |ticket: &Value| ticket["request_id"].as_str().unwrap().to_owned();
    assert_eq!(tickets.iter().map(number).collect::<BTreeSet<_>>(), numbers(&severe));
    assert!(tickets.iter().any(|ticket| ticket["member"]["name"].is_string()), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_without_requests_and_wrong_usage() {
    let sandbox = start(|it| it).await;
    let example = Example::new("open_requests", &sandbox);
    stored(&sandbox, r#"mutation { teamCreate(input: { name: "Idle" }) { team { id } } }"#);
    let (code, table, _) = example.run(&["--team", "Idle"], "").await;
    assert_eq!((code, table.lines().count()), (0, 1), "a header: {table}");
    let (_, text, _) = example.run(&["--team", "Idle", "--format", "json"], "").await;
    assert_eq!(text, "[]\n");
    for (arguments, code, error) in [
        (["--team", "idle"], 1, "no team is named \"idle\"; names are compared exactly"),
        (["--impact", "huge"], 2, "[possible values: high, low, medium, top]"),
        (["--format", "xml"], 2, "[possible values: table, json]"),
    ] {
        let (status, stdout, stderr) = example.run(&arguments, "").await;
        assert!(status == code && stdout.is_empty() && stderr.contains(error), "{stderr}");
    }
    let mut command = example.command(&[]);
    let output = command.env_remove("XURRENT_TOKEN").env_remove("XURRENT_ACCOUNT").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("`XURRENT_TOKEN`") && stderr.contains("`XURRENT_ACCOUNT`"), "{stderr}");
}
