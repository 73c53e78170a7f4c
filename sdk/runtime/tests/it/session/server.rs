//! A server on this machine, on a thread of its own, that gives every request the same answer.

use crate::session::api;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent_runtime::{ClientBuilder, RetryPolicy};

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) origin: String,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Keeps connections open, where the answer says how long it is.
    pub(crate) fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { origin, connections: Arc::default(), requests: Arc::default() };
        let this = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                this.connections.fetch_add(1, Ordering::SeqCst);
                let (this, answer) = (this.clone(), answer.clone());
                std::thread::spawn(move || this.serve(stream.unwrap(), &answer));
            }
        });
        server
    }

    fn serve(&self, mut stream: TcpStream, answer: &[u8]) {
        while let Some(request) = read(&mut stream) {
            self.requests.lock().unwrap().push(request);
            if stream.write_all(answer).is_err() || !has_length(answer) {
                return;
            }
        }
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        at(&self.origin)
    }
}

/// A client that sends everything once.
pub(crate) fn at(origin: &str) -> ClientBuilder {
    api()
        .endpoint(format!("{origin}/graphql"))
        .token_endpoint(format!("{origin}/token"))
        .personal_access_token("token-4f1b7a")
        .retry(RetryPolicy::never())
        .request_timeout(Duration::from_secs(20))
}

fn has_length(answer: &[u8]) -> bool {
    String::from_utf8_lossy(answer).contains("content-length")
}

/// A request with a JSON body.
fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    while !request.ends_with(b"}") {
        match stream.read(&mut chunk) {
            Ok(count) if count > 0 => request.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&request).into_owned())
}

/// An answer with these lines in its head.
pub(crate) fn answer(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: r-5\r\n{head}\r\n");
    [head.as_bytes(), body].concat()
}

pub(crate) fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", &format!("content-length: {}\r\n", body.len()), body.as_bytes())
}
