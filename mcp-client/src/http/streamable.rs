//! Streamable HTTP: every request is a POST of its own
//! (2026-07-28 and 2025-11-25, basic/transports).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use mcp_core::Revision;
use tokio::sync::{Mutex, oneshot};
use tokio::time::{sleep, timeout};

use super::encode;
use super::events::Events;
use super::news;
use super::session::{Kind, LAST_EVENT, Peer, SESSION, VERSION};
use crate::error::{Error, Result};
use crate::link::{Link, Outgoing, Owned, send_in_background};
use crate::router::Outbound;
use crate::wire::{self, Answer};

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// How often to try to come back to a stream, one failure after the other.
const MOST_FAILURES: u32 = 5;
/// For how long a server may say nothing when a stream is opened.
const SILENT_OPENING: Duration = Duration::from_secs(1);
/// How long the server may take to end a session or to hear of a cancellation.
const FAREWELL: Duration = Duration::from_secs(5);
/// The least to wait before a stream is continued that brought nothing.
pub(super) const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// A server that speaks Streamable HTTP.
pub(crate) struct Streamable {
    peer: Arc<Peer>,
    outbound: Arc<dyn Outbound>,
    /// What reads the stream of changes, in the revisions with sessions.
    news: Mutex<Option<Owned>>,
}

impl Streamable {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        let outbound: Arc<dyn Outbound> = Arc::new(Arc::clone(&peer));
        Self { peer, outbound, news: Mutex::default() }
    }

    fn is_modern(&self) -> bool {
        self.peer.revision().is_some_and(Revision::is_modern)
    }

    /// Posts a request and reads what answers it.
    async fn post(&self, request: &Outgoing<'_>) -> Result<Answer> {
        let mut post = self.peer.post(request.frame.clone());
        if request.revision.is_some_and(|revision| !revision.is_modern()) {
            self.peer.add_session(&mut post);
        }
        self.headers(request, post.headers_mut());
        let response = self.peer.send(post).await?;
        if request.method == "initialize" {
            *self.news.lock().await = None;
            self.peer.open_session(response.headers().get(SESSION).cloned());
        }
        match Kind::of(&response) {
            Kind::Stream => Box::pin(self.follow(Events::new(response.into_body(), self.peer.limit), request)).await,
            Kind::Json => {
                let body = response.into_body().collect(self.peer.limit).await?;
                let answer = self.peer.router.receive(&body, &self.outbound, Some(request.id));
                // An error that could not be told the id of its request has none, and can only be about this one.
                answer
                    .or_else(|| wire::error_in(&body).map(Err))
                    .ok_or_else(|| Error::Malformed("it does not answer the request".to_owned()))
            }
            Kind::Other => Err(Error::Malformed("it is neither JSON nor a stream of events".to_owned())),
        }
    }

    /// Reads the stream that answers a request, and those that continue it.
    async fn follow(&self, mut events: Events, request: &Outgoing<'_>) -> Result<Answer> {
        let resumes = request.revision.is_some_and(Revision::resumes_streams);
        let mut failures = 0;
        loop {
            let mut is_empty = true;
            let ended = loop {
                match events.next().await {
                    // An event without data only brings an id.
                    Ok(Some(event)) if event.data.is_empty() => {}
                    Ok(Some(event)) => {
                        (failures, is_empty) = (0, false);
                        if let Some(answer) = self.peer.router.receive(&event.data, &self.outbound, Some(request.id)) {
                            events.leave();
                            return Ok(answer);
                        }
                    }
                    Ok(None) => {
                        // Whoever ends a stream in good order and has it continued lets go of the connection on purpose.
                        if resumes && events.last_id().is_some() {
                            self.peer.router.released(request.id, events.retry());
                        }
                        break Error::transport("the server ended its answer before it was complete");
                    }
                    Err(error @ Error::Transport { .. }) => break error,
                    Err(error) => return Err(error),
                }
            };
            let Some(last_id) = events.last_id().filter(|_| resumes && failures < MOST_FAILURES) else {
                return Err(ended);
            };
            let Ok(last_id) = HeaderValue::from_str(last_id) else { return Err(ended) };
            sleep(if is_empty { events.retry().max(LEAST_PAUSE) } else { events.retry() }).await;
            match resume(&self.peer, Some(last_id)).await {
                Ok(stream) => events.resume(stream),
                Err(Error::Transport { .. }) => failures += 1,
                Err(error) => {
                    tracing::debug!(%error, "the server does not continue a stream");
                    return Err(ended);
                }
            }
        }
    }

    fn headers(&self, request: &Outgoing<'_>, headers: &mut http::HeaderMap) {
        for (name, value) in request.headers {
            match value {
                Some(value) => drop(headers.insert(name, value.clone())),
                None => drop(headers.remove(name)),
            }
        }
        let Some(revision) = request.revision else { return };
        headers.insert(VERSION, HeaderValue::from_static(revision.as_str()));
        if !revision.is_modern() {
            return;
        }
        headers.insert(METHOD, encode::text(request.method));
        if let Some(name) = request.name {
            headers.insert(NAME, encode::text(name));
        }
        headers.extend(request.mirrored.iter().cloned());
    }
}

