//! A receiver that can be killed: a child process of the test binary.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// Kept open: the test harness ends the process when it cannot write that a test takes long.
    _stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Runs the ignored test `the_receiver_that_is_killed` and waits until it prints the address that it
    /// listens on.
    pub(crate) fn start(configure: impl Fn(&mut Command)) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["the_receiver_that_is_killed", "--exact", "--ignored", "--nocapture"])
            .stdout(Stdio::piped());
        configure(&mut command);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let address = stdout
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listens on ").map(|(_, address)| address.parse().unwrap()))
            .unwrap();
        Self { child, _stdout: stdout, address }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
