//! One MCP endpoint, and the session that is open there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use mcp_core::Revision;

use super::body::Body;
use super::pool::{Pool, Sent};
use super::proxy::Proxies;
use super::tls::Tls;
use super::url::Url;
use crate::credentials::{Asked, Challenge, Credentials, MOST_CHALLENGES, Retry};
use crate::error::{Error, Result};
use crate::router::{Outbound, Router};
use crate::wire;

pub(super) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
pub(super) const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

const ANSWERS: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
const STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Most bytes read of the body of a refusal.
const REFUSAL: usize = 64 * 1_024;

/// How requests are let in, and how they are protected on the way.
#[derive(Clone, Default)]
pub(crate) struct Entry {
    /// Sent with every request.
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) tls: Tls,
    pub(crate) proxies: Proxies,
}

/// One MCP endpoint, and the session that is open there.
pub(crate) struct Peer {
    pub(crate) url: Url,
    pub(super) pool: Arc<Pool>,
    pub(super) router: Arc<Router>,
    /// Sent with every request.
    headers: HeaderMap,
    credentials: Option<Arc<dyn Credentials>>,
    /// The URL of the server, as it was given.
    resource: Arc<str>,
    /// Largest message, in bytes.
    pub(super) limit: usize,
    /// How long the server may take to accept a message that is not a request.
    patience: Duration,
    session: Mutex<Session>,
}

/// The body of a request, for who looks on.
#[derive(Clone)]
struct Frame(Bytes);

#[derive(Clone, Debug, Default)]
struct Session {
    id: Option<HeaderValue>,
    revision: Option<Revision>,
}

impl Peer {
    pub(crate) fn new(url: Url, entry: Entry, router: Arc<Router>, limit: usize, timeouts: &crate::settings::Timeouts) -> Arc<Self> {
        let pool = Pool::new(url.clone(), timeouts.connect, entry.tls, entry.proxies);
        let mut headers = entry.headers;
        headers.insert(HOST, HeaderValue::from_str(url.authority()).expect("an authority is visible ASCII"));
        Arc::new(Self {
            resource: url.to_string().into(),
            url,
            pool,
            router,
            headers,
            credentials: entry.credentials,
            limit,
            patience: timeouts.silence,
            session: Mutex::default(),
        })
    }

