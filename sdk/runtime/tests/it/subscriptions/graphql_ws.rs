//! Against a server of another author: `graphql-ws`, with Node.

use super::{TICKED, Tick, builder, call, failure, next};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent_runtime::subscriptions::SubscriptionCall;
use xurrent_runtime::{ErrorKind, InputValue};

struct Node {
    process: Child,
    address: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Node {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("graphql-ws");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("server.mjs"), include_str!("graphql_ws.mjs")).unwrap();
        let packages = ["graphql@16", "graphql-ws@6", "ws@8"];
        let installed = Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix", "."])
            .args(packages)
            .current_dir(&folder)
            .status();
        assert!(installed.unwrap().success());
        let server =
            Command::new("node").arg("server.mjs").current_dir(&folder).stdout(Stdio::piped()).spawn();
        let mut process = server.unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = format!("127.0.0.1:{}", output.next().unwrap().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&lines);
        std::thread::spawn(move || {
            output.map_while(Result::ok).for_each(|line| seen.lock().unwrap().push(line))
        });
        Self { process, address, lines }
    }

    async fn wait_for(&self, line: &str) {
        for _ in 0..500 {
            if self.lines.lock().unwrap().iter().any(|seen| seen == line) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no {line:?} in {:?}", self.lines.lock().unwrap());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
#[ignore = "needs Node and packages of npm"]
async fn a_server_of_graphql_ws_is_subscribed_to() {
    let node = Node::start();
    let client = builder(&node.address)
        .connection_payload(r#"{"token": "{token}"}"#)
        .ping_interval(Duration::from_millis(100))
        .build()
        .unwrap();
    // The first connection is cut. Events begin anew with the next one.
    let mut stream = call(&client).stream();
    assert_eq!((next(&mut stream).await, next(&mut stream).await), (7, 8));
    let mut errors = Vec::new();
    let mut numbers = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(tick)) => numbers.push(tick.number),
            Ok(None) => break,
            Err(error) => errors.push(error.kind()),
        }
    }
    // What was sent before the cut arrived; a failed event is an error between others.
    assert_eq!(numbers, [7, 8, 10, 11]);
    assert_eq!(errors.iter().filter(|kind| **kind == ErrorKind::Interrupted).count(), 1, "{errors:?}");
    assert!(errors.contains(&ErrorKind::GraphQl), "{errors:?}");

    let refused: SubscriptionCall<Tick> =
        SubscriptionCall::new(client.runtime(), &TICKED).argument("from", InputValue::Int(-1));
    let error = failure(&mut refused.stream()).await;
    assert!(error.to_string().contains("no ticks before zero"), "{error}");

    let without = builder(&node.address).build().unwrap();
    let error = failure(&mut call(&without).stream()).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(4401)), "{error}");

    let mut stream = call(&client).stream();
    next(&mut stream).await;
    node.lines.lock().unwrap().clear();
    drop(stream);
    node.wait_for("complete").await;
    node.wait_for("closed 1000").await;
}
