//! HTTP+SSE: one stream that carries everything the server says, and POSTs to it
//! (2024-11-05, basic/transports).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use mcp_core::Revision;

use super::events::Events;
use super::session::{Kind, Peer};
use crate::error::{Error, Result};
use crate::link::{Link, Outgoing, Owned, ask, send_in_background};
use crate::router::{Outbound, Router};
use crate::wire::Answer;

/// A server that speaks HTTP+SSE.
pub(crate) struct HttpSse {
    /// Where messages are posted.
    messages: Arc<Peer>,
    outbound: Arc<dyn Outbound>,
    reader: Owned,
    patience: Duration,
}

impl HttpSse {
    /// Opens the stream and waits to be told where to post.
    ///
    /// # Errors
    /// When there is no such stream, or it does not say within `patience`.
    pub(crate) async fn open(peer: &Arc<Peer>, patience: Duration) -> Result<Self> {
        let opening = async {
            let response = peer.send(peer.get()).await?;
            if Kind::of(&response) != Kind::Stream {
                return Err(Error::Malformed("it is no stream of events".to_owned()));
            }
            let mut events = Events::new(response.into_body(), peer.limit);
            while let Some(event) = events.next().await? {
                if event.kind == "endpoint" {
                    return Ok((peer.url.resolve(&String::from_utf8_lossy(&event.data))?, events));
                }
            }
            Err(Error::Malformed("the stream ended without saying where messages are sent".to_owned()))
        };
        let (endpoint, events) = peer.router.wait(patience, opening).await?;
        let messages = peer.at(endpoint);
        let outbound: Arc<dyn Outbound> = Arc::new(Arc::clone(&messages));
        let reader = Owned::spawn(read(events, Arc::clone(&messages.router), Arc::clone(&outbound)));
        Ok(Self { messages, outbound, reader, patience })
    }
}

async fn read(mut events: Events, router: Arc<Router>, outbound: Arc<dyn Outbound>) {
    let why = loop {
        match events.next().await {
            Ok(Some(event)) if event.data.is_empty() || event.kind == "endpoint" => {}
            Ok(Some(event)) => drop(router.receive(&event.data, &outbound, None)),
            Ok(None) => break "the server ended its stream".to_owned(),
            Err(error) => break error.to_string(),
        }
    };
    router.ended(&why);
}

#[async_trait]
impl Link for HttpSse {
    async fn request(&self, request: &Outgoing<'_>) -> Result<Answer> {
        ask(&self.messages.router, &*self.outbound, request).await
    }

    async fn notify(&self, frame: Bytes) -> Result<()> {
        self.outbound.send(frame).await
    }

    fn cancel(&self, frame: Bytes) {
        send_in_background(Arc::clone(&self.outbound), frame, self.patience);
    }

    fn speak(&self, revision: Revision) {
        self.messages.speak(revision);
    }

    async fn close(&self) {
        self.reader.end();
        self.messages.router.ended("this client closed it");
    }
}
