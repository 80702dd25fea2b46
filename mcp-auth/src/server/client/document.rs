//! A client that is the URL of a document about it (draft-ietf-oauth-client-id-metadata-document-00).

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use url::{Host, Url};

use super::metadata::{Metadata, bad};
use super::{Client, ClientSource};
use crate::jwt::json::object;
use crate::server::error::OAuthError;

/// The longest client id that is a URL, in bytes: what belongs to a client is found by its id.
const MAX_ID: usize = mcp_store::MAX_ID_BYTES;
/// The largest document that is read, in bytes.
const MAX_BYTES: usize = 64 * 1_024;
/// What the draft recommends to stay below, in bytes (section 6.6).
const RECOMMENDED_BYTES: usize = 5 * 1_024;
/// How long a document is used that does not say.
const USUAL_AGE: Duration = Duration::from_secs(60 * 60);
const MIN_AGE: u64 = 60;
const MAX_AGE: u64 = 24 * 60 * 60;

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoDocument {
    /// The host's word is that there is none, or one that cannot be used. The client's developer is told why.
    Refused(String),
    /// It cannot be found out now; an earlier answer may be used. Why is for the log.
    Unavailable(String),
}

/// Whether a client id is a URL that a document may be at (section 3); `loopback` if it may be on this computer.
///
/// # Errors
/// What is wrong with it, in words for the client's developer.
pub(super) fn check_id(id: &str, loopback: bool) -> Result<(), &'static str> {
    if id.len() > MAX_ID {
        return Err("the client id is longer than 512 bytes");
    }
    let url = Url::parse(id).map_err(|_| "the client id is a malformed URL")?;
    // What is compared, what is fetched and what is shown are the same text then: no dots, capitals, usual ports or numbers as hosts.
    if url.as_str() != id || id.contains('#') {
        return Err("the client id is a URL that is not written as it is asked, or has a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the client id is a URL that names a user");
    }
    if url.path() == "/" {
        return Err("the client id is a URL without a path");
    }
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if here && loopback && matches!(url.scheme(), "http" | "https") {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err("the client id is a URL without https");
    }
    if !url.domain().is_some_and(|name| name.trim_end_matches('.').contains('.')) {
        return Err("the client id is a URL of a host without a public name");
    }
    if url.port().is_some_and(|port| port < 1_024) {
        return Err("the client id is a URL with the port of another service");
    }
    Ok(())
}

/// Reads the answer to a request for the document of a client, and for how long it may be used.
///
/// # Errors
/// Why it is none. Walls that hold robots off answer in the place of hosts, so most of what is no document says nothing.
pub(super) fn read(id: &str, response: &Response<Bytes>, now: u64) -> Result<(Client, Duration), NoDocument> {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(NoDocument::Refused("there is no document at the client id".to_owned())),
        status => return Err(NoDocument::Unavailable(format!("the answer has the status {}", status.as_u16()))),
    }
    if !is_json(response.headers()) {
        return Err(NoDocument::Unavailable("the answer is no JSON".to_owned()));
    }
    let client = parse(id, response.body(), now).map_err(|error| NoDocument::Refused(error.description.into_owned()))?;
    Ok((client, age(response.headers())))
}

/// Reads a document (section 4).
///
/// # Errors
/// `invalid_client_metadata` and `invalid_redirect_uri`.
pub(super) fn parse(id: &str, document: &[u8], now: u64) -> Result<Client, OAuthError> {
    if document.len() > MAX_BYTES {
        return Err(bad("the client's document is larger than 64 KiB"));
    }
    if document.len() > RECOMMENDED_BYTES {
        tracing::warn!(client = id, bytes = document.len(), "the document of a client is larger than 5 KiB");
    }
    let members = object(document).map_err(|_| bad("the client's document is no JSON object with each member once"))?;
    if members.get("client_id").and_then(|value| value.as_str()) != Some(id) {
        return Err(bad("the `client_id` in the client's document is not the URL of the document"));
    }
    if members.contains_key("client_secret") || members.contains_key("client_secret_expires_at") {
        return Err(bad("the client's document holds a secret"));
    }
    if !members.get("client_name").is_some_and(|name| name.is_string()) {
        return Err(bad("the client's document has no `client_name`"));
    }
    let metadata = Metadata::read(&members, ClientSource::Document)?;
    Ok(metadata.into_client(id.to_owned(), ClientSource::Document, now))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

/// For how long an answer may be used (RFC 9111, section 5.2.2), within bounds.
fn age(headers: &HeaderMap) -> Duration {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut age = None;
    for directive in values.flat_map(|value| value.split(',')).map(|directive| directive.trim().to_ascii_lowercase()) {
        match directive.split_once('=') {
            None if directive == "no-store" || directive == "no-cache" => return Duration::from_secs(MIN_AGE),
            // A number too large to be read is a long time.
            Some(("max-age", seconds)) => age = Some(seconds.trim_matches('"').parse().unwrap_or(MAX_AGE)),
            _ => {}
        }
    }
    age.map_or(USUAL_AGE, |seconds: u64| Duration::from_secs(seconds.clamp(MIN_AGE, MAX_AGE)))
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
