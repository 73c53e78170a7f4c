//! What servers do over HTTP/2 to requests and connections.

use crate::session::child::is_child;
use crate::session::server::at;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xurrent_runtime::{Client, ClientBuilder, ErrorKind, RetryPolicy, reqwest};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    /// Its stream is reset with `REFUSED_STREAM`.
    Refused,
    /// Its stream is reset with `CANCEL`.
    Cancelled,
    /// The connection ends, and it was not looked at.
    LeftOut,
    /// The connection ends after it was taken.
    Taken,
    /// Nothing comes any more on this connection, which stays open.
    Silence,
}

/// What happens to each request, the last one of these to all that follow, and to how many streams of
/// which connection it came.
#[derive(Clone)]
struct Fates {
    fates: Vec<Fate>,
    /// The connection of each request.
    requests: Arc<Mutex<Vec<usize>>>,
}

impl Fates {
    fn new(fates: &[Fate]) -> Self {
        Self { fates: fates.to_vec(), requests: Arc::default() }
    }

    fn requests(&self) -> Vec<usize> {
        self.requests.lock().unwrap().clone()
    }

    /// Serves without TLS.
    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let this = self.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(this.clone().connection(connection, socket));
            }
        });
        format!("http://{address}")
    }

    /// Serves with TLS and this certificate.
    async fn serve_encrypted(&self, certificate: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_file(certificate).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let (this, acceptor) = (self.clone(), TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                if let Ok(socket) = acceptor.accept(socket).await {
                    tokio::spawn(this.clone().connection(connection, socket));
                }
            }
        });
        format!("https://localhost:{port}")
    }

    async fn connection(self, connection: usize, mut socket: impl AsyncRead + AsyncWrite + Unpin) {
        let mut preface = [0; 24];
        if socket.read_exact(&mut preface).await.is_err() {
            return;
        }
        send(&mut socket, SETTINGS, 0, 0, &[]).await;
        let mut is_silent = false;
        while let Some((kind, flags, stream)) = read(&mut socket).await {
            if is_silent {
                continue;
            }
            match kind {
                SETTINGS if flags & ACK == 0 => send(&mut socket, SETTINGS, ACK, 0, &[]).await,
                PING if flags & ACK == 0 => send(&mut socket, PING, ACK, 0, &[0; 8]).await,
                // A request has a body.
                0 if flags & END_STREAM != 0 => match self.next(connection) {
                    Fate::Answered => answer(&mut socket, stream).await,
                    Fate::Refused => send(&mut socket, RST_STREAM, 0, stream, &[0, 0, 0, 7]).await,
                    Fate::Cancelled => send(&mut socket, RST_STREAM, 0, stream, &[0, 0, 0, 8]).await,
                    Fate::LeftOut => return end(socket, 0).await,
                    Fate::Taken => return end(socket, stream).await,
                    Fate::Silence => is_silent = true,
                },
                _ => {}
            }
        }
    }

    fn next(&self, connection: usize) -> Fate {
        let mut requests = self.requests.lock().unwrap();
        requests.push(connection);
        *self.fates.get(requests.len() - 1).or(self.fates.last()).unwrap()
    }
}

async fn send(socket: &mut (impl AsyncWrite + Unpin), kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    let _ = socket.write_all(&[&head, payload].concat()).await;
    let _ = socket.flush().await;
}

/// The next frame without what is in it: its kind, its flags and its stream.
async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<(u8, u8, u32)> {
    let mut head = [0; 9];
    socket.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    socket.read_exact(&mut payload).await.ok()?;
    Some((head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]])))
}

