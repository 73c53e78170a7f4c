//! A server of `graphql-transport-ws` on a socket, which plays a script for each connection.

use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// What the server has seen: the headers of handshakes, and the messages and close codes of clients.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<(Vec<HeaderMap>, Vec<Value>)>>);

impl Seen {
    pub(crate) fn handshakes(&self) -> Vec<HeaderMap> {
        self.0.lock().unwrap().0.clone()
    }

    pub(crate) fn messages(&self) -> Vec<Value> {
        self.0.lock().unwrap().1.clone()
    }

    fn message(&self, message: Value) {
        self.0.lock().unwrap().1.push(message);
    }

    /// Waits for a message of a client.
    pub(crate) async fn wait_for(&self, message: &Value) {
        let arrived = async {
            while !self.messages().contains(message) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(10), arrived).await;
        arrived.unwrap_or_else(|_| panic!("no {message} in {:?}", self.messages()));
    }
}

/// A connection with a client.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    seen: Seen,
    /// How many connections there were before.
    pub(crate) number: usize,
}

impl Peer {
    /// The next message of the client; none when it has closed the connection.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        loop {
            let message = match self.socket.next().await? {
                Ok(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
                Ok(Message::Close(frame)) => {
                    let code = frame.map(|CloseFrame { code, .. }| u16::from(code));
                    self.seen.message(json!({"closed": code}));
                    // Answers the close frame.
                    let _ = self.socket.next().await;
                    return None;
                }
                Ok(_) => continue,
                Err(_) => return None,
            };
            self.seen.message(message);
            return self.seen.messages().last().cloned();
        }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.frame(Message::text(message.to_string())).await;
    }

    pub(crate) async fn frame(&mut self, frame: Message) {
        let _ = self.socket.send(frame).await;
    }

    pub(crate) async fn next(&mut self, number: i64) {
        self.send(json!({"id": "1", "type": "next", "payload": {"data": {"ticked": {"number": number}}}}))
            .await;
    }

    pub(crate) async fn complete(&mut self) {
        self.send(json!({"id": "1", "type": "complete"})).await;
        while self.receive().await.is_some() {}
    }

    pub(crate) async fn close(&mut self, code: u16, reason: &'static str) {
        let _ = self.socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await;
        while self.receive().await.is_some() {}
    }

    /// Acknowledges the connection and takes the subscription.
    pub(crate) async fn accept(&mut self) -> Value {
        assert_eq!(self.receive().await.unwrap()["type"], "connection_init");
        self.send(json!({"type": "connection_ack"})).await;
        self.receive().await.unwrap()
    }

    /// The bytes of the connection, without frames.
    pub(crate) fn bytes(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }
}

/// A server that plays this script for each connection.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) seen: Seen,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start<F: Future<Output = ()> + Send + 'static>(
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::on("127.0.0.1:0", script).await
    }

    pub(crate) async fn on<F: Future<Output = ()> + Send + 'static>(
        address: &str,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Seen::default();
        let of_task = seen.clone();
        let task = tokio::spawn(async move {
            let mut number = 0;
            // Dropped with the task.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let seen = of_task.clone();
                #[allow(clippy::result_large_err, reason = "prescribed by the library")]
                let handshake = |request: &Request, mut response: Response| {
                    let mut headers = request.headers().clone();
                    headers.insert("path", HeaderValue::from_str(request.uri().path()).unwrap());
                    seen.0.lock().unwrap().0.push(headers);
                    let protocol = HeaderValue::from_static("graphql-transport-ws");
                    response.headers_mut().insert("sec-websocket-protocol", protocol);
                    response.headers_mut().insert("x-request-id", HeaderValue::from_static("r-7"));
                    Ok(response)
                };
                if let Ok(socket) = accept_hdr_async(stream, handshake).await {
                    connections.spawn(script(Peer { socket, seen: of_task.clone(), number }));
                    number += 1;
                }
            }
        });
        Self { address, seen, task }
    }

    /// Stops the server, and cuts all connections.
    pub(crate) async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
