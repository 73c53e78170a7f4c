//! An issuer on this machine that answers from a script, with TLS and an authority of its own.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use xurrent_webhook::test::Signer;
use xurrent_webhook::{Verifier, VerifierBuilder};

/// One answer of the script.
#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    delay: Duration,
    /// Between the bytes of the body.
    drip: Option<Duration>,
    /// What `content-length` says, when it does not say the truth; none: the end of the connection
    /// is the end of the body.
    length: Option<usize>,
}

pub(crate) fn json(body: impl ToString) -> Answer {
    let body = body.to_string().into_bytes();
    let length = Some(body.len());
    Answer { status: 200, headers: Vec::new(), body, delay: Duration::ZERO, drip: None, length }
}

impl Answer {
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn dripping(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    pub(crate) fn length(mut self, length: Option<usize>) -> Self {
        self.length = length;
        self
    }
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) origin: String,
    pub(crate) authority: String,
    script: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub(crate) const CONFIGURATION: &str = "/.well-known/openid-configuration";

impl Server {
    pub(crate) async fn https() -> Self {
        Self::start(true).await
    }

    pub(crate) async fn http() -> Self {
        Self::start(false).await
    }

    async fn start(tls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (authority, acceptor) = certificates();
        let scheme = if tls { "https" } else { "http" };
        let server = Self {
            origin: format!("{scheme}://localhost:{port}"),
            authority,
            script: Arc::default(),
            asked: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (this, acceptor) = (this.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if !tls {
                        this.answer(socket).await;
                    } else if let Ok(socket) = acceptor.accept(socket).await {
                        this.answer(socket).await;
                    }
                });
            }
        });
        server
    }

    /// An issuer with one key, below `path` of the server.
    pub(crate) fn issues(&self, path: &str, signer: &Signer, kid: &str) {
        let origin = &self.origin;
        let configuration = format!(r#"{{"issuer":"{origin}{path}","jwks_uri":"{origin}{path}/keys"}}"#);
        self.on(&format!("{path}{CONFIGURATION}"), json(configuration));
        self.on(&format!("{path}/keys"), json(signer.key_set(kid)));
    }

    /// From now on, this path is answered so.
    pub(crate) fn on(&self, path: &str, answer: Answer) {
        self.script.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// The paths that were asked for, with their queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// A verifier for the account that this server is.
    pub(crate) fn verifier(&self) -> VerifierBuilder {
        Verifier::builder()
            .account_url(&self.origin)
            .root_certificate(&self.authority)
            .dangerously_allow_loopback()
    }

    async fn answer(&self, mut socket: impl AsyncRead + AsyncWrite + Unpin) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = socket.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        self.asked.lock().unwrap().push(target.clone());
        let path = target.split('?').next().unwrap();
        let answer = self.script.lock().unwrap().get(path).cloned();
        let answer = answer.unwrap_or_else(|| json("no such page").status(404));
        tokio::time::sleep(answer.delay).await;
        let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\n", answer.status);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(length) = answer.length {
            head += &format!("content-length: {length}\r\n");
        }
        let _ = socket.write_all((head + "\r\n").as_bytes()).await;
        match answer.drip {
            None => drop(socket.write_all(&answer.body).await),
            Some(pause) => {
                for byte in answer.body {
                    if socket.write_all(&[byte]).await.is_err() || socket.flush().await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
            }
        }
        let _ = socket.shutdown().await;
    }
}

/// An authority, and a certificate of it for this machine.
fn certificates() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}
