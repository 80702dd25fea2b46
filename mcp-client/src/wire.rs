//! JSON-RPC messages: reading the server's, writing ours.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::error::ServerError;
use crate::params::{Meta, Params, push_json, push_text};

/// What a server answers a request with.
pub(crate) type Answer = Result<Box<RawValue>, ServerError>;

/// One message of the server.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// The answer to a request of ours; an error may lack the id.
    Response {
        id: Option<&'a RawValue>,
        answer: Answer,
    },
    Request {
        id: &'a RawValue,
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Reads one message, or a batch of them (2025-03-26, basic, "Batching").
///
/// # Errors
/// Says why the text is not a message.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<Message<'_>>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?.trim();
    if text.starts_with('[') {
        let batch: Vec<Envelope<'_>> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return batch.into_iter().map(Envelope::into_message).collect();
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(vec![envelope.into_message()?])
}

impl<'a> Envelope<'a> {
    fn into_message(self) -> Result<Message<'a>, String> {
        if self.jsonrpc.as_deref() != Some("2.0") {
            return Err("`jsonrpc` is not \"2.0\"".to_owned());
        }
        match (self.method, self.id, self.result, self.error) {
            (Some(method), Some(id), None, None) => Ok(Message::Request { id, method, params: self.params }),
            (Some(method), None, None, None) => Ok(Message::Notification { method, params: self.params }),
            (None, Some(id), Some(result), None) if result.get().starts_with('{') => {
                Ok(Message::Response { id: Some(id), answer: Ok(result.to_owned()) })
            }
            (None, _, Some(_), None) => Err("a result must be an object and have an `id`".to_owned()),
            (None, id, None, Some(error)) => {
                let error = serde_json::from_str(error.get()).map_err(|error| format!("`error` is not an error object: {error}"))?;
                Ok(Message::Response { id, answer: Err(error) })
            }
            _ => Err("it is neither request, notification nor response".to_owned()),
        }
    }
}

/// The JSON-RPC error in the body of a refused request, if that is what the body is.
pub(crate) fn error_in(body: &[u8]) -> Option<ServerError> {
    decode(body).ok()?.into_iter().find_map(|message| match message {
        Message::Response { answer: Err(error), .. } => Some(error),
        _ => None,
    })
}

/// Whether an id as it was written is one of ours.
pub(crate) fn is_id(raw: &RawValue, id: u64) -> bool {
    raw.get().parse() == Ok(id)
}

/// Whether a text is JSON at all, to tell noise from a broken message.
pub(crate) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// A request of ours.
pub(crate) fn request(id: u64, method: &str, params: &Params, meta: &Meta) -> Bytes {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id.to_string().as_bytes());
    push_method(&mut out, method, params, Some(meta));
    out.into()
}

/// A notification of ours.
pub(crate) fn notification(method: &str, params: &Params) -> Bytes {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(br#"{"jsonrpc":"2.0""#);
    push_method(&mut out, method, params, None);
    out.into()
}

fn push_method(out: &mut Vec<u8>, method: &str, params: &Params, meta: Option<&Meta>) {
    out.extend_from_slice(br#","method":"#);
    push_text(out, method);
    if !params.is_empty() || meta.is_some_and(|meta| !meta.is_empty()) {
        out.extend_from_slice(br#","params":"#);
        params.write(out, meta);
    }
    out.push(b'}');
}

/// Our answer to a request of the server, whose id goes back as it was written.
pub(crate) fn response(id: &str, answer: &Answer) -> Bytes {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    push_json(&mut out, id);
    match answer {
        Ok(result) => {
            out.extend_from_slice(br#","result":"#);
            push_json(&mut out, result.get());
        }
        Err(error) => {
            out.extend_from_slice(br#","error":"#);
            let error = serde_json::json!({"code": error.code, "message": error.message});
            serde_json::to_writer(&mut out, &error).expect("writing a small tree to memory cannot fail");
        }
    }
    out.push(b'}');
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Result<String, String> {
        let messages = decode(text.as_bytes())?;
        let name = |message: &Message<'_>| match message {
            Message::Response { id, answer } => format!("response {} {}", id.map_or("-", RawValue::get), answer.is_ok()),
            Message::Request { id, method, .. } => format!("request {} {method}", id.get()),
            Message::Notification { method, .. } => format!("notification {method}"),
        };
        Ok(messages.iter().map(name).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn messages_are_told_apart() {
        for (text, kind) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "response 1 true"),
            (r#" {"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"no"}}"#, "response \"x\" false"),
            (r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}"#, "response - false"),
            (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#, "request 7 ping"),
            (r#"{"jsonrpc":"2.0","method":"notifications/a\u002fb","params":{}}"#, "notification notifications/a/b"),
            (r#"[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","method":"n"}]"#, "response 1 true, notification n"),
        ] {
            assert_eq!(kinds(text).as_deref(), Ok(kind), "{text}");
        }
        for text in [
            "",
            "7",
            "{}",
            r#"{"jsonrpc":"2.0","id":1,"result":7}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
            r#"{"jsonrpc":"1.0","method":"x"}"#,
        ] {
            assert!(kinds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_our_own_spelling_of_an_id_is_ours() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).expect("valid");
        assert!(is_id(&raw("12"), 12));
        for other in ["\"12\"", "12.0", "-12", "13"] {
            assert!(!is_id(&raw(other), 12), "{other}");
        }
    }

    #[test]
    fn requests_leave_out_what_is_empty() {
        let nothing = Params::default();
        assert_eq!(&request(1, "ping", &nothing, &Meta::default())[..], br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
        let meta = Params::default().with("a", &1).into();
        assert_eq!(&request(2, "x", &nothing, &meta)[..], br#"{"jsonrpc":"2.0","id":2,"method":"x","params":{"_meta":{"a":1}}}"#);
        assert_eq!(
            &response("\"s\"", &Err(ServerError::new(-1, "no")))[..],
            br#"{"jsonrpc":"2.0","id":"s","error":{"code":-1,"message":"no"}}"#
        );
    }
}
