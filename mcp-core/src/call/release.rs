//! Letting go of a connection while a call goes on.

use std::time::Duration;

use bytes::Bytes;

use super::Context;
use super::interact::Asking;
use crate::json::Object;
use crate::protocol::capabilities::ClientCapability;

/// The notification by which a client hears it that has no response to see it by (extension `io.mcp-parity/release-connection`).
pub const RELEASE_NOTIFICATION: &str = "notifications/io.mcp-parity/release-connection";

impl Context {
    /// Lets go of the connection while the call goes on.
    ///
    /// On a stream that can be resumed (Streamable HTTP, 2025-11-25) the response ends and the
    /// client comes back for the rest after `retry`. Elsewhere a client is told that announced to hear of it, as whoever
    /// relays the call to such a stream does; for others nothing happens.
    pub fn release_connection(&self, retry: Duration) {
        if self.0.releases {
            self.0.outlet.release(retry);
        } else if self.can_release_connection() && !matches!(self.asks().asking, Asking::Task(_)) {
            // Like the end of a response, it is a wish: a client that is behind does without.
            let _ = self.0.outlet.try_send(self.release_frame(retry));
        }
    }

    /// Whether [`Context::release_connection`] does anything.
    pub fn can_release_connection(&self) -> bool {
        self.0.releases || self.client_can(ClientCapability::Releases)
    }

    fn release_frame(&self, retry: Duration) -> Bytes {
        let mut out = Vec::with_capacity(128);
        let mut frame = Object::open(&mut out);
        frame.raw("jsonrpc", "\"2.0\"");
        frame.text("method", RELEASE_NOTIFICATION);
        let mut params = Object::open(frame.key("params"));
        params.raw("requestId", self.0.id.as_json());
        params.value("retryMs", &u64::try_from(retry.as_millis()).unwrap_or(u64::MAX));
        params.close();
        frame.close();
        out.into()
    }
}
