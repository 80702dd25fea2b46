//! From a message of the manifest to the bytes and headers that are sent.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mcp_core::Revision;

use crate::fixture::{Body, Message};
use crate::member;

/// A message as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) bytes: Bytes,
    /// Headers that belong to the message; a wire adds those of its own.
    pub(crate) headers: Vec<(String, String)>,
    /// Place of the sender in the list of callers.
    pub(crate) caller: usize,
    /// How the same is asked of the plain adapter.
    pub(crate) plain: Option<PlainRequest>,
}

/// A request to the plain adapter.
#[derive(Clone, Debug)]
pub(crate) enum PlainRequest {
    List,
    Call { tool: String, body: Bytes },
}

/// What the composing of a message depends on.
#[derive(Clone, Debug)]
pub(crate) struct Setting<'s> {
    pub(crate) revision: Revision,
    pub(crate) capabilities: &'s str,
    pub(crate) session: Option<&'s str>,
    /// What the server last sent by some names.
    pub(crate) captured: &'s BTreeMap<&'static str, String>,
}

impl Setting<'_> {
    pub(crate) fn compose(&self, message: &Message, caller: usize) -> Outgoing {
        let bytes = self.bytes(&message.body);
        let mut headers = self.headers(&bytes);
        for (name, value) in &message.headers {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            if let Some(value) = value {
                headers.push((name.clone().into_owned(), self.fill(value)));
            }
        }
        let plain = plain(message, &bytes);
        Outgoing { bytes, headers, caller, plain }
    }

    fn bytes(&self, body: &Body) -> Bytes {
        match body {
            Body::Raw(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => self.fill(text).into(),
                Err(_) => Bytes::copy_from_slice(bytes),
            },
            Body::Request { id, method, params, progress, log } => {
                let meta = self.meta(*progress, *log);
                let params = match (params.is_empty(), meta.is_empty()) {
                    (true, _) => meta,
                    (false, true) => params.to_string(),
                    (false, false) => format!("{params},{meta}"),
                };
                let params = if params.is_empty() { params } else { format!(r#","params":{{{params}}}"#) };
                self.fill(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"{params}}}"#)).into()
            }
        }
    }

    /// The `_meta` member that the revision demands.
    fn meta(&self, progress: Option<&str>, log: Option<&str>) -> String {
        let mut members = Vec::new();
        if self.revision.is_modern() {
            members.push(format!(r#""io.modelcontextprotocol/protocolVersion":"{}""#, self.revision));
            members.push(r#""io.modelcontextprotocol/clientInfo":{"name":"testkit","version":"1.0.0"}"#.to_owned());
            members.push(format!(r#""io.modelcontextprotocol/clientCapabilities":{{{}}}"#, self.capabilities));
            members.extend(log.map(|level| format!(r#""io.modelcontextprotocol/logLevel":"{level}""#)));
        }
        members.extend(progress.map(|token| format!(r#""progressToken":{token}"#)));
        if members.is_empty() { String::new() } else { format!(r#""_meta":{{{}}}"#, members.join(",")) }
    }

    fn fill(&self, text: &str) -> String {
        if !text.contains('$') {
            return text.to_owned();
        }
        let meta = self.meta(None, None);
        let meta = if meta.is_empty() { r#""_meta":{}"# } else { &meta };
        let mut filled = text.replace("$meta", meta).replace("$session", self.session.unwrap_or("none"));
        for (name, value) in self.captured {
            filled = filled.replace(&format!("${name}"), value);
        }
        filled
    }

    /// The headers that repeat parts of a message and name its session.
    fn headers(&self, bytes: &[u8]) -> Vec<(String, String)> {
        let body = |path: &[&str]| member::text(bytes, path);
        let mut headers = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        if self.revision.is_modern() {
            let version = body(&["params", "_meta", "io.modelcontextprotocol/protocolVersion"]);
            add("MCP-Protocol-Version", version.as_deref().unwrap_or(self.revision.as_str()));
            if let Some(method) = body(&["method"]) {
                add("Mcp-Method", &method);
            }
            let named = body(&["params", "name"]).or_else(|| body(&["params", "uri"])).or_else(|| body(&["params", "taskId"]));
            if let Some(name) = named {
                add("Mcp-Name", &encoded(&name));
            }
        } else if body(&["method"]).as_deref() != Some("initialize") {
            if self.revision >= Revision::V2025_06_18 {
                add("MCP-Protocol-Version", self.revision.as_str());
            }
            if let Some(session) = self.session {
                add("Mcp-Session-Id", session);
            }
        }
        headers
    }
}

/// A text as a header value (2026-07-28, basic/transports/streamable-http, "Value Encoding").
pub(crate) fn encoded(text: &str) -> String {
    let plain = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) && text.trim() == text && !text.starts_with("=?base64?");
    if plain { text.to_owned() } else { format!("=?base64?{}?=", STANDARD.encode(text)) }
}

/// How a message is put to the plain adapter, if it can be.
fn plain(message: &Message, bytes: &Bytes) -> Option<PlainRequest> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Call<'a> {
        name: String,
        #[serde(borrow)]
        arguments: Option<&'a serde_json::value::RawValue>,
        #[serde(rename = "_meta")]
        _meta: Option<serde::de::IgnoredAny>,
    }
    #[derive(serde::Deserialize)]
    struct Frame<'a> {
        #[serde(borrow)]
        params: Option<&'a serde_json::value::RawValue>,
    }
    if let Some(tool) = message.plain {
        return Some(PlainRequest::Call { tool: tool.to_owned(), body: bytes.clone() });
    }
    let Body::Request { method, params, progress: None, log: None, .. } = &message.body else { return None };
    match &**method {
        "tools/list" if params.is_empty() => Some(PlainRequest::List),
        "tools/call" => {
            let frame: Frame<'_> = serde_json::from_slice(bytes).ok()?;
            let call: Call<'_> = serde_json::from_str(frame.params?.get()).ok()?;
            let arguments = call.arguments.map_or("{}", serde_json::value::RawValue::get);
            let path_safe = call.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
            let given = path_safe && !call.name.is_empty() && arguments.starts_with('{');
            given.then(|| PlainRequest::Call { tool: call.name, body: Bytes::copy_from_slice(arguments.as_bytes()) })
        }
        _ => None,
    }
}
