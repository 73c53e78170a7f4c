//! TLS between the receiver and a PostgreSQL server with a certificate of an authority of this test.

use crate::support::delivery;
use crate::support::server::Server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::net::TcpListener;
use tempfile::TempDir;
use xurrent_receiver::inbox::Stored;
use xurrent_receiver::inbox::postgres::{ConnectOptions, PostgresInbox};
use xurrent_receiver::{Inbox, InboxError};

/// A server on a port of this machine, and the files of two authorities: its own, and another one.
pub(crate) struct TlsServer {
    server: Server,
    port: u16,
    files: TempDir,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl TlsServer {
    /// Starts a server whose certificate is for `localhost`, or one without TLS.
    pub(crate) fn start(with_tls: bool) -> Option<Self> {
        let server = Server::start()?;
        let files = TempDir::new().unwrap();
        let (right, wrong) = (authority("right"), authority("wrong"));
        std::fs::write(files.path().join("right.pem"), right.pem()).unwrap();
        std::fs::write(files.path().join("wrong.pem"), wrong.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &right).unwrap();
        let certificate = server.write_private("server.pem", &certificate.pem());
        let key = server.write_private("server.key", &key.serialize_pem());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let tls = match with_tls {
            true => format!(
                "-c ssl=on -c ssl_cert_file={} -c ssl_key_file={}",
                certificate.display(),
                key.display()
            ),
            false => String::new(),
        };
        server.crash_and_start(&format!("-c listen_addresses=127.0.0.1 -c port={port} {tls}"));
        Some(Self { server, port, files })
    }

    /// A connection string; `{files}` stands for the folder of the authorities.
    pub(crate) fn url(&self, host: &str, parameters: &str) -> String {
        let parameters = parameters.replace("{files}", &self.files.path().display().to_string());
        format!("postgres://test@{host}:{}/postgres?{parameters}", self.port)
    }

    async fn open(&self, host: &str, parameters: &str) -> Result<PostgresInbox, InboxError> {
        let ConnectOptions { config, tls } = self.url(host, parameters).parse().unwrap();
        PostgresInbox::builder(config).open(tls).await
    }

    /// Whether a connection is encrypted, by the server's word.
    async fn is_encrypted(&self, parameters: &str) -> bool {
        let ConnectOptions { config, tls } = self.url("localhost", parameters).parse().unwrap();
        let (client, connection) = config.connect(tls).await.unwrap();
        tokio::spawn(connection);
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        client.query_one(sql, &[]).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_encrypted_and_the_certificate_is_checked_as_sslmode_says() {
    let Some(server) = TlsServer::start(true) else { return };
    for (parameters, expected) in [
        ("sslmode=disable", false),
        ("", true),
        ("sslmode=prefer", true),
        ("sslmode=require", true),
        ("sslmode=verify-ca&sslrootcert={files}/right.pem", true),
        ("sslmode=verify-full&sslrootcert={files}/right.pem", true),
    ] {
        assert_eq!(server.is_encrypted(parameters).await, expected, "{parameters}");
    }
    // Who else signed, and for which host.
    for (host, parameters, expected) in [
        ("localhost", "sslmode=verify-full&sslrootcert={files}/wrong.pem", "UnknownIssuer"),
        ("localhost", "sslmode=verify-ca&sslrootcert={files}/wrong.pem", "UnknownIssuer"),
        ("localhost", "sslmode=require&sslrootcert={files}/wrong.pem", "UnknownIssuer"),
        ("localhost", "sslmode=verify-full", "UnknownIssuer"),
        (
            "127.0.0.1",
            "sslmode=verify-full&sslrootcert={files}/right.pem",
            "not valid for name \"127.0.0.1\"",
        ),
    ] {
        let error = server.open(host, parameters).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{host} {parameters}: {error}");
    }
    let inbox = server.open("127.0.0.1", "sslmode=verify-ca&sslrootcert={files}/right.pem").await.unwrap();
    assert_eq!(inbox.store(delivery("a", "r")).await.unwrap(), Stored::New);
    let inbox = server.open("localhost", "sslmode=verify-full&sslrootcert={files}/right.pem").await.unwrap();
    assert_eq!(inbox.store(delivery("a", "r")).await.unwrap(), Stored::Duplicate);
    // The socket of the same server has no TLS, and needs none.
    let ConnectOptions { config, tls } =
        format!("{} port={}", server.server.config(), server.port).parse().unwrap();
    assert_eq!(PostgresInbox::builder(config).open(tls).await.unwrap().depth().await.unwrap().pending, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let Some(server) = TlsServer::start(false) else { return };
    for parameters in ["sslmode=require", "sslmode=verify-full&sslrootcert={files}/right.pem"] {
        let error = server.open("localhost", parameters).await.unwrap_err().to_string();
        assert!(error.contains("server does not support TLS"), "{parameters}: {error}");
    }
    assert!(!server.is_encrypted("sslmode=prefer").await);
    server.open("localhost", "").await.unwrap();
}
