//! Discovery and handshakes through a proxy, over real sockets.

use super::*;
use server::{Server, json};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use xurrent_webhook::Received;

/// The port of a proxy, and the heads of the requests that it got.
async fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(socket.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                // Whatever the name is, this machine answers.
                let port = head.split([' ', ':']).nth(2).unwrap().to_owned();
                seen.lock().unwrap().push(head);
                let mut target = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
                socket.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                tokio::io::copy_bidirectional(&mut socket, &mut target).await.ok();
            });
        }
    });
    (port, heads)
}

fn heads(seen: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut seen.lock().unwrap())
}

/// A verifier that may not connect to this machine itself.
fn verifier(server: &Server) -> VerifierBuilder {
    Verifier::builder().account_url(&server.origin).root_certificate(&server.authority)
}

fn handshake(server: &Server, callback: &str) -> Vec<u8> {
    let payload = serde_json::json!({ "callback": callback });
    es256().delivery(&server.origin).kid("one").event("webhook.verify", 1).payload(payload).body()
}

#[tokio::test]
async fn keys_and_callbacks_are_asked_for_through_the_proxy() {
    let server = Server::https().await;
    server.issues("", es256(), "one");
    server.on("/verify", json("ok"));
    let (port, seen) = proxy().await;
    let verifier = verifier(&server).proxy(format!("http://me:secret-word@127.0.0.1:{port}"));
    assert!(!format!("{verifier:?}").contains("secret-word"));
    let verifier = verifier.build().unwrap();
    let body = handshake(&server, &format!("{}/verify?code=1", server.origin));
    let received = verifier.receive(&"/".parse().unwrap(), &HeaderMap::new(), &body).await.unwrap();
    assert!(matches!(received, Received::Confirmed(_)));
    assert_eq!(server.asked().len(), 3);
    let host = server.origin.trim_start_matches("https://");
    for head in heads(&seen) {
        assert!(head.starts_with(&format!("CONNECT {host} HTTP/1.1\r\n")), "{head}");
        // me:secret-word
        assert!(head.to_lowercase().contains("proxy-authorization: basic bwu6c2vjcmv0lxdvcmq="), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_host_of_the_account_only() {
    let (server, other) = (Server::https().await, Server::https().await);
    server.issues("", es256(), "one");
    let (port, seen) = proxy().await;
    let proxied = || verifier(&server).proxy(format!("http://127.0.0.1:{port}"));
    // The callback is anywhere else.
    let knowing = proxied().public_key(Algorithm::Es256, es256().public_key_pem()).build().unwrap();
    for elsewhere in [format!("{}/verify", other.origin), "https://10.0.0.1/verify".to_owned()] {
        let body = handshake(&server, &elsewhere);
        let refused = knowing.receive(&"/".parse().unwrap(), &HeaderMap::new(), &body).await;
        assert!(reason(refused).contains("not on the account's host"));
    }
    assert_eq!(heads(&seen), [""; 0]);
    // The keys are.
    let keys = serde_json::json!({ "jwks_uri": format!("{}/keys", other.origin) });
    server.on(server::CONFIGURATION, json(keys));
    let body = es256().delivery(&server.origin).kid("one").body();
    let refused = verify(&proxied().build().unwrap(), body).await;
    assert!(reason(refused).contains("is on another host"));
    assert_eq!((heads(&seen).len(), other.asked().len()), (1, 0));
    // The account is a private address, by number.
    let account = "https://10.0.0.1";
    let private = Verifier::builder().account_url(account).proxy(format!("http://127.0.0.1:{port}"));
    let body = es256().delivery(account).kid("one").body();
    assert!(reason(verify(&private.build().unwrap(), body).await).contains("not a public address"));
    assert_eq!(heads(&seen), [""; 0]);
}

#[tokio::test]
async fn a_proxy_cannot_pass_off_another_server_as_the_account() {
    let (server, other) = (Server::https().await, Server::https().await);
    other.issues("", es256(), "one");
    let (port, seen) = proxy().await;
    // The authority of another server is not the account's.
    let verifier = Verifier::builder().account_url(&other.origin).root_certificate(&server.authority);
    let verifier = verifier.proxy(format!("http://127.0.0.1:{port}")).build().unwrap();
    let refused = verify(&verifier, es256().delivery(&other.origin).kid("one").body()).await;
    assert!(reason(refused).contains("certificate"));
    assert_eq!((heads(&seen).len(), other.asked().len()), (1, 0));
}

const CHILD: &str = "XURRENT_TEST_OF_THE_ENVIRONMENT";

/// The environment of a test cannot be changed, that of a program that it starts can. In that one, which
/// runs this test alone, the delivery is verified.
#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_whatever_its_address() {
    if let Ok(account) = std::env::var(CHILD) {
        let authority = std::env::var("AUTHORITY").unwrap();
        let verifier = Verifier::builder().account_url(&account).root_certificate(authority).build().unwrap();
        verify(&verifier, std::env::var("BODY").unwrap()).await.unwrap();
        return;
    }
    let server = Server::https().await;
    server.issues("", es256(), "one");
    let (port, seen) = proxy().await;
    let body = es256().delivery(&server.origin).kid("one").body();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "proxy::the_proxy_of_the_environment_is_used_whatever_its_address"])
        .env(CHILD, &server.origin)
        .env("AUTHORITY", &server.authority)
        .env("BODY", String::from_utf8(body).unwrap())
        // By name, which leads to an address that is not public.
        .env("HTTPS_PROXY", format!("http://localhost:{port}"));
    for name in ["https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        child.env_remove(name);
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((heads(&seen).len(), server.asked().len()), (2, 2));
}

/// In a program of its own again, whose system trusts nobody.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_certificate_authorities_a_verifier_that_needs_no_network_verifies() {
    if std::env::var(CHILD).is_ok() {
        let builder = || Verifier::builder().account_url(ACCOUNT);
        let error = builder().build().unwrap_err().to_string();
        for part in ["ca-certificates", "SSL_CERT_FILE", "`root_certificate`", "`public_key`"] {
            assert!(error.contains(part), "{error}");
        }
        let local = Verifier::builder().account_url("http://127.0.0.1:1").dangerously_allow_loopback();
        assert!(local.build().is_ok());
        let verifier = builder().public_key(Algorithm::Es256, es256().public_key_pem()).build().unwrap();
        verify(&verifier, es256().delivery(ACCOUNT).body()).await.unwrap();
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "proxy::without_certificate_authorities_a_verifier_that_needs_no_network_verifies"])
        .env(CHILD, "")
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent");
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
