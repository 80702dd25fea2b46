//! Connections to one server, used again when they are free.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::body::Body;
use super::proxy::Proxies;
use super::tls::Tls;
use super::url::Url;
use crate::error::{Error, Result};

/// Most connections kept for later.
const MOST_IDLE: usize = 64;
/// For how long one is kept; shorter than most servers do.
const LONGEST_IDLE: Duration = Duration::from_secs(15);

/// A request on its way through what sends it, which would otherwise be moved at each step.
pub(crate) type Sent = Box<Request<Full<Bytes>>>;

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Pool {
    url: Url,
    patience: Duration,
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "there is nothing to set up"))]
    tls: Tls,
    proxies: Proxies,
    /// Whether any of them stands between.
    proxied: bool,
    /// Where the server is, if that was found out before.
    addresses: Vec<SocketAddr>,
    idle: Mutex<Vec<Connection>>,
}

/// One connection. Dropping it closes it, which tells the server that its answer is not wanted.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    since: Instant,
    /// Who is at the other end, if that is the server.
    peer: Option<IpAddr>,
}

/// What reads and writes for a connection. Whoever waits for the connection polls it, which spares a task and two changes of task for each
/// request; nobody does while the connection is idle, so that its end is noticed when it is taken again.
pub(crate) struct Driver(Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>);

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Driver").field(&self.0.is_some()).finish()
    }
}

impl Driver {
    /// Waits for what the connection brings.
    async fn until<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => {
                self.poll(cx);
                work.as_mut().poll(cx)
            }
        })
        .await
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(running) = &mut self.0
            && let Poll::Ready(ended) = running.as_mut().poll(cx)
        {
            self.0 = None;
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended");
            }
        }
    }
}

impl Connection {
    /// Whether it can take a request. One whose answer was read to its end can at once, and waiting for another would take longer than
    /// making one.
    async fn is_ready(&mut self) -> bool {
        let Self { sender, driver, .. } = self;
        // The server may have closed it meanwhile, which is seen by reading.
        poll_fn(|cx| {
            driver.poll(cx);
            Poll::Ready(())
        })
        .await;
        let mut ready = pin!(driver.until(sender.ready()));
        poll_fn(|cx| Poll::Ready(matches!(ready.as_mut().poll(cx), Poll::Ready(Ok(()))))).await
    }

    /// Waits for what the connection brings.
    ///
    /// Cancel safe if `work` is.
    pub(crate) async fn until<T>(&mut self, work: impl Future<Output = T>) -> T {
        self.driver.until(work).await
    }
}

impl Pool {
    /// Connections to the server of a URL, each made within `patience`.
    pub(crate) fn new(url: Url, patience: Duration, tls: Tls, proxies: Proxies) -> Arc<Self> {
        Self::at(url, Vec::new(), patience, tls, proxies)
    }

    /// The same to a server of which it is known where it is, if it is reached without a proxy.
    pub(crate) fn at(url: Url, addresses: Vec<SocketAddr>, patience: Duration, tls: Tls, proxies: Proxies) -> Arc<Self> {
        let proxied = proxies.stand_before(&url);
        Arc::new(Self { url, patience, tls, proxies, proxied, addresses, idle: Mutex::default() })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request; returns when the head of the response is there.
    ///
    /// Dropping the future closes the connection.
    ///
    /// # Errors
    /// When no connection can be made, or it breaks.
    pub(crate) async fn send(self: &Arc<Self>, mut request: Sent) -> Result<Response<Body>> {
        let way = if self.proxied { self.proxies.way(&self.url)? } else { None };
        let Some(way) = way else { return self.exchange(request).await };
        way.address(&mut request);
        let response = self.exchange(request).await?;
        way.check(response.status())?;
        Ok(response)
    }

    async fn exchange(self: &Arc<Self>, mut request: Sent) -> Result<Response<Body>> {
        while let Some(mut connection) = self.take() {
            if !connection.is_ready().await {
                continue;
            }
            let sending = connection.sender.try_send_request(*request);
            match connection.driver.until(sending).await {
                Ok(response) => return Ok(self.wrap(response, connection)),
                // The server closed it meanwhile; what was not sent can be sent on another one.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => *request = unsent,
                    None => return Err(self.broken(error.into_error())),
                },
            }
        }
        let mut connection = Box::pin(self.connect()).await?;
        let sending = connection.sender.send_request(*request);
        let response = connection.driver.until(sending).await.map_err(|error| self.broken(error))?;
        Ok(self.wrap(response, connection))
    }

    fn wrap(self: &Arc<Self>, response: Response<hyper::body::Incoming>, connection: Connection) -> Response<Body> {
        let peer = connection.peer;
        response.map(|incoming| Body::new(incoming, peer, connection, Arc::clone(self)))
    }

    fn broken(&self, error: hyper::Error) -> Error {
        Error::transport_from(format!("the connection to {} broke", self.url.authority()), error)
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|connection| connection.since.elapsed() < LONGEST_IDLE && !connection.sender.is_closed());
        idle.pop()
    }

    /// Keeps a connection whose response was read to its end.
    pub(crate) fn keep(&self, mut connection: Connection) {
        let mut idle = self.idle();
        idle.retain(|connection| connection.since.elapsed() < LONGEST_IDLE);
        if idle.len() < MOST_IDLE && !connection.sender.is_closed() {
            connection.since = Instant::now();
            idle.push(connection);
        }
    }

    async fn connect(&self) -> Result<Connection> {
        let cannot = || format!("{} cannot be connected to", self.url.authority());
        let connecting = async {
            let (stream, peer) = match self.proxies.way(&self.url)? {
                Some(way) => (way.connect().await?, None),
                None => {
                    let stream = self.directly().await.map_err(|error| Error::unreachable(cannot(), error))?;
                    let peer = stream.peer_addr().ok().map(|address| address.ip());
                    (stream, peer)
                }
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            #[cfg(feature = "tls")]
            if self.url.is_secure() {
                return greet(self.tls.protect(self.url.host(), stream).await?, peer)
                    .await
                    .map_err(|error| Error::unreachable(cannot(), error));
            }
            greet(stream, peer).await.map_err(|error| Error::unreachable(cannot(), error))
        };
        timeout(self.patience, connecting).await.map_err(|_| Error::Timeout(self.patience))?
    }

    async fn directly(&self) -> io::Result<TcpStream> {
        match &*self.addresses {
            [] => TcpStream::connect((self.url.host(), self.url.port())).await,
            addresses => TcpStream::connect(addresses).await,
        }
    }
}

async fn greet<S>(stream: S, peer: Option<IpAddr>) -> hyper::Result<Connection>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new().max_headers(128).handshake(TokioIo::new(stream)).await?;
    Ok(Connection { sender, driver: Driver(Some(Box::pin(connection))), since: Instant::now(), peer })
}
