//! Requests to authorization servers.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, HOST, LOCATION};
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::error::{OAuthError, Result};
use super::reach::Reach;
use crate::http::{Pool, Tls, Url};

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
#[derive(Clone, Debug, Default)]
pub struct Web {
    tls: Tls,
}

impl Web {
    /// Trusts these certificate authorities (PEM) besides those that the system trusts.
    ///
    /// # Errors
    /// When the text holds no certificate, or one that cannot be read.
    pub fn trusting(&self, pem: &[u8]) -> crate::Result<Self> {
        Ok(Self { tls: self.tls.trusting(pem)? })
    }
}

#[async_trait]
impl Fetch for Web {
    async fn fetch(&self, mut request: Request<Bytes>) -> crate::Result<Response<Bytes>> {
        let url = Url::parse(&request.uri().to_string())?;
        *request.uri_mut() = url.path.clone().into();
        let host = HeaderValue::from_str(url.authority()).expect("an authority is visible ASCII");
        request.headers_mut().insert(HOST, host);
        let pool = Pool::new(url, CONNECT, self.tls.clone());
        let asking = async {
            let (head, body) = pool.send(Box::new(request.map(Full::new))).await?.into_parts();
            Ok(Response::from_parts(head, body.collect(LARGEST).await?))
        };
        timeout(ANSWER, asking).await.unwrap_or(Err(crate::Error::Timeout(ANSWER)))
    }
}

/// Sends a request; that there is no answer is nobody's refusal.
pub(crate) async fn send(fetch: &dyn Fetch, request: Request<Bytes>) -> Result<Response<Bytes>> {
    let uri = request.uri().clone();
    let answer = fetch.fetch(request).await.map_err(|error| OAuthError::Unavailable(error.to_string()))?;
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
        let answer = send(fetch, request).await?;
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
