//! Finished answers, and what a transport has to know to send one.

use bytes::Bytes;

use crate::json::Object;
use crate::protocol::error::{RpcError, code};
use crate::protocol::frame::RequestId;

/// The answer to one frame.
///
/// `body` is finished: a transport adds a newline, a status line or `data:`, nothing else.
#[derive(Clone, Debug)]
#[must_use = "a reply is sent to the client"]
pub struct Reply {
    /// The bytes to send; empty when there is nothing to say.
    pub body: Bytes,
    /// What kind of answer it is.
    pub outcome: Outcome,
}

/// What kind of answer a [`Reply`] is.
///
/// Exhaustive on purpose: a new kind does not compile until every transport has an answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "transports must handle every kind")]
pub enum Outcome {
    /// A result, or an error that is an ordinary answer.
    Answered,
    /// A session was opened; over HTTP its id goes into `Mcp-Session-Id`.
    Opened {
        /// The session id.
        session: String,
    },
    /// The message was taken and needs no answer.
    Accepted,
    /// The call was cancelled; the client does not expect an answer.
    Cancelled,
    /// The message is not valid.
    Malformed,
    /// There is no such method.
    UnknownMethod,
    /// There is no such session.
    UnknownSession,
    /// The caller has to say who it is.
    Unauthenticated(Challenge),
    /// The caller lacks a scope or a second factor.
    Forbidden(Challenge),
    /// The message is larger than the server reads.
    TooLarge,
    /// Too many calls are running, or the caller asks too often.
    Busy {
        /// When to try again, in seconds.
        retry_after: u64,
    },
    /// There is no such item; only told apart from an ordinary error by the plain-HTTP adapter.
    UnknownItem,
    /// The arguments are not valid; only told apart by the plain-HTTP adapter.
    InvalidArguments,
    /// The server failed; only told apart by the plain-HTTP adapter.
    Failed,
}

/// What to ask of a caller that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scopes to ask for: all the operation needs and all held already.
    pub scopes: Vec<String>,
    /// Whether a second factor is needed.
    pub second_factor: bool,
    /// Whether the caller said who it is, and that is not good any more.
    pub expired: bool,
}

/// How answers are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// JSON-RPC.
    JsonRpc,
    /// None: the result object itself, or an object with `error`.
    Bare,
}

impl Reply {
    pub(crate) fn accepted() -> Self {
        Self { body: Bytes::new(), outcome: Outcome::Accepted }
    }

    pub(crate) fn cancelled() -> Self {
        Self { body: Bytes::new(), outcome: Outcome::Cancelled }
    }

    /// A result whose object `write` appends.
    pub(crate) fn result(envelope: Envelope, id: &RequestId, size: usize, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut out = Vec::with_capacity(size + 64);
        if envelope == Envelope::Bare {
            write(&mut out);
        } else {
            out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
            out.extend_from_slice(id.as_json().as_bytes());
            out.extend_from_slice(b",\"result\":");
            write(&mut out);
            out.push(b'}');
        }
        Self { body: out.into(), outcome: Outcome::Answered }
    }

    /// An error; without an id when the message had none that could be read.
    pub(crate) fn error(envelope: Envelope, id: Option<&RequestId>, error: &RpcError, outcome: Outcome) -> Self {
        let mut out = Vec::with_capacity(error.message().len() + 128);
        let mut object = Object::open(&mut out);
        if envelope == Envelope::JsonRpc {
            object.raw("jsonrpc", "\"2.0\"");
            if let Some(id) = id {
                object.raw("id", id.as_json());
            }
        }
        error.write(object.key("error"));
        object.close();
        Self { body: out.into(), outcome }
    }

    /// An error that a transport found before there was a message.
    pub fn refusal(error: &RpcError, outcome: Outcome) -> Self {
        Self::error(Envelope::JsonRpc, None, error, outcome)
    }

    /// The refusal of a message larger than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        let error = RpcError::new(code::TOO_LARGE, format!("the message is larger than {limit} bytes"));
        Self::refusal(&error, Outcome::TooLarge)
    }

    /// The body of a refusal without its JSON-RPC envelope, for transports that speak none.
    #[must_use]
    pub fn without_envelope(body: &Bytes) -> Bytes {
        match body.strip_prefix(REFUSAL.as_bytes()) {
            Some(rest) => [b"{", rest].concat().into(),
            None => body.clone(),
        }
    }
}

/// How a JSON-RPC error without an id begins.
const REFUSAL: &str = "{\"jsonrpc\":\"2.0\",";

/// The outcome of an error that nothing more is known about.
pub(crate) fn outcome_of(error: &RpcError, modern: bool, envelope: Envelope) -> Outcome {
    match error.code() {
        code::PARSE_ERROR | code::INVALID_REQUEST => Outcome::Malformed,
        code::HEADER_MISMATCH | code::UNSUPPORTED_VERSION | code::MISSING_CLIENT_CAPABILITY if modern => Outcome::Malformed,
        code::METHOD_NOT_FOUND if modern => Outcome::UnknownMethod,
        code::BUSY => Outcome::Busy { retry_after: 1 },
        code::INVALID_PARAMS if envelope == Envelope::Bare => Outcome::InvalidArguments,
        _ if envelope == Envelope::Bare => Outcome::Failed,
        _ => Outcome::Answered,
    }
}
