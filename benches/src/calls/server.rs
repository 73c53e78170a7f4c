//! The least that answers a client over HTTP: the same page for every request, with another cursor.

use crate::failure::Failure;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Stands in a page where its cursor comes.
pub(super) const CURSOR: &str = "c000000";

/// Answers on a loopback port as long as the process lives. Threads that block keep time better
/// than a runtime, whose clock has milliseconds.
pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<u8>>>,
}

/// What is answered, and when.
struct Answers {
    /// The page before its cursor, and behind it, as one of many and as the last one.
    begin: String,
    more: String,
    last: String,
    pages: usize,
    latency: Duration,
}

impl Server {
    /// Serves so many times the same page, which has [`CURSOR`] in it and says that there is more.
    pub(super) fn start(page: &str, pages: usize, latency: Duration) -> Result<Self, Failure> {
        let answers = Answers::new(page, pages, latency).ok_or(Failure::Page)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, last) = (Arc::new(answers), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, last) = (Arc::clone(&answers), Arc::clone(&last));
                // A client that goes away is no failure.
                thread::spawn(move || answers.serve(stream, &last).ok());
            }
        });
        Ok(Self { url, asked })
    }

    /// The body of the last request.
    pub(super) fn asked(&self) -> Vec<u8> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Answers {
    fn new(page: &str, pages: usize, latency: Duration) -> Option<Self> {
        let (begin, end) = page.split_once(CURSOR)?;
        let last = begin.rfind("true")?;
        let ended = format!("{}false{}", &begin[..last], &begin[last + 4..]);
        Some(Self {
            begin: begin.to_owned(),
            more: end.to_owned(),
            last: format!("{ended}{CURSOR}{end}"),
            pages,
            latency,
        })
    }

    fn serve(&self, stream: TcpStream, last: &Mutex<Vec<u8>>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(body) = read(&mut reader)? {
            thread::sleep(self.latency);
            let answer = self.answer(after(&body) + 1);
            *last.lock().unwrap_or_else(PoisonError::into_inner) = body;
            writer.write_all(answer.as_bytes())?;
        }
        Ok(())
    }

    /// The page with this number, counted from 1.
    fn answer(&self, number: usize) -> String {
        let length = self.begin.len() + CURSOR.len() + self.more.len();
        let head = |length: usize| {
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: {number}\r\n\
                 x-ratelimit-limit: 3600\r\nx-ratelimit-remaining: 3599\r\nx-costlimit-cost: 1\r\n\
                 content-length: {length}\r\n\r\n"
            )
        };
        if number >= self.pages {
            return head(self.last.len()) + &self.last;
        }
        let mut answer = head(length);
        answer.reserve_exact(length);
        answer.push_str(&self.begin);
        answer.push_str(&format!("c{number:06}"));
        answer.push_str(&self.more);
        answer
    }
}

/// The body of the next request; nothing when the client has gone.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

/// The number of the page that the next one is asked for after.
fn after(body: &[u8]) -> usize {
    let body = String::from_utf8_lossy(body);
    let number = body.rsplit_once(r#""after":"c"#).and_then(|(_, rest)| rest.split('"').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_last() -> Result<(), Failure> {
        let page = r#"{"more":true,"cursor":"c000000","nodes":[true]}"#;
        let answers = Answers::new(page, 3, Duration::ZERO).ok_or(Failure::Page)?;
        let body = |number| answers.answer(number).split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        assert_eq!(body(1), Some(page.replace("c000000", "c000001")));
        assert_eq!(body(2), Some(page.replace("c000000", "c000002")));
        assert_eq!(body(3), Some(page.replace(r#""more":true"#, r#""more":false"#)));
        assert_eq!(after(br#"{"variables":{"after":"c000012","first":100}}"#), 12);
        assert_eq!(after(br#"{"query":"($after: String)","variables":{"first":100}}"#), 0);
        Ok(())
    }
}
