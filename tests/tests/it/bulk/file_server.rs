//! A server on a socket of its own that answers one connection after the other from a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use xurrent::bulk::DownloadUrl;
use xurrent::{Client, RetryPolicy};

/// What one connection gets.
#[derive(Clone)]
pub(crate) enum Act {
    /// These bytes, and then it is closed.
    Send(Vec<u8>),
    /// These bytes, and then nothing.
    Hang(Vec<u8>),
    /// These bytes, and then zeros without an end.
    Endless(Vec<u8>),
}

/// A response whose head announces `length` bytes, with this body.
pub(crate) fn response(status: &str, headers: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[derive(Clone)]
pub(crate) struct FileServer {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl FileServer {
    pub(crate) async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let mut script: VecDeque<Act> = script.into_iter().collect();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { break };
                    head.push(byte);
                }
                seen.lock().unwrap().push(String::from_utf8(head).unwrap());
                let act = script.pop_front().unwrap_or(Act::Send(response("500 Over", "", 0, b"")));
                tokio::spawn(async move {
                    let (Act::Send(bytes) | Act::Hang(bytes) | Act::Endless(bytes)) = &act;
                    let _ = stream.write_all(bytes).await;
                    match act {
                        Act::Send(_) => {}
                        Act::Hang(_) => std::future::pending().await,
                        Act::Endless(_) => while stream.write_all(&[0; 65_536]).await.is_ok() {},
                    }
                });
            }
        });
        Self { address, heads }
    }

    /// A client whose API is this server, so that files may be on it. Its retries come quickly.
    pub(crate) fn client(&self) -> Client {
        let url = |path: &str| format!("http://{}/{path}", self.address);
        let client = Client::builder().account("wdc").personal_access_token("secret-token");
        let client = client.endpoints(url("graphql"), url("token")).rest_endpoint(url("v1"));
        client.retry(RetryPolicy::new().max_attempts(4)).build().unwrap()
    }

    pub(crate) fn url(&self) -> DownloadUrl {
        DownloadUrl::new(format!("http://{}/file?key=abcdefgh", self.address))
    }

    /// The heads of the requests so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| head.to_lowercase()).collect()
    }
}
