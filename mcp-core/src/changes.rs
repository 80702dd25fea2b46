//! News of what changed, for those who listen.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::json::Object;
use crate::protocol::frame::RequestId;

/// How many pieces of news a slow listener may be behind before it misses some.
const BACKLOG: usize = 256;

/// Something a client may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources or of templates.
    Resources,
    /// The resource at this URI.
    Resource(Arc<str>),
    /// A task, whose state is told with it. Kept inside: only its owner may read it.
    #[doc(hidden)]
    Task(Arc<str>),
    /// A session has ended; wakes the streams of news, of which one is its own.
    #[doc(hidden)]
    SessionEnded,
}

/// Tells every listener of this process what changed.
#[derive(Clone, Debug)]
pub(crate) struct Changes(broadcast::Sender<Change>);

impl Changes {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    pub(crate) fn tell(&self, change: Change) {
        // Nobody listening is not a failure.
        let _ = self.0.send(change);
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}

/// The frame that tells of a change; `subscription` is the id of the request that asked for it.
pub(crate) fn notification(change: &Change, subscription: Option<&RequestId>, task: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    let mut frame = Object::open(&mut out);
    frame.raw("jsonrpc", "\"2.0\"");
    frame.text(
        "method",
        match change {
            Change::Tools => "notifications/tools/list_changed",
            Change::Prompts => "notifications/prompts/list_changed",
            Change::Resources => "notifications/resources/list_changed",
            Change::Resource(_) => "notifications/resources/updated",
            Change::Task(_) => "notifications/tasks",
            // Never sent to a client.
            Change::SessionEnded => "",
        },
    );
    let has_params = subscription.is_some() || matches!(change, Change::Resource(_) | Change::Task(_));
    if has_params {
        let params = frame.key("params");
        params.push(b'{');
        if let Some(id) = subscription {
            params.extend_from_slice(b"\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":");
            params.extend_from_slice(id.as_json().as_bytes());
            params.push(b'}');
        }
        let comma = if subscription.is_some() { &b","[..] } else { b"" };
        match (change, task) {
            (Change::Resource(uri), _) => {
                params.extend_from_slice(comma);
                params.extend_from_slice(b"\"uri\":");
                crate::json::push_str(params, uri);
            }
            (Change::Task(_), Some(members)) => {
                params.extend_from_slice(comma);
                params.extend_from_slice(members.as_bytes());
            }
            _ => {}
        }
        params.push(b'}');
    }
    frame.close();
    out
}