async fn answer(socket: &mut (impl AsyncWrite + Unpin), stream: u32) {
    // `:status: 200`, then `content-type` by its number in the static table, and its value.
    let head = [&[0x88, 0x0f, 0x10, 16], &b"application/json"[..]].concat();
    send(socket, HEADERS, 4, stream, &head).await;
    send(socket, 0, END_STREAM, stream, br#"{"data":{"a":1}}"#).await;
}

/// Says which stream was the last one, and closes the connection.
async fn end(mut socket: impl AsyncRead + AsyncWrite + Unpin, last: u32) {
    send(&mut socket, GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()).await;
    let _ = socket.shutdown().await;
    while read(&mut socket).await.is_some() {}
}

/// Everything once more, where that is safe.
fn twice(origin: &str) -> ClientBuilder {
    at(origin).retry(RetryPolicy::new().max_attempts(2))
}

/// A client of one's own that speaks HTTP/2 at once.
fn own(origin: &str) -> Client {
    let http = reqwest::Client::builder().http2_prior_knowledge();
    twice(origin).http_client(http).build().unwrap()
}

/// Sends a mutation and a query to servers that treat them like this, over clients of this make.
async fn mutations_and_queries<S: Future<Output = String>>(
    serve: impl Fn(Fates) -> S,
    client: impl Fn(&str) -> Client,
) {
    for (fate, is_unprocessed, words) in [
        (Fate::Refused, true, "refused the request unprocessed"),
        (Fate::LeftOut, true, "refused the request unprocessed"),
        (Fate::Taken, false, "did not answer the request"),
        (Fate::Cancelled, false, "did not answer the request"),
    ] {
        let fates = Fates::new(&[fate, Fate::Answered]);
        let result = client(&serve(fates.clone()).await).raw("mutation { a }", ()).await;
        assert_eq!(result.is_ok(), is_unprocessed, "{fate:?}: {result:?}");
        assert_eq!(fates.requests().len(), if is_unprocessed { 2 } else { 1 }, "{fate:?}");
        let fates = Fates::new(&[fate, Fate::Answered]);
        client(&serve(fates.clone()).await).raw("{ a }", ()).await.unwrap();

        // What is sent is what is counted.
        let fates = Fates::new(&[fate]);
        let error = client(&serve(fates.clone()).await).raw("{ a }", ()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Transport, 2), "{fate:?}: {error}");
        assert_eq!(fates.requests().len(), 2, "{fate:?}");
        assert!(error.to_string().contains(words), "{fate:?}: {error}");
        assert_eq!(error.is_not_executed(), is_unprocessed, "{fate:?}: {error}");
    }
}

#[tokio::test]
async fn a_client_of_ones_own_tells_what_was_not_processed() {
    mutations_and_queries(async |fates: Fates| fates.serve().await, own).await;
}

/// The certificate that the environment names, in a process that trusts it.
fn trusted(test: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("localhost.pem");
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&path, issued.cert.pem() + &issued.signing_key.serialize_pem()).unwrap();
    let variables = [("SSL_CERT_FILE", path.to_str().unwrap())];
    is_child(test, &variables).then(|| std::env::var("SSL_CERT_FILE").unwrap())
}

#[test]
fn the_default_client_sends_nothing_that_is_not_counted() {
    let Some(certificate) = trusted("session::http2::the_default_client_sends_nothing_that_is_not_counted")
    else {
        return;
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let serve = async |fates: Fates| fates.serve_encrypted(&certificate).await;
    runtime.block_on(mutations_and_queries(serve, |origin| twice(origin).build().unwrap()));
}

#[test]
fn a_server_that_falls_silent_gets_the_next_attempt_on_a_new_connection() {
    let Some(certificate) =
        trusted("session::http2::a_server_that_falls_silent_gets_the_next_attempt_on_a_new_connection")
    else {
        return;
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fates = Fates::new(&[Fate::Answered, Fate::Silence, Fate::Answered]);
        let origin = fates.serve_encrypted(&certificate).await;
        // It is asked whether it is there after a second.
        let client = twice(&origin).request_timeout(Duration::from_secs(4)).build().unwrap();
        client.raw("{ a }", ()).await.unwrap();
        client.raw("{ a }", ()).await.unwrap();
        assert_eq!(fates.requests(), [0, 0, 1]);

        let fates = Fates::new(&[Fate::Silence]);
        let client = twice(&fates.serve_encrypted(&certificate).await);
        let client = client.request_timeout(Duration::from_secs(4)).build().unwrap();
        let error = client.raw("mutation { a }", ()).await.unwrap_err();
        assert!(error.is_timeout() && !error.is_not_executed(), "{error}");
        assert_eq!(fates.requests(), [0]);
    });
}
