//! What goes over the wire, shown to people.

use http::{HeaderMap, Method, StatusCode};
use mcp_client::Observer;

use crate::redact;
use crate::terminal::note;

/// Shows what goes over the wire on the standard error, without secrets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Debug;

impl Observer for Debug {
    fn sent(&self, message: &[u8]) {
        note(&format!("--> {}", redact::message(message)));
    }

    fn received(&self, message: &[u8]) {
        note(&format!("<-- {}", redact::message(message)));
    }

    fn requested(&self, method: &Method, path: &str, headers: &HeaderMap) {
        note(&format!("--> {method} {path}{}", lines(headers)));
    }

    fn responded(&self, status: StatusCode, headers: &HeaderMap) {
        note(&format!("<-- HTTP {status}{}", lines(headers)));
    }
}

fn lines(headers: &HeaderMap) -> String {
    headers.iter().map(|(name, value)| format!("\n      {name}: {}", redact::header(name.as_str(), value))).collect()
}
