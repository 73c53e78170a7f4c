//! Prefetch before the current page is decoded: records and errors are the same for any response.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::with;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use xurrent::transport::Transport;
use xurrent::{Client, Leaf, Select};
use xurrent_runtime::transport::{BoxFuture, Request};

static READ: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

/// A leaf that takes its time to be read, and notes when it was.
#[derive(Debug)]
struct Tedious;

impl Leaf for Tedious {
    type Wire = xurrent::Id;

    fn from_wire(_: xurrent::Id) -> Result<Self, String> {
        std::thread::sleep(Duration::from_millis(100));
        READ.lock().unwrap().push(Instant::now());
        Ok(Self)
    }
}

#[derive(Debug, Select)]
#[select(on = Person)]
struct Slowly {
    #[allow(dead_code, reason = "never filled")]
    id: Tedious,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_socket_the_next_page_is_requested_before_one_is_read() {
    let (sandbox, client) = with(|sandbox| sandbox).await;
    // In a task, as a task of one's own is what holds up those that it has spawned.
    let reading = tokio::spawn(async move {
        let mut pages = client.people().select::<Slowly>().page_size(3).pages();
        for _ in 0..2 {
            assert_eq!(pages.try_next().await.unwrap().unwrap().nodes.len(), 3);
        }
    });
    reading.await.unwrap();
    let (arrivals, read) = (sandbox.arrivals(), READ.lock().unwrap().clone());
    assert_eq!(read.len(), 6);
    assert!(arrivals[1] < read[2] && arrivals[2] < read[5], "{arrivals:?} {read:?}");
}

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: xurrent::Id,
}

/// Answers with these texts by the cursor: the first page, that behind `b`, that behind `c`.
#[derive(Clone)]
struct Texts {
    pages: [String; 3],
    asked: Arc<AtomicUsize>,
}

impl Transport for Texts {
    fn send(&self, request: Request) -> BoxFuture<'_, xurrent::Result<http::Response<Vec<u8>>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let body = String::from_utf8_lossy(request.http.body()).into_owned();
        let page = ["\"after\":\"b\"", "\"after\":\"c\""].iter().position(|after| body.contains(after));
        let text = self.pages[page.map_or(0, |page| page + 1)].clone();
        Box::pin(async move {
            let answer = http::Response::builder().header("content-type", "application/json");
            Ok(answer.body(text.into_bytes()).unwrap())
        })
    }
}

/// All ids, the error that the stream ended with, and how many requests there were.
async fn streamed(pages: [String; 3], limit: usize) -> (String, Option<String>, usize) {
    let transport = Texts { pages, asked: Arc::default() };
    let builder = Client::builder().account("wdc").personal_access_token("token");
    let client = builder.transport(transport.clone()).build().unwrap();
    let mut stream = client.people().select::<OnlyId>().page_size(2).limit(limit).stream();
    let mut ids = String::new();
    let error = loop {
        match stream.try_next().await {
            Ok(Some(person)) => ids.push_str(person.id.as_str()),
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
    (ids, error, transport.asked.load(Ordering::SeqCst))
}

fn page(info: &str, ids: &str) -> String {
    let nodes: Vec<_> = ids.chars().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!(r#"{{"data":{{"people":{{"pageInfo":{info},"nodes":[{}]}}}}}}"#, nodes.join(","))
}

fn more(cursor: &str) -> String {
    format!(r#"{{"hasNextPage":true,"endCursor":"{cursor}"}}"#)
}

const END: &str = r#"{"hasNextPage":false,"endCursor":"d"}"#;

fn three() -> [String; 3] {
    [page(&more("b"), "12"), page(&more("c"), "34"), page(END, "5")]
}

#[tokio::test]
async fn a_response_in_any_form_has_the_same_records() {
    let behind = |text: &str, what: &str| format!("{}{what}}}", text.strip_suffix('}').unwrap());
    let moved = |text: String| {
        let (before, rest) = text.split_once(r#""pageInfo":"#).unwrap();
        let (info, rest) = rest.split_once("},").unwrap();
        let nodes = rest.strip_suffix("}}}").unwrap();
        format!(r#"{before}{nodes},"pageInfo":{info}}}}}}}}}"#)
    };
    let forms: [(&str, &dyn Fn(String) -> String); 9] = [
        ("as it is asked for", &|text| text),
        ("with white space", &|text| text.replace(',', " ,\n ").replace(':', " : ")),
        ("with white space behind", &|text| text + "\n"),
        ("page info behind the nodes", &moved),
        ("its keys in another order", &|text| {
            let (before, rest) = text.split_once(r#""hasNextPage":"#).unwrap();
            let (has, rest) = rest.split_once(',').unwrap();
            let (cursor, rest) = rest.split_once('}').unwrap();
            format!(r#"{before}{cursor},"hasNextPage":{has}}}{rest}"#)
        }),
        ("extensions behind", &|text| behind(&text, r#","extensions":{"a":{"b":[1]}}"#)),
        ("no errors behind", &|text| behind(&text, r#","errors":[]"#)),
        ("no errors before", &|text| text.replacen('{', r#"{"errors":[],"#, 1)),
        ("another key in the page", &|text| text.replace(r#""nodes":"#, r#""more":[{"x":"]}}}"}],"nodes":"#)),
    ];
    for (form, change) in forms {
        let streamed = streamed(three().map(change), 100).await;
        assert_eq!(streamed, ("12345".to_owned(), None, 3), "{form}");
    }
}

#[tokio::test]
async fn no_page_beyond_the_limit_is_requested() {
    for (limit, ids, requests) in [(1, "1", 1), (2, "12", 1), (3, "123", 2), (4, "1234", 2), (5, "12345", 3)]
    {
        assert_eq!(streamed(three(), limit).await, (ids.to_owned(), None, requests), "{limit}");
    }
    // Pages of other lengths than they were asked for.
    let [_, second, third] = three();
    let long = [page(&more("b"), "123456"), second.clone(), third.clone()];
    assert_eq!(streamed(long, 5).await.0, "12345");
    let empty = [page(&more("b"), ""), second, third];
    assert_eq!(streamed(empty, 5).await, ("345".to_owned(), None, 3));
}

#[tokio::test]
async fn the_error_of_a_page_follows_the_records_before_it() {
    let [first, second, third] = three();
    let wrong = [
        ("the type of a field", second.replace(r#""3""#, "3"), 3),
        ("a field that is missing", second.replace(r#""id":"4""#, r#""no":"4""#), 3),
        ("no nodes", second.replace("nodes", "nods"), 3),
        ("a cursor twice", second.replace(r#""nodes""#, r#""pageInfo":{},"nodes""#), 3),
        ("cut short", second.replace(r#""4"}"#, r#""4""#), 3),
        ("errors behind", second.replace("]}}}", r#"]}},"errors":[{"message":"no"}]}"#), 2),
        ("the cursor of this page", second.replace(r#""c""#, r#""b""#), 2),
    ];
    for (what, second, requests) in wrong {
        let (ids, error, asked) = streamed([first.clone(), second, third.clone()], 100).await;
        assert_eq!(ids, "12", "{what}");
        assert!(error.is_some(), "{what}");
        assert_eq!(asked, requests, "{what}");
    }
}
