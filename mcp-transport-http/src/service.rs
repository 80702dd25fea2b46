//! The transports as one service.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::ORIGIN;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use mcp_auth::{Credentials, Resource};
use mcp_core::{Dispatcher, Principal};

use crate::body::HttpBody;
use crate::config::{ConfigError, HttpConfig};
use crate::guard::Guard;
use crate::http_sse::Connections;
use crate::request::{self, RequestHeaders};
use crate::resume::Streams;
use crate::{cors, endpoint, http_sse, plain, status};

/// The HTTP transports of one dispatcher, as a tower service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpService(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) config: HttpConfig,
    pub(crate) guard: Guard,
    /// What tokens must be meant for.
    pub(crate) resource: Resource,
    pub(crate) streams: Streams,
    pub(crate) connections: Connections,
}

/// What a path leads to.
enum Route {
    Endpoint,
    Sse,
    Messages,
    Plain(plain::Page),
    Nothing,
}

impl HttpService {
    /// Serves `dispatcher` as `config` says.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(dispatcher: Dispatcher, config: HttpConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let (guard, resource) = (Guard::new(&config), config.resource()?);
        Ok(Self(Arc::new(Inner { dispatcher, guard, resource, config, streams: Streams::default(), connections: Connections::default() })))
    }

    /// The dispatcher that answers.
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.0.dispatcher
    }

    /// The hosts accepted in `Host`, for people.
    pub fn accepted_hosts(&self) -> String {
        self.0.guard.describe()
    }

    fn route(&self, path: &str) -> Route {
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
        for sse in &config.sse_paths {
            match path.strip_prefix(sse.as_str()) {
                Some("") => return Route::Sse,
                Some("/messages") => return Route::Messages,
                _ => {}
            }
        }
        Route::Nothing
    }

    /// Answers one request.
    pub async fn handle<B: Body<Data = Bytes>>(&self, request: Request<B>) -> Response<HttpBody> {
        let (mut parts, body) = request.into_parts();
        if let Err(reply) = self.0.guard.check(&parts.headers, parts.uri.authority()) {
            return status::respond(reply);
        }
        if parts.method == Method::OPTIONS {
            return cors::preflight(&parts.headers);
        }
        let origin = parts.headers.get(ORIGIN).cloned();
        let headers = RequestHeaders::take(&mut parts);
        let mut response = match self.route(parts.uri.path()) {
            Route::Endpoint => endpoint::answer(self, parts, headers, body).await,
            Route::Sse => http_sse::open(self, parts, headers).await,
            Route::Messages => http_sse::receive(self, parts, headers, body).await,
            Route::Plain(page) => plain::answer(self, page, parts, headers, body).await,
            Route::Nothing => status::no_such_path(&self.0.config.path),
        };
        cors::allow(&mut response, origin.as_ref());
        response
    }

    /// Decides who is calling; nothing of the body is read before.
    pub(crate) async fn authenticate(&self, parts: &Parts, headers: &RequestHeaders) -> Result<Principal, Response<HttpBody>> {
        let credentials = Credentials::new(headers, request::peer(parts), &self.0.resource);
        self.0.config.authenticator.authenticate(credentials).await.map_err(|error| status::unauthenticated(&error))
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
