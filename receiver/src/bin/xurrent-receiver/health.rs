//! `health`: asks a running service, for the health check of a container.

use crate::config::Config;
use crate::error::Error;
use crate::output;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the service may take. It waits two seconds for its inbox.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest response in bytes.
const MAX_RESPONSE: u64 = 64 * 1024;

/// Prints what `/health`, or `/live`, responds with, and fails unless its status is 200.
pub(crate) async fn health(config: &Config, is_live: bool) -> Result<ExitCode, Error> {
    let unset = "`monitoring` is not set: it is the address that answers `health`";
    let address = reachable(config.monitoring.ok_or(Error::configuration(unset))?);
    let path = if is_live { "/live" } else { "/health" };
    let failed = |error: io::Error| Error::Failed(format!("no response of http://{address}{path}: {error}"));
    let asked = timeout(TIMEOUT, get(address, path)).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()));
    let response = asked.map_err(failed)?;
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    output::line(&output::plain(body.trim_end()))?;
    Ok(if status == "200" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The address of this machine for one that listens on all addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

async fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut response = Vec::new();
    connection.take(MAX_RESPONSE).read_to_end(&mut response).await?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}
