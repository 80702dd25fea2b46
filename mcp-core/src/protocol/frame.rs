//! From bytes to a message, without building a tree.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

use super::error::{RpcError, code};
use super::meta::Params;
use super::scan::{Fault, Raw, Scanner};

/// A JSON-RPC id as it was written: a string or an integer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Bytes);

impl RequestId {
    /// The id as JSON text.
    pub fn as_json(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an id is cut from a message that is UTF-8")
    }

    /// The same id, which keeps nothing of its frame in memory.
    pub(crate) fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    pub(crate) fn from_json(text: String) -> Self {
        Self(text.into())
    }

    /// An id that is only compared with others.
    pub(crate) fn cut_unchecked(text: Bytes) -> Self {
        Self(text)
    }

    /// Takes an id out of the frame it stands in.
    fn cut(frame: &Bytes, raw: Raw<'_>) -> Result<Self, RpcError> {
        let text = raw.get();
        let valid = match text.as_bytes() {
            [b'"', ..] => true,
            [b'-', digits @ ..] | digits => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        };
        if !valid {
            return Err(RpcError::invalid_request(format!("`id` must be a string or an integer, not {}", describe(text))));
        }
        Ok(Self(frame.slice_ref(text.as_bytes())))
    }
}

/// One JSON-RPC message.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request { id: RequestId, method: Cow<'a, str>, params: Params<'a> },
    Notification { method: Cow<'a, str>, params: Params<'a> },
    Response { id: RequestId, body: Result<Raw<'a>, Raw<'a>> },
}

/// A message that could not be decoded, with its id where that could be.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) id: Option<RequestId>,
    pub(crate) error: RpcError,
}

impl From<RpcError> for Malformed {
    fn from(error: RpcError) -> Self {
        Self { id: None, error }
    }
}

/// What one frame holds.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one message is the ordinary case, and boxing it would cost every call an allocation")]
pub(crate) enum Incoming<'a> {
    One(Message<'a>),
    Batch(Vec<Result<Message<'a>, Malformed>>),
}

/// Decodes one frame.
///
/// # Errors
/// Says why the bytes are not a message: not UTF-8, not JSON, nested too deep, or not JSON-RPC 2.0.
pub(crate) fn decode(frame: &Bytes, max_depth: usize) -> Result<Incoming<'_>, Malformed> {
    let text = std::str::from_utf8(frame)
        .map_err(|error| RpcError::new(code::PARSE_ERROR, format!("the message is not valid UTF-8 at byte {}", error.valid_up_to())))?;
    let mut scanner = Scanner::new(text, max_depth);
    let not_json = |fault| not_json(text, fault, max_depth);
    match scanner.kind() {
        Some(b'{') => {
            let envelope = Envelope::scan(&mut scanner, 0).map_err(not_json)?;
            scanner.end().map_err(not_json)?;
            envelope.into_message(frame).map(Incoming::One)
        }
        Some(b'[') => {
            let mut entries = Vec::new();
            scanner
                .array(0, |scanner| {
                    entries.push(if scanner.kind() == Some(b'{') {
                        Envelope::scan(scanner, 1)?.into_message(frame)
                    } else {
                        Err(not_an_object(scanner.value(1)?.get()))
                    });
                    Ok(())
                })
                .map_err(not_json)?;
            scanner.end().map_err(not_json)?;
            if entries.is_empty() {
                return Err(RpcError::invalid_request("a batch must hold at least one message").into());
            }
            Ok(Incoming::Batch(entries))
        }
        _ => {
            let value = scanner.value(0).map_err(not_json)?;
            scanner.end().map_err(not_json)?;
            Err(not_an_object(value.get()))
        }
    }
}

/// Puts into words why a text is not JSON.
pub(crate) fn not_json(text: &str, fault: Fault, max_depth: usize) -> Malformed {
    if fault == Fault::TooDeep {
        return RpcError::new(code::PARSE_ERROR, format!("the message nests deeper than {max_depth} levels")).into();
    }
    let why = match serde_json::from_str::<IgnoredAny>(text) {
        Err(error) => error.to_string(),
        Ok(IgnoredAny) => "its strings hold broken escapes".to_owned(),
    };
    RpcError::new(code::PARSE_ERROR, format!("the message is not valid JSON: {why}")).into()
}

fn not_an_object(text: &str) -> Malformed {
    RpcError::invalid_request(format!("a message must be a JSON object, not {}", describe(text))).into()
}

/// Names a JSON value by its kind, for messages.
pub(crate) fn describe(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(_) if text.contains(['.', 'e', 'E']) => "a fraction",
        Some(_) => "a number",
        None => "nothing",
    }
}

/// Why a JSON value is not a text, for messages.
pub(crate) fn not_text(value: &str) -> String {
    if value.starts_with('"') {
        return "holds an escape that stands for no character".to_owned();
    }
    format!("must be a string, not {}", describe(value))
}

