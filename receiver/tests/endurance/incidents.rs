//! The receivers, and what happens to them.

#[cfg(feature = "postgres")]
use crate::receiver::SERVER;
use crate::receiver::{FILE, HANDLED, LIFE, MAX_SIZE, METRICS};
use crate::senders::{Life, Lives};
use crate::support::process::Process;
#[cfg(feature = "postgres")]
use crate::support::server::Server;
use crate::support::{Sender, until};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::watch;

/// Space that a full inbox has left, in bytes.
const LITTLE: u64 = 256 * 1024;

enum Store {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Server(Server),
}

pub(crate) struct Receivers {
    store: Store,
    folder: PathBuf,
    processes: Vec<Process>,
    running: watch::Sender<Vec<Arc<Life>>>,
    /// All processes that ever ran.
    pub(crate) lives: Vec<Arc<Life>>,
    pub(crate) kills: usize,
    pub(crate) restarts: usize,
    /// Times that the inbox was full, or that the server crashed.
    pub(crate) outages: usize,
}

impl Receivers {
    pub(crate) fn embedded(folder: &TempDir, file: &Path) -> Self {
        Self::start(Store::File(file.to_owned()), folder, 1)
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn on_server(folder: &TempDir, server: Server) -> Self {
        Self::start(Store::Server(server), folder, 2)
    }

    fn start(store: Store, folder: &TempDir, count: usize) -> Self {
        let folder = folder.path().to_owned();
        let (processes, lives, running) = (Vec::new(), Vec::new(), watch::Sender::new(Vec::new()));
        let mut receivers =
            Self { store, folder, processes, running, lives, kills: 0, restarts: 0, outages: 0 };
        for _ in 0..count {
            let (process, life) = receivers.process(None);
            receivers.processes.push(process);
            receivers.running.send_modify(|running| running.push(life));
        }
        receivers
    }

    pub(crate) fn lives(&self) -> Lives {
        self.running.subscribe()
    }

    /// The log of handled deliveries.
    pub(crate) fn handled(&self) -> PathBuf {
        self.folder.join("handled")
    }

    /// The metrics of a process, if it wrote them.
    pub(crate) fn metrics(&self, life: usize) -> PathBuf {
        self.folder.join(format!("metrics-{life}"))
    }

    pub(crate) async fn next_incident(&mut self) {
        let which = fastrand::usize(..self.processes.len());
        match fastrand::u8(0..10) {
            0..5 => self.kill(which),
            5..8 => self.terminate(which, None).await,
            _ => self.outage().await,
        }
    }

    fn kill(&mut self, which: usize) {
        self.processes[which].kill();
        self.kills += 1;
        self.replace(which, None);
    }

    /// Ends a process as a service manager does before an upgrade, and starts the next one.
    async fn terminate(&mut self, which: usize, max_size: Option<u64>) {
        self.end(which).await;
        self.restarts += 1;
        self.replace(which, max_size);
    }

    async fn end(&mut self, which: usize) {
        let process = &mut self.processes[which];
        process.terminate();
        until("it ends", async || process.has_ended().is_some()).await;
        assert!(process.has_ended().unwrap().success());
    }

    /// Fills the inbox, or crashes the server.
    async fn outage(&mut self) {
        self.outages += 1;
        match &self.store {
            Store::File(file) => {
                let size = std::fs::metadata(file).map_or(0, |file| file.len());
                self.terminate(0, Some(size + LITTLE)).await;
                tokio::time::sleep(Duration::from_millis(fastrand::u64(500..1_500))).await;
                self.terminate(0, None).await;
            }
            #[cfg(feature = "postgres")]
            Store::Server(server) => {
                server.crash();
                tokio::time::sleep(Duration::from_millis(fastrand::u64(0..1_000))).await;
                server.start_again("");
            }
        }
    }

    fn replace(&mut self, which: usize, max_size: Option<u64>) {
        let (process, life) = self.process(max_size);
        self.processes[which] = process;
        self.running.send_modify(|running| running[which] = life);
    }

    fn process(&mut self, max_size: Option<u64>) -> (Process, Arc<Life>) {
        let number = self.lives.len();
        let process = Process::start(|command| {
            command.env(LIFE, number.to_string());
            command.env(HANDLED, self.handled()).env(METRICS, self.metrics(number));
            if let Some(bytes) = max_size {
                command.env(MAX_SIZE, bytes.to_string());
            }
            match &self.store {
                Store::File(file) => command.env(FILE, file),
                #[cfg(feature = "postgres")]
                Store::Server(server) => command.env(SERVER, server.config()),
            };
        });
        let life = Life::new(number, process.address);
        self.lives.push(Arc::clone(&life));
        (process, life)
    }

    /// Waits until nothing is pending or taken.
    pub(crate) async fn drain(&self, limit: Duration) {
        let mut monitor = Sender::connect(self.processes[0].address).await.unwrap();
        let started = Instant::now();
        loop {
            let metrics = monitor.get("/metrics").await.unwrap().body;
            let is_none = |state: &str| {
                metrics.contains(&format!("xurrent_receiver_deliveries{{state=\"{state}\"}} 0\n"))
            };
            if is_none("pending") && is_none("taken") {
                return;
            }
            assert!(started.elapsed() < limit, "deliveries are stuck: {metrics}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn finish(&mut self) {
        for which in 0..self.processes.len() {
            self.end(which).await;
        }
    }
}
