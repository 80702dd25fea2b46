//! A request.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Method, Request};

use super::Params;

/// A request to the authorization server. `Debug` shows method and path only.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Params,
    /// The query as it was sent.
    raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The address of the client.
    pub(crate) peer: Option<IpAddr>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asked({} {})", self.method, self.path)
    }
}

impl Asked {
    pub(crate) fn new(request: Request<Bytes>, peer: Option<IpAddr>) -> Self {
        let (parts, body) = request.into_parts();
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let query = Params::parse(raw_query.as_bytes());
        Self { method: parts.method, path: parts.uri.path().to_owned(), query, raw_query, headers: parts.headers, body, peer }
    }

    /// The query as it was sent.
    pub(crate) fn query_text(&self) -> &str {
        &self.raw_query
    }

    /// A header that occurs once and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        values.next().is_none().then(|| value.to_str().ok())?
    }

    /// The media type of the body, without parameters and in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header(CONTENT_TYPE.as_str())?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The form in the body; `None` if it is something else.
    pub(crate) fn form(&self) -> Option<Params> {
        (self.media_type()? == "application/x-www-form-urlencoded").then(|| Params::parse(&self.body))
    }

    /// The value of a cookie; of several with one name, none: one of them may be somebody else's.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
        let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(found, _)| *found == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// Whom an address belongs to: of IPv6, everybody is given a /64 at least.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
    }
}
