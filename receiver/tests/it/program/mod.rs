//! The program `xurrent-receiver`, as processes of their own.

mod commands;
mod configuration;
mod durability;
mod health;
mod operate;
#[cfg(feature = "postgres")]
mod postgres;
mod service;
mod target;
mod targets;
#[cfg(feature = "opentelemetry")]
mod traces;
#[cfg(feature = "postgres")]
mod upgrade;
mod verification;
mod walk;

use crate::support::Sender;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use xurrent_receiver::webhook::Algorithm;
use xurrent_receiver::webhook::test::Signer;

const ACCOUNT: &str = "https://wdc.xurrent.com";

/// A base64 secret of 32 bytes.
const SECRET: &str = "whsec_c2VjcmV0IG9mIHRoZSB0YXJnZXQsIDMyIGJ5dGVzISE=";

/// A folder with a configuration and its files.
struct Setup {
    folder: TempDir,
    signer: Signer,
}

/// A running service, which is killed when it is dropped.
struct Service {
    child: Child,
    address: SocketAddr,
    monitoring: Option<SocketAddr>,
    log: Arc<Mutex<String>>,
}

impl Setup {
    /// A configuration with these lines of `[target]`, and what follows them.
    fn new(target: &str) -> Self {
        let setup =
            Self { folder: TempDir::new().unwrap(), signer: Signer::generate(Algorithm::Es256).unwrap() };
        setup.write("policy.pem", &setup.signer.public_key_pem());
        setup.write("target-secret", &format!("{SECRET}\n"));
        setup.configure(target);
        setup
    }

    fn with_url(address: SocketAddr, more: &str) -> Self {
        Self::new(&format!("url = \"http://{address}/hook\"\nsecret_file = \"target-secret\"\n{more}"))
    }

    fn configure(&self, target: &str) {
        self.write("config.toml", &configuration(target));
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xurrent-receiver"));
        command.args(arguments.split(' ')).arg("--config").arg(self.path("config.toml"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The standard output of a command that succeeds.
    fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}", all_text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn serve(&self) -> Service {
        Service::start(self.command("serve"))
    }

    fn body(&self, event: &str, object: i64) -> String {
        String::from_utf8(self.signer.delivery(ACCOUNT).event(event, object).body()).unwrap()
    }
}

fn configuration(target: &str) -> String {
    format!(
        "listen = \"127.0.0.1:0\"\nmonitoring = \"127.0.0.1:0\"\n\
         [[account]]\nurl = \"{ACCOUNT}\"\nalgorithm = \"ES256\"\npublic_key_file = \"policy.pem\"\n\
         [inbox]\nsqlite = \"inbox.sqlite\"\n[target]\n{target}\n"
    )
}

fn all_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

impl Service {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log: Arc<Mutex<String>> = Arc::default();
        let (found, addresses) = mpsc::channel();
        let all = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *all.lock().unwrap() += &format!("{line}\n");
                if let Some((what, address)) = line.rsplit_once("listens on ") {
                    let _ = found.send((what.ends_with("monitoring "), address.parse().unwrap()));
                }
            }
        });
        let mut monitoring = None;
        loop {
            match addresses.recv_timeout(Duration::from_secs(20)) {
                Ok((true, address)) => monitoring = Some(address),
                Ok((false, address)) => return Self { child, address, monitoring, log },
                Err(_) => panic!("it does not start: {}", log.lock().unwrap()),
            }
        }
    }

    async fn sender(&self) -> Sender {
        Sender::connect(self.address).await.unwrap()
    }

    /// Sends a delivery and returns the status of the response.
    async fn deliver(&self, id: &str, body: &str) -> u16 {
        let headers = format!("x-xurrent-delivery: {id}\r\n");
        self.sender().await.deliver_with("", &headers, body).await.unwrap().status
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Ends it with SIGTERM and returns whether it succeeded.
    async fn terminate(&mut self) -> bool {
        self.signal("-TERM");
        self.ended().await
    }

    async fn ended(&mut self) -> bool {
        crate::support::until("it ends", async || self.child.try_wait().unwrap().is_some()).await;
        self.child.wait().unwrap().success()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
