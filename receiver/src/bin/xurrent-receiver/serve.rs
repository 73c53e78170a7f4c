//! `serve`: the endpoint, its worker and its monitoring, until a signal ends them.

use crate::admin::Admin;
use crate::config::{Config, set, set_time};
use crate::control;
use crate::error::Error;
use crate::telemetry::Telemetry;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{error, info};
use xurrent_receiver::{Inbox, Receiver, Server, shutdown_signal};

/// How long the inbox may take to close: its disk could hang.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// How `serve` opens the inbox.
pub(crate) struct Open {
    pub(crate) migrate: bool,
    pub(crate) accept_loss: bool,
}

pub(crate) async fn serve(config: &Config, open: Open) -> Result<(), Error> {
    // Before the first poll, a signal ends the process at once.
    let mut signal = std::pin::pin!(shutdown_signal());
    tokio::select! {
        biased;
        () = &mut signal => return Ok(()),
        () = std::future::ready(()) => {}
    }
    // Verifiers prepare TLS, which traces may be sent with.
    let verifiers = config.verifiers();
    let telemetry = Telemetry::start(config.log)?;
    let (verifiers, destination) = (verifiers?, config.destination()?);
    let listener = listen(config.listen).await?;
    let monitoring = match config.monitoring {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let opened = config.open_inbox(open.migrate, open.accept_loss).await?;
    let inbox = &opened.inbox;
    let socket = match config.control_socket() {
        Some(path) => Some(control::Socket::bind(&path).await?),
        None => None,
    };

    let limits = &config.limits;
    let builder = Receiver::builder(verifiers, inbox.clone());
    let builder = set(builder, limits.body, |builder, bytes| builder.body_limit(bytes));
    let builder = set_time(builder, limits.read_timeout, |builder, time| builder.read_timeout(time));
    let builder = set_time(builder, limits.deadline, |builder, time| builder.deadline(time));
    let requests = limits.max_concurrent_requests;
    let receiver = set(builder, requests, |builder, count| builder.max_concurrent_requests(count)).build();
    let router = telemetry.trace(receiver.router(&config.path));
    let server = Server::new(router).grace(config.shutdown_timeout.0);
    let server = set_time(server, limits.head_timeout, |server, time| server.head_timeout(time));
    let server = set(server, limits.max_connections, |server, count| server.max_connections(count));
    let worker = config.worker.apply(receiver.worker()).start(destination);

    if let Some((listener, address)) = monitoring {
        info!("monitoring listens on {address}");
        tokio::spawn(Server::new(receiver.monitoring()).serve(listener, std::future::pending()));
    }
    info!("listens on {}", listener.1);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(server.serve(listener.0, stopped));
    let admin = Admin { opened: &opened, service: Some((&worker, &receiver)) };
    tokio::select! {
        () = signal => {}
        () = control::serve(socket.as_ref(), &admin) => {}
    }
    info!("shutting down");
    receiver.stop();
    drop((stop, socket));
    let (served, ()) = tokio::join!(serving, worker.shutdown(config.shutdown_timeout.0));
    if let Err(error) = served {
        error!(error = &error as &dyn std::error::Error, "the server failed");
    }
    if timeout(CLOSE_TIMEOUT, inbox.close()).await.is_err() {
        error!("could not close the inbox in time");
    }
    info!("stopped");
    telemetry.stop().await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |error| Error::Failed(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
