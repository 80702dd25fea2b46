//! A session as somebody who is signed in: the last fourteen steps of a recorded connection.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderMap, Method, StatusCode};
use mcp_client::{Client, Era, Filter, Observer};
use serde_json::{Map, Value, json};

use super::probe::Probe;
use super::seen::Seen;
use super::walk::initialize;

/// What was answered in a session.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// `initialize`, with a token if there is one.
    pub(crate) initialize: Option<Seen>,
    pub(crate) initialized: Option<Seen>,
    /// The status of the answer to `GET`, and its `Allow`.
    pub(crate) stream: Option<(u16, Option<String>)>,
    pub(crate) list: Option<Seen>,
    /// The tool that was called, and the answer.
    pub(crate) call: Option<(String, Seen)>,
    /// `server/discover`, for clients without sessions.
    pub(crate) discover: Option<Seen>,
}

/// The newest revision, which has no sessions.
const MODERN: &str = "2026-07-28";
/// How long the answer to `GET` is waited for: a stream begins at once.
const STREAM: Duration = Duration::from_secs(5);

/// Opens a session, lists the tools, calls one that only reads, and ends the session.
pub(crate) async fn hold(probe: &Probe, url: &str, token: Option<&str>) -> Session {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let mut headers: Vec<(&'static str, &str)> = Vec::new();
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    let mut session = Session { discover: Some(discover(probe, url, &headers).await), ..Session::default() };
    let opened = probe.message(url, &headers, &initialize()).await;
    let agreed = result(&opened).and_then(|result| Some(result.get("protocolVersion")?.as_str()?.to_owned()));
    let id = opened.header("mcp-session-id").map(str::to_owned);
    session.initialize = Some(opened);
    let Some(revision) = agreed else { return session };
    headers.push(("mcp-protocol-version", &revision));
    headers.extend(id.as_deref().map(|id| ("mcp-session-id", id)));
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    session.initialized = Some(probe.message(url, &headers, &initialized).await);
    session.stream = stream(url, token).await;
    let list = probe.message(url, &headers, &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})).await;
    let tool = result(&list).and_then(|result| harmless(&result));
    session.list = Some(list);
    if let Some(name) = tool {
        let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": name, "arguments": {}}});
        let seen = probe.message(url, &headers, &call).await;
        session.call = Some((name, seen));
    }
    if id.is_some() {
        probe.ask("DELETE", url, &headers, Bytes::new()).await;
    }
    session
}

async fn discover(probe: &Probe, url: &str, headers: &[(&'static str, &str)]) -> Seen {
    let client = json!({"name": "mcp-doctor", "version": env!("CARGO_PKG_VERSION")});
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": client,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let ask = json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}});
    let own = [("mcp-protocol-version", MODERN), ("mcp-method", "server/discover")];
    probe.message(url, &[headers, &own].concat(), &ask).await
}

/// What a message results in, whether it came as JSON or as the last event of a stream.
pub(crate) fn result(seen: &Seen) -> Option<Map<String, Value>> {
    let message = match seen.media_type().as_str() {
        "text/event-stream" => {
            let mut messages = seen.body().lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data:")?).ok());
            messages.find(|message| message.get("result").is_some())?
        }
        _ => Value::Object(seen.object()?),
    };
    message.get("result")?.as_object().cloned()
}

/// A tool that says that it only reads, and needs no arguments: calling it leaves nothing behind.
fn harmless(list: &Map<String, Value>) -> Option<String> {
    let tools = list.get("tools")?.as_array()?;
    let is_harmless = |tool: &&Value| {
        let needs_nothing = tool["inputSchema"]["required"].as_array().is_none_or(Vec::is_empty);
        tool["annotations"]["readOnlyHint"] == true && needs_nothing
    };
    Some(tools.iter().find(is_harmless)?.get("name")?.as_str()?.to_owned())
}

/// The answer to a `GET`, whose body need not end: seen from beside a client that opens the stream.
async fn stream(url: &str, token: Option<&str>) -> Option<(u16, Option<String>)> {
    let watch = Arc::new(Watch::default());
    let mut builder = Client::builder().named("mcp-doctor", env!("CARGO_PKG_VERSION")).era(Era::Legacy).observer(watch.clone());
    if let Some(token) = token {
        builder = builder.bearer(token);
    }
    let client = builder.connect(url).await.ok()?;
    // Servers without news refuse to be listened to; what counts is the answer on the wire.
    let _ = tokio::time::timeout(STREAM, client.listen(Filter::lists())).await;
    client.close().await;
    let seen = watch.0.lock().unwrap_or_else(PoisonError::into_inner);
    seen.answer.clone()
}

/// Sees the first answer after a `GET`.
#[derive(Debug, Default)]
struct Watch(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    asked: bool,
    answer: Option<(u16, Option<String>)>,
}

impl Observer for Watch {
    fn requested(&self, method: &Method, _: &str, _: &HeaderMap) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.asked |= method == Method::GET;
    }

    fn responded(&self, status: StatusCode, headers: &HeaderMap) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.asked && watched.answer.is_none() {
            let allow = headers.get(ALLOW).and_then(|allow| allow.to_str().ok()).map(str::to_owned);
            watched.answer = Some((status.as_u16(), allow));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_nothing_behind_is_called() {
        for (tool, called) in [
            (json!({"name": "a", "annotations": {"readOnlyHint": true}, "inputSchema": {"type": "object"}}), true),
            (json!({"name": "a", "annotations": {"readOnlyHint": true}, "inputSchema": {"required": []}}), true),
            (json!({"name": "a", "annotations": {"readOnlyHint": true}, "inputSchema": {"required": ["x"]}}), false),
            (json!({"name": "a", "annotations": {"readOnlyHint": false}}), false),
            (json!({"name": "a"}), false),
        ] {
            let list = json!({"tools": [tool]});
            assert_eq!(harmless(list.as_object().expect("an object")).is_some(), called, "{list}");
        }
    }

    #[test]
    fn results_are_read_from_json_and_from_streams() {
        let body = r#"{"jsonrpc":"2.0","id":1,"result":{"a":1}}"#;
        let json = Seen::made_up(200, &[("content-type", "application/json")], body);
        let news = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n\n";
        let stream = Seen::made_up(200, &[("content-type", "text/event-stream")], &format!("{news}data: {body}\n\n"));
        assert_eq!(result(&json), result(&stream));
        assert!(result(&json).is_some());
        assert!(result(&Seen::made_up(200, &[], "{\"error\":{}}")).is_none());
    }
}
