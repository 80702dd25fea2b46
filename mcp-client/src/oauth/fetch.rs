//! Requests to authorization servers.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, HOST, LOCATION};
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::error::{OAuthError, Result};
use super::look_up::{LookUp, System};
use super::reach::Reach;
use crate::http::{Pool, Proxies, Tls, Url};

/// Most bytes of an answer.
const LARGEST: usize = 256 * 1_024;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// Most redirects of one document.
const MOST_REDIRECTS: usize = 3;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Sends a request to where its absolute URI says and returns the whole answer. Follows no redirects.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    /// When there is no answer, or more of it than anybody needs.
    async fn fetch(&self, request: Request<Bytes>) -> crate::Result<Response<Bytes>>;
}

/// Over HTTP and TLS, with a connection for each request.
///
/// A name to which a server on the Internet leads is followed only to addresses on the Internet. Where a proxy stands between, the proxy looks names up.
#[derive(Clone)]
pub struct Web {
    tls: Tls,
    proxies: Proxies,
    look_up: Arc<dyn LookUp>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("tls", &self.tls).field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

impl Default for Web {
    fn default() -> Self {
        Self { tls: Tls::default(), proxies: Proxies::default(), look_up: Arc::new(System) }
    }
}

impl Web {
    /// Trusts these certificate authorities (PEM) besides those that the system trusts.
    ///
    /// # Errors
    /// When the text holds no certificate, or one that cannot be read.
    pub fn trusting(&self, pem: &[u8]) -> crate::Result<Self> {
        Ok(Self { tls: self.tls.trusting(pem)?, ..self.clone() })
    }

    /// Through which proxies hosts are reached; by default those that the environment names.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Looks names up elsewhere than at the operating system.
    #[must_use]
    pub fn look_up(mut self, look_up: impl LookUp + 'static) -> Self {
        self.look_up = Arc::new(look_up);
        self
    }

    /// Where the host of a URL is, as far as it can be reached from as far as `least`; nothing where a proxy has to find out.
    async fn addresses(&self, url: &Url, least: Reach) -> crate::Result<Vec<SocketAddr>> {
        if self.proxies.stand_before(url) {
            return Ok(Vec::new());
        }
        let found = self.look_up.look_up(url.host(), url.port()).await;
        let found = found.map_err(|error| crate::Error::unreachable(format!("{} cannot be found", url.authority()), error))?;
        let fit: Vec<SocketAddr> = found.into_iter().filter(|address| Reach::of_address(address.ip()) >= least).collect();
        if fit.is_empty() {
            let why = "its name leads to this machine or a private network, and the server is elsewhere";
            return Err(OAuthError::UnfitUrl { url: url.to_string(), why }.into());
        }
        Ok(fit)
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, mut request: Request<Bytes>) -> crate::Result<Response<Bytes>> {
        let url = Url::parse(&request.uri().to_string())?;
        *request.uri_mut() = url.path.clone().into();
        let host = HeaderValue::from_str(url.authority()).expect("an authority is visible ASCII");
        request.headers_mut().insert(HOST, host);
        let least = request.extensions_mut().remove::<Reach>().unwrap_or_default();
        let asking = async {
            let addresses = self.addresses(&url, least).await?;
            let pool = Pool::at(url, addresses, CONNECT, self.tls.clone(), self.proxies.clone());
            let (head, body) = pool.send(Box::new(request.map(Full::new))).await?.into_parts();
            Ok(Response::from_parts(head, body.collect(LARGEST).await?))
        };
        timeout(ANSWER, asking).await.unwrap_or(Err(crate::Error::Timeout(ANSWER)))
    }
}

/// Sends a request to where a server of this reach leads; that there is no answer is nobody's refusal.
pub(crate) async fn send(fetch: &dyn Fetch, reach: Reach, mut request: Request<Bytes>) -> Result<Response<Bytes>> {
    let uri = request.uri().clone();
    request.extensions_mut().insert(reach);
    let answer = fetch.fetch(request).await.map_err(|error| match error {
        crate::Error::Authorization(cause) => match cause.downcast() {
            Ok(unfit) => *unfit,
            Err(cause) => OAuthError::Unavailable(cause.to_string()),
        },
        error => OAuthError::Unavailable(error.to_string()),
    })?;
    if answer.status().is_server_error() || answer.status().as_u16() == 429 {
        return Err(OAuthError::Unavailable(format!("`{uri}` answered with status {}", answer.status().as_u16())));
    }
    Ok(answer)
}

/// Gets a JSON document, following few redirects, each of which has to be fit as well. `None` when there is none.
///
/// # Errors
/// When it cannot be told whether there is one, or it leads where it must not.
pub(crate) async fn document<T: DeserializeOwned>(fetch: &dyn Fetch, reach: Reach, url: &str) -> Result<Option<T>> {
    let mut url = reach.check(url)?;
    for _ in 0..=MOST_REDIRECTS {
        url.set_fragment(None);
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri(&url)?;
        request.headers_mut().insert(ACCEPT, JSON);
        let answer = send(fetch, reach, request).await?;
        if answer.status().is_redirection() {
            let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let Some(next) = location.and_then(|location| url.join(location).ok()) else { return Ok(None) };
            let from = Reach::of(&url);
            url = from.max(reach).check(next.as_str())?;
            continue;
        }
        if !answer.status().is_success() {
            return Ok(None);
        }
        // Web applications answer whatever is asked with their page.
        return Ok(serde_json::from_slice(answer.body()).inspect_err(|error| tracing::debug!(%url, %error, "not the document")).ok());
    }
    Err(OAuthError::discovery(format!("`{url}` is redirected too often")))
}

/// A URL as a request has it.
pub(crate) fn uri(url: &url::Url) -> Result<http::Uri> {
    url.as_str().parse().map_err(|_| OAuthError::UnfitUrl { url: url.to_string(), why: "it cannot be asked over HTTP" })
}