/// Opens a stream of the session, at an event if one is given.
pub(super) async fn resume(peer: &Arc<Peer>, last_id: Option<HeaderValue>) -> Result<super::body::Body> {
    let mut request = peer.get();
    peer.add_session(&mut request);
    if let Some(last_id) = last_id {
        request.headers_mut().insert(LAST_EVENT, last_id);
    }
    let response = peer.send(request).await?;
    match Kind::of(&response) {
        Kind::Stream => Ok(response.into_body()),
        Kind::Json | Kind::Other => Err(Error::Malformed("it is no stream of events".to_owned())),
    }
}

#[async_trait]
impl Link for Streamable {
    async fn request(&self, request: &Outgoing<'_>) -> Result<Answer> {
        let elsewhere = self.peer.router.expect(request.id)?;
        tokio::select! {
            biased;
            answer = self.post(request) => answer,
            // When the client is closed, or a server answers on the stream of changes.
            answer = elsewhere => answer.unwrap_or_else(|_| Err(Error::Closed("the client was dropped".to_owned()))),
        }
    }

    async fn notify(&self, frame: Bytes) -> Result<()> {
        self.outbound.send(frame).await
    }

    fn cancel(&self, frame: Bytes) {
        // In the stateless revisions, closing the response is the cancellation.
        if !self.is_modern() {
            send_in_background(Arc::clone(&self.outbound), frame, FAREWELL);
        }
    }

    fn speak(&self, revision: Revision) {
        self.peer.speak(revision);
    }

    fn mirrors(&self) -> bool {
        self.is_modern()
    }

    async fn open_news(&self) -> Result<()> {
        let mut news = self.news.lock().await;
        if self.is_modern() || news.as_ref().is_some_and(|news| !news.has_ended()) {
            return Ok(());
        }
        let (opened, opening) = oneshot::channel();
        *news = Some(Owned::spawn(news::read(Arc::clone(&self.peer), Arc::clone(&self.outbound), opened)));
        // Some servers say nothing, not even that they will, before there is something to say.
        match timeout(SILENT_OPENING, opening).await {
            Ok(Ok(Err(Error::Refused { status: 400 | 404 | 405, .. }))) => {
                Err(Error::Unsupported("the server has no stream on which it could tell of changes".to_owned()))
            }
            Ok(Ok(opened)) => opened,
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    async fn hear_questions(&self) {
        if self.peer.has_session()
            && let Err(error) = self.open_news().await
        {
            tracing::debug!(%error, "the server can ask only on the streams of calls");
        }
    }

    async fn close(&self) {
        *self.news.lock().await = None;
        if self.peer.has_session() {
            let mut delete = self.peer.delete();
            self.peer.add_session(&mut delete);
            match timeout(FAREWELL, self.peer.send(delete)).await {
                Ok(Err(error)) => tracing::debug!(%error, "the server does not end sessions on request"),
                Ok(Ok(_)) => {}
                Err(_) => tracing::debug!("the server took too long to end the session"),
            }
        }
        self.peer.router.ended("this client closed it");
    }
}
