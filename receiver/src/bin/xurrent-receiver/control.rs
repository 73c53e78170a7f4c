//! The socket for operators of a running service: a request and its response, each one line of JSON.

use crate::admin::{Admin, Request, Response};
use crate::error::Error;
use futures_util::StreamExt;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};
use tracing::{error, info};
use xurrent_values::quote::{BRIEF, quote};

/// The longest request in bytes: about 50,000 numbers.
const MAX_REQUEST: u64 = 1024 * 1024;

const MAX_CONNECTIONS: usize = 8;

/// How long a request and its response may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A listening socket, whose file is removed when it is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Socket {
    /// Listens on a socket that only its owner may connect to. One that a crashed service left is replaced.
    pub(crate) async fn bind(path: &Path) -> Result<Self, Error> {
        if UnixStream::connect(path).await.is_ok() {
            let why = "another service listens on it; set `control_socket`";
            return Err(Error::Failed(format!("cannot listen on {}: {why}", path.display())));
        }
        bind_privately(path)
            .map(|listener| Self { listener, path: path.to_owned() })
            .map_err(|error| Error::Failed(format!("cannot listen on {}: {error}", path.display())))
    }
}

/// In a private folder first: until its mode is set, others could connect.
fn bind_privately(path: &Path) -> io::Result<UnixListener> {
    if fs::symlink_metadata(path).is_ok_and(|found| !is_socket(&found)) {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not a socket"));
    }
    let mut folder = path.as_os_str().to_owned();
    folder.push(format!(".{}", std::process::id()));
    let folder = PathBuf::from(folder);
    let private = folder.join("s");
    // What a crashed process of the same number left.
    let _ = fs::remove_file(&private);
    let _ = fs::remove_dir(&folder);
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let bound = UnixListener::bind(&private).and_then(|listener| {
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600))?;
        fs::rename(&private, path)?;
        Ok(listener)
    });
    let _ = fs::remove_file(&private);
    fs::remove_dir(&folder)?;
    bound
}

fn is_socket(found: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&found.file_type())
}

/// Answers requests for as long as it is polled; without a socket, there are none.
pub(crate) async fn serve(socket: Option<&Socket>, admin: &Admin<'_>) {
    let Some(socket) = socket else { return std::future::pending().await };
    let connections = futures_util::stream::unfold((), |()| async {
        loop {
            match socket.listener.accept().await {
                Ok((connection, _)) => return Some((connection, ())),
                Err(error) => {
                    error!(error = &error as &dyn std::error::Error, "could not accept an operator");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    let answered = connections.for_each_concurrent(MAX_CONNECTIONS, |connection| async {
        if let Ok(Err(error)) = timeout(TIMEOUT, answer(connection, admin)).await {
            info!(error = &error as &dyn std::error::Error, "the connection of an operator failed");
        }
    });
    answered.await;
}

async fn answer(mut connection: UnixStream, admin: &Admin<'_>) -> io::Result<()> {
    let (read, mut write) = connection.split();
    let mut line = String::new();
    BufReader::new(read.take(MAX_REQUEST)).read_line(&mut line).await?;
    let response = match serde_json::from_str::<Request>(&line) {
        Ok(request) => {
            info!(request = quote(line.trim().as_bytes(), &[], BRIEF, false), "request of an operator");
            admin.answer(request).await
        }
        Err(error) => Err(format!("not a request of this version: {error}")),
    };
    let mut response = serde_json::to_vec(&response)?;
    response.push(b'\n');
    write.write_all(&response).await
}

/// Asks the service that listens on this socket. `None` if there is none.
pub(crate) async fn ask(path: &Path, request: &Request) -> Result<Option<Response>, Error> {
    let failed = |error: io::Error| Error::Failed(format!("cannot ask {}: {error}", path.display()));
    let mut connection = match UnixStream::connect(path).await {
        Ok(connection) => connection,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut line = serde_json::to_vec(request).map_err(|error| failed(error.into()))?;
    line.push(b'\n');
    let exchange = async {
        connection.write_all(&line).await?;
        let mut response = Vec::new();
        connection.read_to_end(&mut response).await?;
        Ok(serde_json::from_slice::<Result<Response, String>>(&response)?)
    };
    exchange.await.map_err(failed)?.map(Some).map_err(Error::Failed)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}
