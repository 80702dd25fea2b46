//! Seeing what goes over the wire.

use http::{HeaderMap, Method, StatusCode};

/// Sees what goes over the wire, as it goes: for people who look for the cause of something.
///
/// It sees everything, tokens too, so whatever shows it to anybody has to leave those out. Called by the
/// tasks that read and write the connection, so it should be quick.
pub trait Observer: Send + Sync + 'static {
    /// A message was sent.
    fn sent(&self, message: &[u8]) {
        let _ = message;
    }

    /// Something arrived that should be a message.
    fn received(&self, message: &[u8]) {
        let _ = message;
    }

    /// An HTTP request was sent; its body is told of by [`Observer::sent`].
    fn requested(&self, method: &Method, path: &str, headers: &HeaderMap) {
        let _ = (method, path, headers);
    }

    /// The head of an HTTP response arrived.
    fn responded(&self, status: StatusCode, headers: &HeaderMap) {
        let _ = (status, headers);
    }
}
