//! Minimal HTTP server: serves the same page to every request, each with a new cursor.

use crate::decode;
use crate::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Placeholder for the cursor of a page.
const CURSOR: &str = "c000000";

/// A response with a page of people, with [`CURSOR`] for its cursor.
pub(super) fn people_response() -> String {
    format!(r#"{{"data":{{"people":{}}}}}"#, decode::people().replacen(decode::CURSOR, CURSOR, 1))
}

/// A server on a loopback port. Blocking threads keep time better than the millisecond clock of a
/// runtime.
pub(super) struct Server {
    pub(super) url: String,
    responses: Arc<Responses>,
}

struct Responses {
    /// The page before the cursor and after it.
    begin: String,
    end: String,
    pages: usize,
    latency: Duration,
    last_request: Mutex<Vec<u8>>,
}

impl Server {
    /// Serves `page` as `pages` pages. It holds [`CURSOR`] and says that there is a next page.
    pub(super) fn start(page: &str, pages: usize, latency: Duration) -> Result<Self, Error> {
        let responses = Arc::new(Responses::new(page, pages, latency)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        let server = Self { url, responses: Arc::clone(&responses) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let responses = Arc::clone(&responses);
                // Clients may disconnect.
                thread::spawn(move || responses.serve(stream).ok());
            }
        });
        Ok(server)
    }

    pub(super) fn last_request(&self) -> Vec<u8> {
        self.responses.last_request.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Responses {
    fn new(page: &str, pages: usize, latency: Duration) -> Result<Self, Error> {
        let parts = page.split_once(CURSOR).filter(|(begin, _)| begin.contains("true"));
        let (begin, end) = parts.ok_or("the page has no cursor or no next page")?;
        let (begin, end) = (begin.to_owned(), end.to_owned());
        Ok(Self { begin, end, pages, latency, last_request: Mutex::default() })
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(body) = read(&mut reader)? {
            thread::sleep(self.latency);
            let response = self.response(after(&body) + 1);
            *self.last_request.lock().unwrap_or_else(PoisonError::into_inner) = body;
            writer.write_all(response.as_bytes())?;
        }
        Ok(())
    }

    /// The response with this number, from 1.
    fn response(&self, number: usize) -> String {
        let (begin, cursor) = match number < self.pages {
            true => (self.begin.clone(), number),
            false => (self.begin.replace("true", "false"), 0),
        };
        let length = begin.len() + CURSOR.len() + self.end.len();
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: {number}\r\n\
             x-ratelimit-limit: 3600\r\nx-ratelimit-remaining: 3599\r\nx-costlimit-cost: 1\r\n\
             content-length: {length}\r\n\r\n{begin}c{cursor:06}{}",
            self.end
        )
    }
}

/// The body of the next request; `None` when the client has disconnected.
pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
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

/// The page number in the cursor `after` of a request; 0 without one.
fn after(body: &[u8]) -> usize {
    let body = String::from_utf8_lossy(body);
    let number = body.rsplit_once(r#""after":"c"#).and_then(|(_, rest)| rest.split('"').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_last() -> Result<(), Error> {
        let page = r#"{"more":true,"cursor":"c000000","nodes":[true]}"#;
        let responses = Responses::new(page, 3, Duration::ZERO)?;
        let body =
            |number| responses.response(number).split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        assert_eq!(body(1), Some(page.replace("c000000", "c000001")));
        assert_eq!(body(2), Some(page.replace("c000000", "c000002")));
        assert_eq!(body(3), Some(page.replace(r#""more":true"#, r#""more":false"#)));
        assert_eq!(after(br#"{"variables":{"after":"c000012","first":100}}"#), 12);
        assert_eq!(after(br#"{"query":"($after: String)","variables":{"first":100}}"#), 0);
        Ok(())
    }
}
