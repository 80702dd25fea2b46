//! The body of a response, read within bounds.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::pool::{Connection, Pool};
use crate::error::{Error, Result};

/// The body of a response. When it was read to its end, the connection is used again;
/// when it is dropped before, the connection is closed.
#[derive(Debug)]
pub(crate) struct Body {
    incoming: Incoming,
    /// Who sends it, if that is the server and no proxy.
    peer: Option<IpAddr>,
    connection: Option<Connection>,
    pool: Arc<Pool>,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, peer: Option<IpAddr>, connection: Connection, pool: Arc<Pool>) -> Self {
        let mut body = Self { incoming, peer, connection: Some(connection), pool };
        body.keep_if_ended();
        body
    }

    /// Who sends it, if that is the server and no proxy.
    pub(crate) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    fn keep_if_ended(&mut self) {
        if self.incoming.is_end_stream()
            && let Some(connection) = self.connection.take()
        {
            self.pool.keep(connection);
        }
    }

    /// The next bytes; `None` at the end.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    /// When the connection breaks before the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let next = self.incoming.frame();
            let next = match &mut self.connection {
                Some(connection) => connection.until(next).await,
                None => next.await,
            };
            let Some(frame) = next else {
                if let Some(connection) = self.connection.take() {
                    self.pool.keep(connection);
                }
                return Ok(None);
            };
            let frame = frame.map_err(|error| Error::transport_from("the server's answer ended before it was complete", error))?;
            self.keep_if_ended();
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
    }

    /// Everything, if it is not more than `limit` bytes.
    ///
    /// # Errors
    /// When it is more, or the connection breaks.
    pub(crate) async fn collect(mut self, limit: usize) -> Result<Bytes> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit {
                return Err(Error::transport(format!("the server's answer is larger than {limit} bytes")));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}
