//! A minimal HTTP client, so that the tests see the bytes on the wire.

use serde_json::Value;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) body: Value,
}

/// Sends one request and reads the response, with nothing but a socket in between.
pub(crate) fn send(url: &str, method: &str, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    exchange(TcpStream::connect(address).unwrap(), address, path, method, headers, body)
}

/// The same over TLS, trusting one authority. An error is one of the handshake.
pub(crate) fn send_secure(url: &str, authority: &str, method: &str) -> std::io::Result<HttpResponse> {
    let (address, path) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (host, _) = address.split_once(':').unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(8)))?;
    while tls.is_handshaking() {
        tls.complete_io(&mut stream)?;
    }
    Ok(exchange(StreamOwned::new(tls, stream), address, path, method, &[], ""))
}

fn exchange(
    mut stream: impl Read + Write,
    address: &str,
    path: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> HttpResponse {
    let mut request = format!("{method} /{path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str(&format!("host: {address}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(request.as_bytes());
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw);
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let bytes = raw.split_off(end + 4);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let head = String::from_utf8(raw).unwrap();
    let mut lines = head.trim_end().lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    HttpResponse { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text, bytes }
}

/// The same, from a task that must not block.
pub(crate) async fn call(
    url: &str,
    method: &'static str,
    headers: &[(&'static str, String)],
    body: &str,
) -> HttpResponse {
    let (url, headers, body) = (url.to_owned(), headers.to_vec(), body.to_owned());
    tokio::task::spawn_blocking(move || {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        send(&url, method, &headers, &body)
    })
    .await
    .unwrap()
}
