//! Serving the transports on a socket.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::patience::Patience;
use crate::request::Connection;
use crate::service::HttpService;

/// A socket on which a service is served over HTTP/1.1.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    service: HttpService,
}

impl Listener {
    /// Binds an address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, service: HttpService) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(address).await?, service })
    }

    /// Serves on a socket that is bound already, as when its address has to be known before the service is made.
    pub fn on(socket: TcpListener, service: HttpService) -> Self {
        Self { socket, service }
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// When the operating system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `shutdown` completes, then lets calls that run finish for as long as
    /// [`HttpConfig::drain`](crate::HttpConfig::drain) says.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let config = &self.service.0.config;
        let (closing, _) = watch::channel(false);
        let places = Arc::new(Semaphore::new(config.max_connections));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.socket, &places) => accepted,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            };
            let (stream, peer, place) = accepted;
            let (service, closed) = (self.service.clone(), closing.subscribe());
            connections.spawn(async move {
                serve_connection(service, stream, peer, closed).await;
                drop(place);
            });
        }
        drop(self.socket);
        self.service.shut_down();
        closing.send_replace(true);
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(config.drain, drained).await.is_err() {
            tracing::warn!("calls were still running {:?} after shutdown was asked for; they were cancelled", config.drain);
        }
        connections.shutdown().await;
    }
}

/// Waits for a place, then for a connection. A failure to accept passes with time.
async fn accept(socket: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve_connection(service: HttpService, stream: TcpStream, peer: SocketAddr, mut closing: watch::Receiver<bool>) {
    // Without it, small events wait 40 ms for the client's delayed acknowledgment.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let (read_timeout, write_timeout) = (service.0.config.read_timeout, service.0.config.write_timeout);
    let mut builder = http1::Builder::new();
    // Responses are written in one piece. Not with `pipeline_flush`, which does that too but then buffers
    // without bound what a client does not read.
    builder.timer(TokioTimer::new()).header_read_timeout(read_timeout).writev(false).max_buf_size(64 * 1_024).max_headers(100);
    let connection = Connection::from(peer);
    // Each connection counts its own uses of the service, so that threads do not wait for one another to count.
    let service = Arc::new(service);
    // Closures rather than a named service: their futures have no name, and boxing each would cost every request.
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.handle(request).await) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Patience::new(stream, write_timeout)), answer));
    let closed = async {
        let _ = closing.wait_for(|closing| *closing).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // A host that connects and leaves, or sends what is not HTTP, is nothing to report.
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}
