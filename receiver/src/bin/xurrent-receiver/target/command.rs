//! A target that is a program, started for each delivery.

use super::stable_id::stable_id;
use crate::config::PREFIX;
use crate::error::Error;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::sync::oneshot;
use tokio::time::sleep;
use xurrent_receiver::{Failure, QueuedDelivery};

/// How much of the end of standard error is kept.
const TAIL: usize = 4 * 1024;

/// How long standard error may stay open after the program has ended.
const AFTER_EXIT: Duration = Duration::from_secs(1);

pub(crate) struct Command {
    program: PathBuf,
    arguments: Vec<String>,
}

/// Kills the process group of a program that has not ended when it is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Command {
    /// A program with a slash in its name is relative to the folder of the configuration; others are found
    /// in `PATH`.
    pub(crate) fn new(command: &[String], folder: &Path) -> Result<Self, Error> {
        let Some((program, arguments)) = command.split_first().filter(|(program, _)| !program.is_empty())
        else {
            return Err(Error::configuration("`target.command` is empty"));
        };
        let program = if program.contains('/') { folder.join(program) } else { program.into() };
        if program.is_absolute() && !program.is_file() {
            return Err(Error::Configuration(format!("`target.command`: {} is no file", program.display())));
        }
        Ok(Self { program, arguments: arguments.to_vec() })
    }

    pub(crate) async fn run(&self, delivery: &QueuedDelivery) -> Result<(), Failure> {
        let failed =
            |error: io::Error| Failure::retry(format_args!("cannot run {}: {error}", self.program.display()));
        let mut child = self.start(delivery).map_err(failed)?;
        let mut group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
        let (input, errors) = (child.stdin.take(), child.stderr.take());
        let write = async {
            if let Some(mut input) = input {
                // A program need not read its input.
                let _ = input.write_all(delivery.raw().as_text().as_bytes()).await;
            }
        };
        let mut tail = Vec::new();
        let read = async {
            if let Some(errors) = errors {
                read_tail(errors, &mut tail).await;
            }
        };
        let (ended, has_ended) = oneshot::channel();
        let wait = async {
            let status = child.wait().await;
            let _ = ended.send(());
            status
        };
        // Children of the program may keep its input and its standard error open.
        let until_ended = async {
            let _ = has_ended.await;
            sleep(AFTER_EXIT).await;
        };
        let transfer = async {
            tokio::select! {
                _ = async { tokio::join!(write, read) } => {}
                () = until_ended => {}
            }
        };
        let (status, ()) = tokio::join!(wait, transfer);
        let status = status.map_err(failed)?;
        group.0 = None;
        if status.success() {
            return Ok(());
        }
        Err(Failure::retry(match last_line(&tail) {
            Some(line) => format!("{status}: {line}"),
            None => status.to_string(),
        }))
    }

    fn start(&self, delivery: &QueuedDelivery) -> io::Result<Child> {
        let mut command = tokio::process::Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            // Secrets of the receiver.
            if name.to_str().is_some_and(|name| name.starts_with(PREFIX)) {
                command.env_remove(name);
            }
        }
        let id = stable_id(delivery);
        command
            .args(&self.arguments)
            .env("XURRENT_EVENT", delivery.event.as_str())
            .env("XURRENT_DELIVERY", delivery.id.as_deref().unwrap_or(&id))
            .env("XURRENT_DELIVERY_ORIGIN", &id)
            .env("XURRENT_ATTEMPT", delivery.attempt.to_string())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// Reads to the end and keeps the last [`TAIL`] bytes.
async fn read_tail(mut source: impl AsyncRead + Unpin, tail: &mut Vec<u8>) {
    while source.read_buf(tail).await.is_ok_and(|read| read > 0) {
        let excess = tail.len().saturating_sub(TAIL);
        tail.drain(..excess);
    }
}

fn last_line(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}
