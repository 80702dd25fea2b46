//! Asking others: the one way in which anything of this crate reaches the network.

mod address;
#[cfg(test)]
pub(crate) mod fake;
mod guarded;
pub(crate) mod kept;
mod names;
mod policy;
mod resolver;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

pub use guarded::GuardedFetcher;
pub use names::LookUp;
pub use policy::FetchPolicy;

/// Sends requests to issuers. [`GuardedFetcher`](crate::GuardedFetcher) does it with care; tests and users with a proxy bring their own.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// Sends a request to the absolute URL in it and reads the whole answer. Redirects are not followed.
    ///
    /// # Errors
    /// When there is no answer, or one that may not be read.
    async fn fetch(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError>;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The request may not be made: a scheme, host or address that is not allowed.
    Refused(String),
    /// The answer is larger than allowed.
    TooLarge,
    /// Nobody answered in time, or the connection broke.
    Unreachable(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "the request may not be made: {why}"),
            Self::TooLarge => f.write_str("the answer is larger than allowed"),
            Self::Unreachable(why) => write!(f, "there was no answer: {why}"),
        }
    }
}

impl std::error::Error for FetchError {}

/// Reads a JSON document; `None` if there is none at this URL.
///
/// # Errors
/// When there is no answer, or one that may not be read.
pub(crate) async fn document(fetcher: &dyn Fetch, url: &str) -> Result<Option<Bytes>, FetchError> {
    let request = Request::get(url).header(http::header::ACCEPT, "application/json").body(Bytes::new());
    let request = request.map_err(|_| FetchError::Refused("the URL is malformed".to_owned()))?;
    let response = fetcher.fetch(request).await?;
    Ok((response.status() == StatusCode::OK).then(|| response.into_body()))
}