#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<Raw<'a>>,
    id: Option<Raw<'a>>,
    method: Option<Raw<'a>>,
    params: Option<Raw<'a>>,
    members: Params<'a>,
    result: Option<Raw<'a>>,
    error: Option<Raw<'a>>,
    repeated: Option<&'static str>,
}

impl<'a> Envelope<'a> {
    fn scan(scanner: &mut Scanner<'a>, depth: usize) -> Result<Self, Fault> {
        let mut envelope = Envelope::default();
        scanner.object(depth, |scanner, key| {
            let (slot, name) = match key {
                "jsonrpc" => (&mut envelope.jsonrpc, "jsonrpc"),
                "id" => (&mut envelope.id, "id"),
                "method" => (&mut envelope.method, "method"),
                "params" => (&mut envelope.params, "params"),
                "result" => (&mut envelope.result, "result"),
                "error" => (&mut envelope.error, "error"),
                _ => return scanner.value(depth + 1).map(drop),
            };
            let value = if name == "params" && scanner.kind() == Some(b'{') {
                envelope.members = Params::default();
                envelope.members.scan(scanner, depth + 1)?
            } else {
                scanner.value(depth + 1)?
            };
            if slot.replace(value).is_some() {
                envelope.repeated = Some(name);
            }
            Ok(())
        })?;
        Ok(envelope)
    }

    fn into_message(self, frame: &Bytes) -> Result<Message<'a>, Malformed> {
        if let Some(name) = self.repeated {
            return Err(RpcError::invalid_request(format!("`{name}` appears twice")).into());
        }
        let id = self.id.map(|raw| RequestId::cut(frame, raw)).transpose()?;
        let fault = |error| Malformed { id: id.clone(), error };
        if self.jsonrpc.map(Raw::get) != Some("\"2.0\"") {
            return Err(fault(RpcError::invalid_request("`jsonrpc` must be \"2.0\"")));
        }
        let Some(method) = self.method else {
            let body = match (self.result, self.error) {
                (Some(result), None) => Ok(result),
                (None, Some(error)) => Err(error),
                _ => return Err(fault(RpcError::invalid_request("a message needs a `method`, or one of `result` and `error`"))),
            };
            let Some(id) = id else {
                return Err(RpcError::invalid_request("a response needs the `id` of its request").into());
            };
            return Ok(Message::Response { id, body });
        };
        let Some(method) = method.as_text() else {
            return Err(fault(RpcError::invalid_request(format!("`method` {}", not_text(method.get())))));
        };
        if let Some(params) = self.params.filter(|params| !params.is_object()) {
            return Err(fault(RpcError::invalid_params(format!("`params` must be an object, not {}", describe(params.get())))));
        }
        if let Some(name) = self.members.repeated {
            return Err(fault(RpcError::invalid_params(format!("`params.{name}` appears twice"))));
        }
        Ok(match id {
            Some(id) => Message::Request { id, method, params: self.members },
            None => Message::Notification { method, params: self.members },
        })
    }
}

/// A string borrowed from the message unless it holds escapes.
#[derive(Debug)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &[u8]) -> String {
        match decode(&Bytes::copy_from_slice(text), 128) {
            Err(malformed) => malformed.error.to_string(),
            Ok(message) => panic!("{message:?}"),
        }
    }

    #[test]
    fn each_malformed_message_says_why() {
        for (text, why) in [
            (&b"{"[..], "the message is not valid JSON: EOF while parsing an object at line 1 column 1 (-32700)"),
            (b"\xff{}", "the message is not valid UTF-8 at byte 0 (-32700)"),
            (b"7", "a message must be a JSON object, not a number (-32600)"),
            (b"[]", "a batch must hold at least one message (-32600)"),
            (br#"{"id":1,"method":"x"}"#, "`jsonrpc` must be \"2.0\" (-32600)"),
            (br#"{"jsonrpc":"1.0","id":1,"method":"x"}"#, "`jsonrpc` must be \"2.0\" (-32600)"),
            (br#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, "`id` must be a string or an integer, not null (-32600)"),
            (br#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, "`id` must be a string or an integer, not a fraction (-32600)"),
            (br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#, "`id` appears twice (-32600)"),
            (br#"{"jsonrpc":"2.0","id":1,"method":7}"#, "`method` must be a string, not a number (-32600)"),
            (br#"{"jsonrpc":"2.0","id":1}"#, "a message needs a `method`, or one of `result` and `error` (-32600)"),
            (br#"{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}"#, "`params` must be an object, not an array (-32602)"),
        ] {
            assert_eq!(fault(text), why, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(fault(&b"[".repeat(10_000)), "the message nests deeper than 128 levels (-32700)");
    }
}
