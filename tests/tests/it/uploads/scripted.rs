//! A server on a socket of its own that names itself as the storage and then does as it is told.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use xurrent::Client;

/// What happens to one upload.
#[derive(Debug, Clone)]
pub(crate) enum Storage {
    /// It is read to its end and answered.
    Answer(String),
    /// It is answered at once, and the rest of it is read.
    AnswerEarly(String),
    /// So much of it is read, and the connection closed.
    CutAfter(usize),
    /// It is not read any further than its head.
    Deaf,
    /// It is read and never answered.
    Mute,
    /// It is answered with a body that does not end.
    Endless,
}

/// An answer with this status, and a body.
pub(crate) fn answer(status: &str, body: &str) -> Storage {
    let length = body.len();
    Storage::Answer(format!(
        "HTTP/1.1 {status}\r\nx-amz-request-id: A1\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

pub(crate) fn taken() -> Storage {
    answer("201 Created", "<PostResponse><Key>the/key.txt</Key></PostResponse>")
}

/// An upload as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether there was as much of it as its head had said.
    pub(crate) whole: bool,
}

#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) address: String,
    script: Arc<Mutex<VecDeque<Storage>>>,
    pub(crate) parameters: Arc<Mutex<String>>,
    provider: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    asked: Arc<Mutex<usize>>,
}

impl Scripted {
    pub(crate) async fn start(provider: &'static str, script: impl IntoIterator<Item = Storage>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            address: listener.local_addr().unwrap().to_string(),
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            parameters: Arc::new(Mutex::new(r#"{"key": "k/${filename}"}"#.to_owned())),
            provider,
            seen: Arc::default(),
            asked: Arc::default(),
        };
        let server = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(stream));
            }
        });
        this
    }

    /// A client that does not wait long before it sends something again.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .account("wdc")
            .endpoints(format!("http://{}/graphql", self.address), format!("http://{}/token", self.address))
            .personal_access_token("token-51c7f2a0")
            .build()
            .unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until so many uploads have come to their end, whatever it was.
    pub(crate) async fn saw(&self, uploads: usize) -> Vec<Seen> {
        for _ in 0..500 {
            if self.seen().len() >= uploads {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.seen()
    }

    /// How often it was asked where files go.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let end = loop {
            if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length:")
                .map(|length| length.trim().parse::<usize>().unwrap())
        });
        let length = length.unwrap_or(0);
        let mut body = read[end..].to_vec();
        if head.starts_with("POST /graphql") {
            to_length(&mut stream, &mut body, length).await;
            *self.asked.lock().unwrap() += 1;
            let parameters: Box<serde_json::value::RawValue> =
                serde_json::from_str(&self.parameters.lock().unwrap()).unwrap();
            let storage = format!(
                r#"{{"data":{{"attachmentStorage":{{"uploadUri":"http://{}/up?s=query-secret-1","provider":"{}","providerParameters":{parameters},"sizeLimit":2147483648,"allowedExtensions":[]}}}}}}"#,
                self.address, self.provider
            );
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{storage}",
                storage.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            return;
        }
        let what = self.script.lock().unwrap().pop_front().unwrap_or_else(taken);
        match &what {
            Storage::AnswerEarly(answer) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                to_length(&mut stream, &mut body, length).await;
            }
            Storage::CutAfter(length) => to_length(&mut stream, &mut body, *length).await,
            Storage::Deaf => tokio::time::sleep(Duration::from_secs(20)).await,
            _ => to_length(&mut stream, &mut body, length).await,
        }
        let whole = body.len() == length;
        self.seen.lock().unwrap().push(Seen { head, body, whole });
        match what {
            Storage::Answer(answer) if whole => {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Storage::Mute => tokio::time::sleep(Duration::from_secs(20)).await,
            Storage::Endless => {
                let _ = stream.write_all(b"HTTP/1.1 201 Created\r\n\r\n<PostResponse><Key>").await;
                while stream.write_all(&[b'a'; 65_536]).await.is_ok() {}
            }
            _ => {}
        }
    }
}

async fn to_length(stream: &mut TcpStream, body: &mut Vec<u8>, length: usize) {
    let mut buffer = vec![0; 65_536];
    while body.len() < length {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => body.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
}

/// What `attachmentStorage` answers.
pub(crate) fn storage(provider: &str, uri: Value, size_limit: i64, extensions: &[&str]) -> Value {
    json!({"data": {"attachmentStorage": {
        "uploadUri": uri,
        "provider": provider,
        "providerParameters": {"key": "k/${filename}"},
        "sizeLimit": size_limit,
        "allowedExtensions": extensions,
    }}})
}
