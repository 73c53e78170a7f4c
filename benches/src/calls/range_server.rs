//! Minimal HTTP server of people that come evenly: pages, counts and ranges of `createdAt`, also several of them
//! in a request.

use super::server::read;
use crate::error::Error;
use serde_json::{Value, json};
use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use xurrent::jiff::Timestamp;

/// When the first person was created, and the seconds between two of them.
const BEGIN: i64 = 1_577_836_800;
const INTERVAL: i64 = 60;

/// A server on a loopback port.
pub(super) struct RangeServer {
    pub(super) url: String,
    people: Arc<People>,
}

struct People {
    count: usize,
    latency: Duration,
    requests: AtomicUsize,
}

impl RangeServer {
    /// Serves `count` people. Each request takes `latency`, whatever it asks for.
    pub(super) fn start(count: usize, latency: Duration) -> Result<Self, Error> {
        let people = Arc::new(People { count, latency, requests: AtomicUsize::new(0) });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        let server = Self { url, people: Arc::clone(&people) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let people = Arc::clone(&people);
                // Clients may disconnect.
                thread::spawn(move || people.serve(stream).ok());
            }
        });
        Ok(server)
    }

    pub(super) fn requests(&self) -> usize {
        self.people.requests.load(Ordering::Relaxed)
    }
}

impl People {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(body) = read(&mut reader)? {
            self.requests.fetch_add(1, Ordering::Relaxed);
            thread::sleep(self.latency);
            let response = self.response(&serde_json::from_slice(&body)?).to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
            writer.write_all(format!("{head} {}\r\n\r\n{response}", response.len()).as_bytes())?;
        }
        Ok(())
    }

    fn response(&self, request: &Value) -> Value {
        let (query, variables) = (request["query"].as_str().unwrap_or_default(), &request["variables"]);
        if request["operationName"] != "batch" {
            return json!({ "data": { "people": self.connection(query, variables, "") } });
        }
        let (mut data, mut rest) = (serde_json::Map::new(), query);
        for index in 0.. {
            let Some((_, call)) = rest.split_once(&format!(" b{index}: people")) else { break };
            let fields =
                call.split_once(&format!(" b{}: people", index + 1)).map_or(call, |(fields, _)| fields);
            data.insert(format!("b{index}"), self.connection(fields, variables, &format!("b{index}_")));
            rest = call;
        }
        json!({ "data": data })
    }

    fn connection(&self, query: &str, variables: &Value, prefix: &str) -> Value {
        let argument = |name: &str| &variables[format!("{prefix}{name}")];
        let people = self.range(&argument("filter")["createdAt"]);
        if query.contains("totalCount") {
            return json!({ "totalCount": people.len() });
        }
        let after = argument("after").as_str().and_then(|cursor| cursor.parse().ok());
        let size = argument("first").as_u64().and_then(|first| usize::try_from(first).ok()).unwrap_or(100);
        let page = match argument("order")[0]["direction"] == "desc" {
            true => people.end.saturating_sub(size)..people.end,
            false => {
                let start = after.unwrap_or(people.start);
                start..(start + size).min(people.end)
            }
        };
        let nodes: Vec<_> = page.clone().map(|number| person(number, !prefix.is_empty())).collect();
        let info = json!({ "hasNextPage": page.end < people.end, "endCursor": page.end.to_string() });
        json!({ "pageInfo": info, "nodes": nodes })
    }

    /// The people that a filter of `createdAt` selects.
    fn range(&self, filter: &Value) -> Range<usize> {
        if filter["values"].is_array() && filter["negate"] != true {
            return 0..0;
        }
        let bound = |name: &str| {
            let time: Timestamp = filter[name].as_str()?.parse().ok()?;
            let number = (time.as_second() - BEGIN + INTERVAL - 1).div_euclid(INTERVAL);
            Some(usize::try_from(number).unwrap_or(0).min(self.count))
        };
        bound("greaterThanOrEqualTo").unwrap_or(0)..bound("lessThan").unwrap_or(self.count)
    }
}

fn person(number: usize, is_dated: bool) -> Value {
    let mut person = json!({ "id": format!("p{number}"), "name": format!("Person {number}") });
    if is_dated {
        let second = BEGIN + INTERVAL * i64::try_from(number).unwrap_or(i64::MAX);
        person["sdk_created_at"] = json!(Timestamp::from_second(second).unwrap_or(Timestamp::MAX));
    }
    person
}
