//! Listeners for http and https whose connections can be killed during a request.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The time limit of a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A listener for http.
pub(super) struct HttpListener(pub(super) TcpListener);

/// A listener for https. Handshakes run concurrently, so a slow one delays no others.
pub(super) struct HttpsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
}

/// A connection that can be killed.
pub(super) struct KillableConnection<S> {
    stream: S,
    killer: ConnectionKiller,
}

/// Kills one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionKiller(Arc<AtomicBool>);

impl ConnectionKiller {
    /// Makes all further reads and writes fail. The server closes the connection when it writes.
    pub(super) fn kill(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn check(&self) -> io::Result<()> {
        match self.0.load(Ordering::Acquire) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

impl Listener for HttpListener {
    type Io = KillableConnection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small responses are sent at once.
        let _ = stream.set_nodelay(true);
        (KillableConnection { stream, killer: ConnectionKiller::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl HttpsListener {
    pub(super) fn new(listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self { listener, acceptor, handshakes: JoinSet::new() }
    }
}

impl Listener for HttpsListener {
    type Io = KillableConnection<TlsStream<TcpStream>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.listener) => {
                    let _ = stream.set_nodelay(true);
                    let acceptor = self.acceptor.clone();
                    self.handshakes.spawn(async move {
                        let stream = timeout(HANDSHAKE, acceptor.accept(stream)).await.ok()?.ok()?;
                        Some((stream, address))
                    });
                }
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some((stream, address))) = done {
                        return (KillableConnection { stream, killer: ConnectionKiller::default() }, address);
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, HttpListener>> for ConnectionKiller {
    fn connect_info(stream: IncomingStream<'_, HttpListener>) -> Self {
        stream.io().killer.clone()
    }
}

impl Connected<IncomingStream<'_, HttpsListener>> for ConnectionKiller {
    fn connect_info(stream: IncomingStream<'_, HttpsListener>) -> Self {
        stream.io().killer.clone()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for KillableConnection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.killer.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for KillableConnection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.killer.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.killer.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
