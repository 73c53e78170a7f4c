//! A PostgreSQL server for one test.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The user that runs the server when the test runs as root, which PostgreSQL refuses.
const NOBODY: u32 = 65_534;

/// A server that stops when it is dropped.
pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
}

impl Server {
    /// Starts a server, or prints that none is installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            // `eprintln` would be captured.
            let _ = writeln!(
                std::io::stderr(),
                "\nSKIPPED: no PostgreSQL server is installed (apt-get install postgresql)\n"
            );
            return None;
        };
        let server = Self { folder: TempDir::new().unwrap(), programs };
        if is_root() {
            chown(server.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = server.data();
        // Skips the flush of the created files only.
        let how = ["-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"].map(OsStr::new);
        server.run("initdb", how.into_iter().chain([data.as_ref()]));
        server.ctl("start", "");
        Some(server)
    }

    /// Writes a file that only the server may read, and returns its path.
    #[must_use]
    pub(crate) fn write_private(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        path
    }

    /// The statements that restore a schema.
    pub(crate) fn dump(&self, schema: &str) -> String {
        let mut dump = Command::new(self.programs.join("pg_dump"));
        dump.args(["--no-owner", "--inserts", "--schema", schema, "--dbname", &self.config()]);
        let Output { status, stdout, stderr } = dump.output().unwrap();
        assert!(status.success(), "pg_dump: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// The connection string.
    pub(crate) fn config(&self) -> String {
        format!("host={} user=test dbname=postgres", self.folder.path().display())
    }

    /// Stops the server as a loss of power would, and starts it again with these settings.
    pub(crate) fn crash_and_start(&self, settings: &str) {
        self.crash();
        self.start_again(settings);
    }

    /// Stops the server as a loss of power would.
    pub(crate) fn crash(&self) {
        let data = self.data();
        self.run(
            "pg_ctl",
            ["stop", "-w", "-m", "immediate", "-D"].map(OsStr::new).into_iter().chain([data.as_ref()]),
        );
    }

    pub(crate) fn start_again(&self, settings: &str) {
        self.ctl("start", settings);
    }

    /// Mounts a disk of a few MiB that the server may write to, if that is possible.
    pub(crate) fn small_disk(&self) -> Option<SmallDisk> {
        let folder = TempDir::new().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none"]).arg(folder.path()).status();
        if !mount.is_ok_and(|status| status.success()) {
            return None;
        }
        let disk = SmallDisk(folder);
        chown(disk.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        Some(disk)
    }

    fn ctl(&self, action: &str, settings: &str) {
        let data = self.data();
        let log = self.folder.path().join("log");
        // Many tests share the server.
        let options = "-c listen_addresses='' -c max_connections=300";
        let options = format!("{options} -k {} {settings}", self.folder.path().display());
        self.run(
            "pg_ctl",
            [
                action.as_ref(),
                "-w".as_ref(),
                "-D".as_ref(),
                data.as_ref(),
                "-l".as_ref(),
                log.as_ref(),
                "-o".as_ref(),
                OsStr::new(&options),
            ],
        );
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) {
        let Output { status, stderr, .. } = self.command(program).args(arguments).output().unwrap();
        assert!(status.success(), "{program}: {}", String::from_utf8_lossy(&stderr));
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdout(std::process::Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

/// Mounted until it is dropped.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let mut stop = self.command("pg_ctl");
        let _ = stop.args(["stop", "-w", "-m", "immediate", "-D"]).arg(data).output();
    }
}

/// Finds the newest installed server. Debian keeps its programs outside of the path.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|folder| folder.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file())
}

fn is_root() -> bool {
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|process| process.uid() == 0)
}
