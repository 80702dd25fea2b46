//! Headers that repeat parts of the body, and must agree with it
//! (2026-07-28, basic/transports/streamable-http, "Request Metadata").

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::exchange::Exchange;
use crate::protocol::error::{RpcError, code};
use crate::schema::Input;

/// Compares a header with a value of the body.
///
/// # Errors
/// `HeaderMismatch` when the header is missing, malformed or says something else.
pub(crate) fn check(exchange: &Exchange, name: &'static str, shown: &str, body: &str, encoded: bool) -> Result<(), RpcError> {
    if !exchange.mirrors() {
        return Ok(());
    }
    let Some(value) = exchange.header(name) else {
        refuse_repeated(exchange, name, shown)?;
        return Err(mismatch(format!("the header {shown} is missing; it must repeat `{body}` of the body")));
    };
    let decoded = text(value).and_then(|value| if encoded { decode(value) } else { Some(Cow::Borrowed(value)) });
    match decoded {
        None => Err(mismatch(format!("the header {shown} holds characters that are not allowed or is wrongly encoded"))),
        Some(value) if value != body => Err(mismatch(format!("the header {shown} says `{value}`, the body `{body}`"))),
        Some(_) => Ok(()),
    }
}

/// Compares the `Mcp-Param-*` headers of a tool with its arguments.
///
/// # Errors
/// `HeaderMismatch` as in [`check`].
pub(crate) fn check_arguments(exchange: &Exchange, input: &Input, arguments: &[u8]) -> Result<(), RpcError> {
    if !exchange.mirrors() || input.mirrored().is_empty() {
        return Ok(());
    }
    let arguments: Value = serde_json::from_slice(arguments).unwrap_or_default();
    for (header, path) in input.mirrored() {
        let body = path.iter().try_fold(&arguments, |value, name| value.get(name)).filter(|value| !value.is_null());
        let shown = format!("Mcp-Param-{}", header.trim_start_matches("mcp-param-"));
        let header_value = exchange.header(header);
        if header_value.is_none() {
            refuse_repeated(exchange, header, &shown)?;
        }
        let value = match header_value {
            None if body.is_none() => continue,
            None => return Err(mismatch(format!("the header {shown} is missing; it must repeat the argument `{}`", path.join(".")))),
            Some(value) => text(value).and_then(decode),
        };
        let Some(value) = value else {
            return Err(mismatch(format!("the header {shown} holds characters that are not allowed or is wrongly encoded")));
        };
        let agrees = match body {
            None => false,
            Some(Value::String(text)) => *text == value,
            Some(Value::Bool(flag)) => flag.to_string() == value,
            // Compared as numbers: 42.0 and 42 are equal.
            Some(Value::Number(number)) => match (value.parse::<i128>(), number.to_string().parse::<i128>()) {
                (Ok(value), Ok(number)) => value == number,
                _ => value.parse::<f64>().ok() == number.as_f64(),
            },
            // The schema refuses it anyway, in better words.
            Some(_) => true,
        };
        if !agrees {
            return Err(mismatch(format!("the header {shown} does not repeat the argument `{}`", path.join("."))));
        }
    }
    Ok(())
}

/// Refuses a header that occurs more than once: which one counts would depend on who reads it.
///
/// # Errors
/// `HeaderMismatch` when it does.
pub(crate) fn refuse_repeated(exchange: &Exchange, name: &str, shown: &str) -> Result<(), RpcError> {
    if exchange.repeats_header(name) { Err(mismatch(format!("the header {shown} must not occur more than once"))) } else { Ok(()) }
}

pub(crate) fn mismatch(message: String) -> RpcError {
    RpcError::new(code::HEADER_MISMATCH, message)
}

/// Visible ASCII, spaces and tabs, without the white space around (RFC 9110, section 5.5).
fn text(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
    text.bytes().all(|byte| byte == b'\t' || (0x20..=0x7e).contains(&byte)).then_some(text)
}

/// Undoes `=?base64?…?=`.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    match value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned),
        None => Some(Cow::Borrowed(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_strictly() {
        for (value, decoded) in [
            ("us-west1", Some("us-west1")),
            ("=?base64?SGVsbG8=?=", Some("Hello")),
            ("=?base64?SGVsbG8?=", None),
            ("=?base64?SGVs!!!bG8=?=", None),
            ("SGVsbG8=", Some("SGVsbG8=")),
            ("=?base64?SGVsbG8=", Some("=?base64?SGVsbG8=")),
            ("=?base64?/w==?=", None),
        ] {
            assert_eq!(decode(value).as_deref(), decoded, "{value}");
        }
        assert_eq!(text(b"  a b "), Some("a b"));
        assert_eq!(text(b"a\x7f"), None);
        assert_eq!(text("ü".as_bytes()), None);
    }
}
