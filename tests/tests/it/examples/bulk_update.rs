//! Requests that are moved from team to team.

use super::{Example, mutations, stored};
use crate::sandboxed::start;
use serde_json::json;
use std::time::Duration;
use xurrent_sandbox::{Fault, Sandbox};

const MOVE: [&str; 4] = ["--from", "Busy", "--to", "Night Shift"];

/// A sandbox with this many open requests of a team, and one that is completed.
async fn busy(open: usize) -> Sandbox {
    let sandbox = start(|it| it).await;
    let team = stored(&sandbox, r#"mutation { teamCreate(input: { name: "Busy" }) { team { id } } }"#);
    let team = &team["teamCreate"]["team"]["id"];
    for number in 0..=open {
        let status = if number == open { "completed" } else { "assigned" };
        let create =
            "mutation($input: RequestCreateInput!) { requestCreate(input: $input) { errors { message } } }";
        let input = json!({ "subject": format!("Bulk {number}"), "teamId": team, "status": status });
        let response = sandbox.engine().execute(&json!({ "query": create, "variables": { "input": input } }));
        assert_eq!(response["data"]["requestCreate"]["errors"], json!([]), "{response}");
    }
    sandbox
}

/// How many of these requests each team has.
fn teams(sandbox: &Sandbox) -> (usize, usize) {
    let query =
        r#"{ requests(view: all, first: 100, filter: { query: "Bulk" }) { nodes { team { name } } } }"#;
    let data = stored(sandbox, query);
    let nodes = data["requests"]["nodes"].as_array().unwrap();
    let count = |name: &str| nodes.iter().filter(|node| node["team"]["name"] == name).count();
    (count("Busy"), count("Night Shift"))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_open_requests_are_moved_once() {
    let sandbox = busy(45).await;
    let example = Example::new("bulk_update", &sandbox);
    assert_eq!(teams(&sandbox), (46, 0));
    let (code, stdout, stderr) = example.run(&[&MOVE[..], &["--dry-run"]].concat(), "").await;
    assert_eq!((code, stdout.lines().count(), stderr.as_str()), (0, 45, ""));
    assert_eq!((teams(&sandbox), mutations(&sandbox)), ((46, 0), 0));

    let (code, stdout, stderr) = example.run(&MOVE, "").await;
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "45 of 45 requests moved\n", ""));
    assert_eq!((teams(&sandbox), mutations(&sandbox)), ((1, 45), 3), "the completed one stays");
    let (code, stdout, _) = example.run(&MOVE, "").await;
    assert_eq!((code, stdout.as_str(), mutations(&sandbox)), (0, "0 of 0 requests moved\n", 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_failed_is_resumed() {
    let sandbox = busy(50).await;
    let example = Example::new("bulk_update", &sandbox);
    // The two teams, the requests, 20 updates, 20 of which the response is lost.
    let none = || Fault::none();
    sandbox.faults([none(), none(), none(), none(), Fault::cut_after()]);
    let (code, _, stderr) = example.run(&MOVE, "").await;
    assert!(code == 1 && stderr.contains("Error: stopped: run it again to continue"), "{stderr}");
    assert_eq!(teams(&sandbox), (11, 40));
    let (code, stdout, _) = example.run(&MOVE, "").await;
    assert_eq!((code, stdout.as_str()), (0, "10 of 10 requests moved\n"));
    assert_eq!((teams(&sandbox), mutations(&sandbox)), ((1, 50), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_was_killed_is_resumed() {
    let sandbox = busy(60).await;
    let example = Example::new("bulk_update", &sandbox);
    let none = || Fault::none();
    sandbox.faults([none(), none(), none(), none(), Fault::none().delayed(Duration::from_secs(60))]);
    let mut child = example.command(&MOVE).spawn().unwrap();
    while teams(&sandbox).1 == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    sandbox.clear_faults();
    let (code, stdout, _) = example.run(&MOVE, "").await;
    assert_eq!((code, stdout.as_str()), (0, "40 of 40 requests moved\n"));
    assert_eq!(teams(&sandbox), (1, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_teams_and_wrong_usage() {
    let sandbox = busy(1).await;
    let example = Example::new("bulk_update", &sandbox);
    for (arguments, code, error) in [
        (&["--from", "Busy", "--to", "Nobody"][..], 1, "no team is named \"Nobody\""),
        (&["--from", "busy", "--to", "Night Shift"], 1, "names are compared exactly"),
        (&["--from", "Busy"], 2, "--to <TO>"),
    ] {
        let (status, _, stderr) = example.run(arguments, "").await;
        assert!(status == code && stderr.contains(error), "{stderr}");
    }
    assert_eq!((teams(&sandbox), mutations(&sandbox)), ((2, 0), 0));
}
