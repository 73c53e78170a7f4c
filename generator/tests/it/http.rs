//! A server on a loopback port, for engines that execute documents.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A request: its line and its headers in lower case, and its body.
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The next one of a connection. None at its end.
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let (mut head, mut line) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return None;
            }
            head.push_str(&line.to_ascii_lowercase());
        }
        let mut this = Self { head, body: Vec::new() };
        this.body.resize(this.header("content-length").unwrap().parse().unwrap(), 0);
        reader.read_exact(&mut this.body).unwrap();
        Some(this)
    }
}

/// Answers requests with a status and JSON for as long as this process lives, and returns the origin.
pub(crate) fn serve(answer: impl Fn(&Request) -> (&'static str, String) + Send + Sync + 'static) -> String {
    let answer = Arc::new(answer);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || connection(&*answer, stream.unwrap()));
        }
    });
    origin
}

fn connection(answer: &impl Fn(&Request) -> (&'static str, String), mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = Request::read(&mut reader) {
        let (status, response) = answer(&request);
        let length = response.len();
        let response = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{response}"
        );
        stream.write_all(response.as_bytes()).unwrap();
    }
}
