//! Requests to hosts that somebody else names: only to the Internet, and only so much of the answer.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::Client;
use url::Url;

use super::names::{LookUp, System};
use super::policy::FetchPolicy;
use super::resolver::{NoAddress, Resolver};
use super::{Fetch, FetchError};

/// Sends requests to issuers and to nobody else.
///
/// URLs come from configuration and from documents of issuers, and must not turn the server against its own
/// network. So it is `https` to addresses that are routed on the Internet, checked after the name is resolved
/// and used as they were checked; without redirects, proxies, cookies and decompression; and never more of an
/// answer than the policy allows. Certificates are checked as the system does.
pub struct GuardedFetcher {
    policy: Arc<FetchPolicy>,
    secure: Client,
    /// For connections without TLS, if the policy allows any.
    plain: Option<Client>,
}

impl fmt::Debug for GuardedFetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFetcher").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl GuardedFetcher {
    /// A fetcher that keeps to a policy.
    ///
    /// # Errors
    /// When the system's certificate authorities cannot be read.
    pub fn new(policy: FetchPolicy) -> Result<Self, FetchError> {
        Self::with_names(policy, System)
    }

    /// The same, with a names service of one's own.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_names(policy: FetchPolicy, names: impl LookUp) -> Result<Self, FetchError> {
        let (policy, names) = (Arc::new(policy), Arc::new(names));
        let client = |plain| client(Resolver { policy: Arc::clone(&policy), names: names.clone(), plain });
        let secure = client(false)?;
        let plain = if policy.allow_loopback_http { Some(client(true)?) } else { None };
        Ok(Self { policy, secure, plain })
    }
}

#[async_trait]
impl Fetch for GuardedFetcher {
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let (parts, body) = request.into_parts();
        // From here on only the parsed URL counts: what was checked is what is asked.
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| FetchError::Refused("the URL is malformed".to_owned()))?;
        self.policy.check(&url)?;
        let client = if url.scheme() == "https" { &self.secure } else { self.plain.as_ref().unwrap_or(&self.secure) };
        let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await.map_err(explain)?;
        self.read(answer).await
    }
}

impl GuardedFetcher {
    /// Reads an answer in pieces and stops above the limit, whatever length it claims to have.
    async fn read(&self, mut answer: reqwest::Response) -> Result<Response<Bytes>, FetchError> {
        let limit = self.policy.max_body_bytes;
        if answer.content_length().is_some_and(|length| length > limit as u64) {
            return Err(FetchError::TooLarge);
        }
        let mut body = BytesMut::new();
        while let Some(piece) = answer.chunk().await.map_err(explain)? {
            if piece.len() > limit - body.len() {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

/// A client for connections with or without TLS, as the resolver is for.
fn client(resolver: Resolver) -> Result<Client, FetchError> {
    let policy = Arc::clone(&resolver.policy);
    Client::builder()
        .https_only(!resolver.plain)
        .dns_resolver(resolver)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        // Another crate in the same binary may have turned on what these turn off.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .timeout(policy.timeout)
        .connect_timeout(policy.connect_timeout)
        .user_agent(concat!("mcp-parity/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| FetchError::Refused("no HTTP client can be built here; are there certificate authorities?".to_owned()))
}

/// Says what happened in fixed words: the error itself names the URL, which may hold a secret.
#[allow(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn explain(error: reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if inner.is::<NoAddress>() {
            return FetchError::Refused(inner.to_string());
        }
        cause = inner.source();
    }
    let why = match () {
        () if error.is_timeout() => "it took too long",
        () if error.is_connect() => "no connection could be made",
        () if error.is_builder() => return FetchError::Refused("the request is malformed".to_owned()),
        () => "the connection broke",
    };
    FetchError::Unreachable(why.to_owned())
}

#[cfg(test)]
#[path = "guarded_tests.rs"]
mod tests;
