//! Asking over HTTP: bounded answers, a time-out, and no redirect that is followed unseen.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request};
use mcp_client::oauth::{Fetch as _, Web};
use serde_json::Value;

use super::seen::{Answer, Seen};

/// What asks, one request on each connection.
#[derive(Debug)]
pub(crate) struct Probe {
    web: Web,
    timeout: Duration,
}

impl Probe {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { web: Web::default(), timeout }
    }

    /// Reads something.
    pub(crate) async fn get(&self, url: &str, headers: &[(&'static str, &str)]) -> Seen {
        self.ask("GET", url, headers, Bytes::new()).await
    }

    /// Sends a JSON-RPC message, as clients of Streamable HTTP do.
    pub(crate) async fn message(&self, url: &str, headers: &[(&'static str, &str)], message: &Value) -> Seen {
        let own = [(ACCEPT.as_str(), "application/json, text/event-stream"), (CONTENT_TYPE.as_str(), "application/json")];
        self.ask("POST", url, &[&own, headers].concat(), message.to_string().into()).await
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn ask(&self, method: &'static str, url: &str, headers: &[(&'static str, &str)], body: Bytes) -> Seen {
        let begun = Instant::now();
        let answer = match request(method, url, headers, body) {
            Err(why) => Err(why),
            Ok(request) => match tokio::time::timeout(self.timeout, self.web.fetch(request)).await {
                Err(_) => Err(format!("there is no answer within {:?}", self.timeout)),
                Ok(Err(error)) => Err(error.to_string()),
                Ok(Ok(answer)) => {
                    let (head, body) = answer.into_parts();
                    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
                }
            },
        };
        Seen { method, url: url.to_owned(), answer, took: begun.elapsed() }
    }
}

fn request(method: &'static str, url: &str, headers: &[(&'static str, &str)], body: Bytes) -> Result<Request<Bytes>, String> {
    let mut request = Request::new(body);
    *request.method_mut() = method.parse::<Method>().map_err(|error| error.to_string())?;
    *request.uri_mut() = url.parse().map_err(|_| "it is not a URL that can be asked over HTTP".to_owned())?;
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).map_err(|_| format!("the header `{name}` cannot be sent"))?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}
