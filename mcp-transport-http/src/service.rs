//! The transports as one service.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use mcp_auth::{AuthError, AuthMode, Credentials, Reach, Resource};
use mcp_core::{Dispatcher, Exchange, Principal, Transport};

use crate::body::HttpBody;
use crate::config::{ConfigError, HttpConfig};
use crate::guard::Guard;
use crate::http_sse::Connections;
use crate::metadata::{self, WELL_KNOWN};
use crate::request::{self, RequestHeaders};
use crate::resume::Streams;
use crate::{beside, cors, endpoint, http_sse, plain, status};

/// The HTTP transports of one dispatcher, as a tower service, and of those served besides it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpService(pub(crate) Arc<Inner>, Vec<HttpService>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) config: HttpConfig,
    pub(crate) guard: Guard,
    /// What tokens must be meant for.
    pub(crate) resource: Resource,
    /// The same at the paths of HTTP+SSE.
    pub(crate) sse: Vec<Resource>,
    pub(crate) streams: Streams,
    pub(crate) connections: Connections,
}

/// What a path leads to.
enum Route<'a> {
    Endpoint,
    Sse(&'a Resource),
    Messages(&'a Resource),
    Plain(plain::Page),
    Metadata(&'a Resource),
    Beside(Reach),
    Nothing,
}

impl HttpService {
    /// Serves `dispatcher` as `config` says.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(dispatcher: Dispatcher, config: HttpConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let (guard, (resource, sse)) = (Guard::new(&config), config.resources()?);
        Ok(Self(
            Arc::new(Inner { dispatcher, guard, resource, sse, config, streams: Streams::default(), connections: Connections::default() }),
            Vec::new(),
        ))
    }

    /// The dispatcher that answers.
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.0.dispatcher
    }

    /// The hosts accepted in `Host`, for people.
    pub fn accepted_hosts(&self) -> String {
        self.0.guard.describe()
    }

    fn route(&self, path: &str) -> Route<'_> {
        let config = &self.0.config;
        if path == config.path
            || (config.path != "/" && path.strip_suffix('/') == Some(&*config.path))
            || (config.path == "/" && path.is_empty())
        {
            return Route::Endpoint;
        }
        if config.plain
            && let Some(rest) = path.strip_prefix(config.path.trim_end_matches('/'))
            && let Some(page) = plain::Page::find(rest)
        {
            return Route::Plain(page);
        }
        if let Some(resource) = self.published_at(path) {
            return Route::Metadata(resource);
        }
        for (sse, resource) in config.sse_paths.iter().zip(&self.0.sse) {
            match path.strip_prefix(sse.as_str()) {
                Some("") => return Route::Sse(resource),
                Some("/messages") => return Route::Messages(resource),
                _ => {}
            }
        }
        match config.site.0.as_ref().and_then(|site| site.serves(path)) {
            Some(reach) => Route::Beside(reach),
            None => Route::Nothing,
        }
    }

    /// Serves another endpoint besides this one, with settings of its own: other tools, other providers.
    ///
    /// The settings of connections are this one's.
    ///
    /// # Errors
    /// When both serve the same path.
    pub fn and(mut self, other: Self) -> Result<Self, ConfigError> {
        for path in std::iter::once(&other.0.config.path).chain(&other.0.config.sse_paths) {
            if !matches!(self.find(path).1, Route::Nothing) {
                return Err(ConfigError(format!("`{path}` is served twice; give one of the endpoints another path")));
            }
        }
        self.1.push(other);
        Ok(self)
    }

    /// This endpoint and those besides it.
    fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.1)
    }

    /// The endpoint that serves a path, and what the path leads to there.
    fn find(&self, path: &str) -> (&Self, Route<'_>) {
        for service in self.all() {
            match service.route(path) {
                Route::Nothing => {}
                route => return (service, route),
            }
        }
        // Old clients look at the root whatever the path; with several resources it is nobody's.
        if path == WELL_KNOWN {
            let mut published = self.all().filter(|service| service.has_metadata());
            if let (Some(only), None) = (published.next(), published.next()) {
                return (only, Route::Metadata(&only.0.resource));
            }
        }
        (self, Route::Nothing)
    }

    /// Asks the long-running streams of every endpoint to end.
    pub(crate) fn shut_down(&self) {
        for service in self.all() {
            service.0.dispatcher.shut_down();
        }
    }

    /// Answers one request.
    pub async fn handle<B: Body<Data = Bytes>>(&self, request: Request<B>) -> Response<HttpBody> {
        let (mut parts, body) = request.into_parts();
        if let Some((live, ready)) = &self.0.config.health_paths
            && parts.method == Method::GET
            && (parts.uri.path() == live || parts.uri.path() == ready)
        {
            return metadata::health(parts.uri.path() == live || !self.0.dispatcher.is_shutting_down());
        }
        let (service, route) = self.find(parts.uri.path());
        let mut origin = parts.headers.get(ORIGIN).cloned();
        if matches!(route, Route::Metadata(_) | Route::Beside(Reach::Everywhere)) {
            // It is for pages of every origin: a client in a browser reads it before it can be anybody's.
            parts.headers.remove(ORIGIN);
            origin = Some(HeaderValue::from_static("*"));
        }
        let own_pages = matches!(route, Route::Beside(Reach::OwnPages));
        let guarded = if own_pages {
            // Browsers send `Origin: null` with forms of pages that hide where they are; the site looks at the origin itself.
            service.0.guard.check_host(&parts.headers, parts.uri.authority())
        } else {
            service.0.guard.check(&parts.headers, parts.uri.authority())
        };
        if let Err(reply) = guarded {
            let address = request::peer(&parts);
            service.0.dispatcher.refused_stranger(Transport::StreamableHttp, address, "host or origin", false);
            return status::respond(reply);
        }
        if parts.method == Method::OPTIONS && !own_pages {
            return cors::preflight(&parts.headers, origin.as_ref());
        }
        let headers = RequestHeaders::take(&mut parts);
        let asked = match route {
            Route::Sse(resource) | Route::Messages(resource) => resource,
            _ => &service.0.resource,
        };
        let mut response = match route {
            // What it says to browsers it says itself.
            Route::Beside(Reach::OwnPages) => return beside::answer(service, parts, headers, body).await,
            Route::Beside(Reach::Everywhere) => {
                let mut response = beside::answer(service, parts, headers, body).await;
                cors::allow(&mut response, origin.as_ref());
                return response;
            }
            Route::Endpoint => endpoint::answer(service, parts, headers, body).await,
            Route::Sse(resource) => http_sse::open(service, resource, parts, headers).await,
            Route::Messages(resource) => http_sse::receive(service, resource, parts, headers, body).await,
            Route::Plain(page) => plain::answer(service, page, parts, headers, body).await,
            Route::Metadata(resource) => metadata::protected_resource(service, resource, &parts.method),
            Route::Nothing => status::no_such_path(&service.0.config.path),
        };
        status::complete_challenge(&mut response, service, asked);
        cors::allow(&mut response, origin.as_ref());
        response
    }

    /// Decides who is calling the endpoint; nothing of the body is read before.
    pub(crate) async fn authenticate(
        &self,
        parts: &Parts,
        headers: &RequestHeaders,
        transport: Transport,
    ) -> Result<Principal, Response<HttpBody>> {
        self.authenticate_for(&self.0.resource, parts, headers, transport).await
    }

    /// Decides who is calling with a token that is good for this resource.
    pub(crate) async fn authenticate_for(
        &self,
        resource: &Resource,
        parts: &Parts,
        headers: &RequestHeaders,
        transport: Transport,
    ) -> Result<Principal, Response<HttpBody>> {
        let config = &self.0.config;
        let address = self.client_address(parts, headers);
        // Until it is known who is calling, and if that is nobody, until that is counted.
        let _stranger = match self.0.dispatcher.admit_stranger(transport, address) {
            Ok(stranger) => stranger,
            Err(reply) => return Err(status::respond(reply)),
        };
        let mut credentials = Credentials::new(headers, request::peer(parts), resource);
        if let Some(connection) = request::connection(parts) {
            credentials = credentials.after(connection.last_token());
        }
        let verdict = match config.authenticator.authenticate(credentials).await {
            // There is a token, and nobody who takes tokens.
            Err(AuthError::Missing) if credentials.bearer().is_ok_and(|token| token.is_some()) => Err(AuthError::NotMine),
            verdict => verdict,
        };
        match verdict {
            Err(AuthError::Missing) if config.auth_mode != AuthMode::Required && !headers.map().contains_key(AUTHORIZATION) => {
                Ok(Principal::anonymous())
            }
            Err(error) => {
                let down = matches!(error, AuthError::Unavailable { .. });
                self.0.dispatcher.refused_stranger(transport, address, error.kind(), !down);
                Err(status::unauthenticated(&error))
            }
            Ok(principal) => Ok(principal),
        }
    }

    /// The address of the client, behind a proxy as the configuration finds it.
    pub(crate) fn client_address(&self, parts: &Parts, headers: &RequestHeaders) -> Option<IpAddr> {
        let peer = request::peer(parts)?;
        let Some(find) = self.0.config.client_address.finder() else { return Some(peer) };
        // Some proxies append a line of their own, and what a caller sent stands before it: all lines are one list.
        // One that is not text becomes an entry that is no address.
        let lines = headers.map().get_all("x-forwarded-for").iter().map(|line| line.to_str().unwrap_or("?"));
        let forwarded = lines.collect::<Vec<_>>().join(",");
        Some(find(peer, (!forwarded.is_empty()).then_some(&*forwarded)))
    }

    /// What is known of a message besides its bytes.
    pub(crate) fn exchange(&self, parts: &Parts, headers: Arc<RequestHeaders>, principal: Principal, transport: Transport) -> Exchange {
        let address = self.client_address(parts, &headers);
        let mut exchange = Exchange::with_headers(headers, address, principal, transport);
        exchange.looks_only = self.0.config.auth_mode == AuthMode::Lazy;
        exchange
    }
}

impl<B> tower_service::Service<Request<B>> for HttpService
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<HttpBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.handle(request).await) })
    }
}
