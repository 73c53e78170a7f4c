//! How a server is reached: proxies, and machines without certificates of authorities.

use crate::session::api;
use crate::session::child::is_child;
use crate::session::server::{Server, at, ok};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use xurrent_runtime::reqwest;

const ME: &str = r#"{"data":{"a":1}}"#;

/// A SOCKS5 proxy that answers in the name of every server, and what it was told to connect to.
fn socks(port: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let take = |stream: &mut std::net::TcpStream, count: usize| {
                let mut bytes = vec![0; count];
                stream.read_exact(&mut bytes).unwrap();
                bytes
            };
            let methods = take(&mut stream, 2)[1];
            take(&mut stream, methods.into());
            stream.write_all(&[5, 0]).unwrap();
            // Version, command, reserved, the kind of an address (a name), and its length.
            let head = take(&mut stream, 5);
            assert_eq!(head[..4], [5, 1, 0, 3]);
            let name = take(&mut stream, head[4].into());
            take(&mut stream, 2);
            seen.lock().unwrap().push(String::from_utf8(name).unwrap());
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                request.extend(take(&mut stream, 1));
            }
            stream.write_all(&ok(ME)).unwrap();
        }
    });
    (address, asked)
}

#[tokio::test]
async fn a_socks_proxy_is_given_the_name_of_the_server() {
    let (proxy, asked) = socks(0);
    let builder = at("http://api.example.invalid").allow_plain_http();
    let client = builder.proxy(format!("socks5h://{proxy}")).build().unwrap();
    client.raw("{ a }", ()).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), ["api.example.invalid"]);
}

#[test]
fn a_socks_proxy_of_the_environment_is_used() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let proxy = format!("socks5h://127.0.0.1:{free}");
    let test = "session::connecting::a_socks_proxy_of_the_environment_is_used";
    if !is_child(test, &[("ALL_PROXY", &proxy), ("XURRENT_TEST_PORT", &free)]) {
        return;
    }
    let (_, asked) = socks(std::env::var("XURRENT_TEST_PORT").unwrap().parse().unwrap());
    let client = at("http://api.example.invalid").allow_plain_http().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { client.raw("{ a }", ()).await }).unwrap();
    assert_eq!(*asked.lock().unwrap(), ["api.example.invalid"]);
}

#[test]
fn a_machine_without_certificates_can_do_what_needs_none() {
    let none = "/nonexistent/certificates";
    let test = "session::connecting::a_machine_without_certificates_can_do_what_needs_none";
    if !is_child(test, &[("SSL_CERT_FILE", none), ("SSL_CERT_DIR", none)]) {
        return;
    }
    let server = Server::start(ok(ME));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = server.client().build().unwrap();
    runtime.block_on(async { client.raw("{ a }", ()).await }).unwrap();
    let elsewhere = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    elsewhere.block_on(async { client.raw("{ a }", ()).await }).unwrap();

    let encrypted = api();
    let error = encrypted.personal_access_token("token-4f1b7a").build().unwrap_err();
    for part in ["ca-certificates", "SSL_CERT_FILE", "http_client"] {
        assert!(error.is_configuration() && error.to_string().contains(part), "{error}");
    }
    let own = reqwest::Client::builder().tls_certs_only([]);
    assert!(at("https://api.example.invalid").http_client(own).build().is_ok());
}
