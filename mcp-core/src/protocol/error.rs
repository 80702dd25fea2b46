//! Errors a program reads: JSON-RPC codes, messages and data.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::Object;

/// Error codes used on the wire.
///
/// Those from -32020 to -32099 are the specification's; those around -31400 are this
/// project's own, outside the ranges that JSON-RPC and MCP reserve, and end in the
/// HTTP status that says the same.
pub mod code {
    /// The bytes are not JSON.
    pub const PARSE_ERROR: i32 = -32700;
    /// The JSON is not a request.
    pub const INVALID_REQUEST: i32 = -32600;
    /// There is no such method.
    pub const METHOD_NOT_FOUND: i32 = -32601;
    /// The parameters do not fit the method.
    pub const INVALID_PARAMS: i32 = -32602;
    /// The server failed.
    pub const INTERNAL_ERROR: i32 = -32603;
    /// HTTP headers and body disagree (2026-07-28).
    pub const HEADER_MISMATCH: i32 = -32020;
    /// The client did not declare a capability that is needed (2026-07-28).
    pub const MISSING_CLIENT_CAPABILITY: i32 = -32021;
    /// The server does not speak the revision asked for (2026-07-28).
    pub const UNSUPPORTED_VERSION: i32 = -32022;
    /// The caller has to say who it is.
    pub const UNAUTHENTICATED: i32 = -31401;
    /// The caller lacks a scope or a second factor.
    pub const FORBIDDEN: i32 = -31403;
    /// The session id is not one of ours, was revoked, or is somebody else's.
    pub const SESSION_NOT_FOUND: i32 = -31404;
    /// The message is larger than the server reads.
    pub const TOO_LARGE: i32 = -31413;
    /// Too many calls are running.
    pub const BUSY: i32 = -31429;
}

/// A JSON-RPC error, read by a program.
///
/// What a model should read is a [`ToolError`](crate::ToolError).
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub struct RpcError {
    code: i32,
    message: Cow<'static, str>,
    data: Option<Box<RawValue>>,
}

impl RpcError {
    /// An error with a code of one's own.
    pub fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The parameters do not fit the method.
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_PARAMS, message)
    }

    /// The message is not a valid request.
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::INVALID_REQUEST, message)
    }

    /// The server failed; says nothing about why, which belongs in the log.
    pub fn internal() -> Self {
        Self::new(code::INTERNAL_ERROR, "the server failed to answer; its log has the cause")
    }

    /// Adds machine-readable details.
    #[must_use]
    pub fn with_data<T: Serialize>(mut self, data: &T) -> Self {
        self.data = serde_json::value::to_raw_value(data).ok();
        self
    }

    /// The JSON-RPC error code.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// What was wrong and what to do about it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details, as JSON text.
    pub fn data(&self) -> Option<&str> {
        self.data.as_deref().map(RawValue::get)
    }

    /// Appends the error object.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        object.value("code", &self.code);
        object.text("message", &self.message);
        if let Some(data) = self.data() {
            object.raw("data", data);
        }
        object.close();
    }
}
