//! A listener for http or https whose connections can be killed during a request.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use socket2::{SockRef, Socket};
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

const HANDSHAKE: Duration = Duration::from_secs(10);

pub(super) type Connection = Either<TcpStream, TlsStream<TcpStream>>;

/// A listener for https if it has an acceptor. Handshakes run concurrently, so a slow one delays no others.
pub(super) struct SandboxListener {
    pub(super) listener: TcpListener,
    pub(super) acceptor: Option<TlsAcceptor>,
    pub(super) handshakes: JoinSet<io::Result<(Connection, SocketAddr)>>,
}

impl Listener for SandboxListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.listener) => {
                    // Small responses are sent at once.
                    let _ = stream.set_nodelay(true);
                    let Some(acceptor) = self.acceptor.clone() else {
                        return (Either::Left(stream), address);
                    };
                    self.handshakes.spawn(async move {
                        let stream = timeout(HANDSHAKE, acceptor.accept(stream)).await??;
                        Ok((Either::Right(stream), address))
                    });
                }
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Ok(connection)) = done {
                        return connection;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Kills one connection, through another handle of its socket.
#[derive(Clone)]
pub(super) struct ConnectionKiller(Option<Arc<Socket>>);

impl ConnectionKiller {
    /// Makes all further reads and writes fail. The server closes the connection when it writes.
    pub(super) fn kill(&self) {
        let _ = self.0.as_ref().map(|socket| socket.shutdown(Shutdown::Both));
    }
}

impl Connected<IncomingStream<'_, SandboxListener>> for ConnectionKiller {
    fn connect_info(stream: IncomingStream<'_, SandboxListener>) -> Self {
        let stream = match stream.io() {
            Either::Left(stream) => stream,
            Either::Right(stream) => stream.get_ref().0,
        };
        Self(SockRef::from(stream).try_clone().ok().map(Arc::new))
    }
}