    /// The same server at another path.
    pub(super) fn at(&self, url: Url) -> Arc<Self> {
        Arc::new(Self {
            url,
            pool: Arc::clone(&self.pool),
            router: Arc::clone(&self.router),
            headers: self.headers.clone(),
            credentials: self.credentials.clone(),
            resource: Arc::clone(&self.resource),
            limit: self.limit,
            patience: self.patience,
            session: Mutex::default(),
        })
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the session that the server opened, or that it keeps none.
    pub(super) fn open_session(&self, id: Option<HeaderValue>) {
        *self.session() = Session { id, revision: None };
    }

    /// Takes note of the revision that was negotiated.
    pub(super) fn speak(&self, revision: Revision) {
        self.session().revision = Some(revision);
    }

    pub(super) fn revision(&self) -> Option<Revision> {
        self.session().revision
    }

    pub(super) fn has_session(&self) -> bool {
        self.session().id.is_some()
    }

    /// A POST with one message.
    pub(super) fn post(&self, frame: Bytes) -> Sent {
        let mut request = self.request(Method::POST, frame);
        request.headers_mut().insert(CONTENT_TYPE, JSON);
        request.headers_mut().insert(ACCEPT, ANSWERS);
        request
    }

    /// A GET that asks for a stream.
    pub(super) fn get(&self) -> Sent {
        let mut request = self.request(Method::GET, Bytes::new());
        request.headers_mut().insert(ACCEPT, STREAM);
        request
    }

    /// The DELETE that ends the session.
    pub(super) fn delete(&self) -> Sent {
        self.request(Method::DELETE, Bytes::new())
    }

    fn request(&self, method: Method, body: Bytes) -> Sent {
        let mut request = Box::new(Request::new(Full::new(body.clone())));
        self.router.show(|_| drop(request.extensions_mut().insert(Frame(body))));
        *request.method_mut() = method;
        *request.uri_mut() = self.url.path.clone().into();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Adds what the revisions with sessions send with every request but the first.
    pub(super) fn add_session(&self, request: &mut Sent) {
        let session = self.session().clone();
        if let Some(id) = session.id {
            request.headers_mut().insert(SESSION, id);
        }
        if let Some(revision) = session.revision {
            request.headers_mut().insert(VERSION, HeaderValue::from_static(revision.as_str()));
        }
    }

    /// Sends a request and returns the response, if the server took it.
    ///
    /// # Errors
    /// When the server refuses or cannot be reached.
    pub(super) async fn send(self: &Arc<Self>, request: Sent) -> Result<Response<Body>> {
        let in_session = request.headers().contains_key(SESSION) && request.method() == Method::POST;
        let response = match &self.credentials {
            None => self.send_once(request).await?,
            Some(credentials) => Box::pin(self.send_with(&**credentials, &request)).await?,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        Err(Box::pin(self.refused(response, in_session)).await)
    }

    /// Why a request was refused.
    async fn refused(&self, response: Response<Body>, in_session: bool) -> Error {
        if in_session && response.status() == StatusCode::NOT_FOUND {
            return Error::SessionLost;
        }
        let status = response.status().as_u16();
        let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenge = challenges.collect::<Vec<_>>().join(", ");
        let body = response.into_body().collect(REFUSAL).await.unwrap_or_default();
        if !body.is_empty() {
            self.router.show(|observer| observer.received(&body));
        }
        let reason = wire::error_in(&body).map(Box::new);
        Error::Refused { status, challenge: Some(challenge).filter(|challenge| !challenge.is_empty()), reason }
    }

    /// Sends a request as it is, and shows it to whoever looks on.
    async fn send_once(&self, request: Sent) -> Result<Response<Body>> {
        self.router.show(|observer| {
            observer.requested(request.method(), request.uri().path(), request.headers());
            if let Some(Frame(body)) = request.extensions().get().filter(|Frame(body)| !body.is_empty()) {
                observer.sent(body);
            }
        });
        let response = self.pool.send(request).await?;
        self.router.show(|observer| observer.responded(response.status(), response.headers()));
        Ok(response)
    }

    /// Sends a request with what lets it in, again while the credentials know what to do about a refusal.
    async fn send_with(&self, credentials: &dyn Credentials, request: &Sent) -> Result<Response<Body>> {
        let asked = Asked { resource: &self.resource, method: request.method().as_str(), url: &self.url };
        let mut attempt = 0;
        loop {
            // A person may have to sign in, which the time for the answer does not count.
            let busy = self.router.busy();
            let pass = credentials.pass(&asked).await?;
            drop(busy);
            let mut sent = request.clone();
            if let Some(pass) = pass.clone() {
                pass.add_to(sent.headers_mut());
            }
            let response = self.send_once(sent).await?;
            attempt += 1;
            // Nobody signs in to say good-bye.
            let is_last = attempt > MOST_CHALLENGES || request.method() == Method::DELETE;
            if is_last || !matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                return Ok(response);
            }
            let challenge = Challenge {
                resource: &self.resource,
                status: response.status().as_u16(),
                pass: pass.as_ref(),
                attempt,
                headers: response.headers(),
                peer: response.body().peer(),
            };
            let _busy = self.router.busy();
            if credentials.challenged(&challenge).await? == Retry::GiveUp {
                return Ok(response);
            }
        }
    }
}

#[async_trait]
impl Outbound for Arc<Peer> {
    async fn send(&self, frame: Bytes) -> Result<()> {
        let mut request = self.post(frame);
        self.add_session(&mut request);
        let sending = async {
            let response = Peer::send(self, request).await?;
            // Read, so that the connection can be used again; nothing of use is in it.
            response.into_body().collect(REFUSAL).await.map(drop)
        };
        self.router.wait(self.patience, sending).await
    }
}

/// What kind of body a response has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Stream,
    Other,
}

impl Kind {
    pub(super) fn of<B>(response: &Response<B>) -> Self {
        let declared = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        match declared.split(';').next().unwrap_or_default().trim() {
            kind if kind.eq_ignore_ascii_case("application/json") => Self::Json,
            kind if kind.eq_ignore_ascii_case("text/event-stream") => Self::Stream,
            _ => Self::Other,
        }
    }
}
