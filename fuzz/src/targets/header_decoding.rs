//! Headers of arbitrary bytes around a call whose arguments are mirrored into them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mcp_core::{Exchange, Headers, Principal, Transport};
use serde_json::json;

use crate::reply::Answer;
use crate::{Behaviour, base64, fixture, reply};

/// What the protocol answers when headers and body disagree.
const MISMATCH: i32 = -32020;
/// The arguments of the call besides the region.
const COUNT: i64 = 42;
const SURE: bool = true;

/// A call is run if and only if every header says what the body says, plainly or in Base64.
///
/// The first line is the argument `region`; each further line sets a header, or takes away the
/// one that it names and says nothing of.
pub fn header_decoding(data: &[u8]) -> Behaviour {
    let mut lines = data.split(|&byte| byte == b'\n');
    let region = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let mut headers = Map::faithful(&region);
    for line in lines {
        let (name, value) = match line.iter().position(|&byte| byte == b':') {
            Some(at) => (&line[..at], Some(&line[at + 1..])),
            None => (line, None),
        };
        let Ok(name) = std::str::from_utf8(name) else { continue };
        headers.set(name, value);
    }
    let agrees = headers.agree_with(&region);

    let arguments = json!({"region": region, "count": COUNT, "sure": SURE});
    let frame = fixture::modern("tools/call", json!({"name": "place", "arguments": arguments}));
    let exchange = Exchange::with_headers(Arc::new(headers), None, Principal::local(), Transport::StreamableHttp);
    let Ok(answered) = fixture::answer(fixture::dispatcher(), &frame, &exchange) else { panic!("the call has to wait") };
    let behaviour = reply::check(&answered);
    let answer = Answer::read(&answered.body);
    if answer.message().contains("is larger than") {
        return behaviour;
    }
    match answer.code() {
        None => {
            assert!(agrees, "the call was run in spite of its headers");
            let result: serde_json::Value = serde_json::from_str(answer.result()).expect("it was read before");
            assert_eq!(result["content"][0]["text"], region.as_str(), "the tool was given something else");
        }
        Some(MISMATCH) => assert!(!agrees, "refused, though all headers agree: {}", answer.message()),
        Some(code) => panic!("answered {code}: {}", answer.message()),
    }
    behaviour
}

/// Headers by their names.
struct Map(BTreeMap<&'static str, Vec<u8>>);

const NAMES: [&str; 6] = ["mcp-protocol-version", "mcp-method", "mcp-name", "mcp-param-region", "mcp-param-count", "mcp-param-sure"];

impl Headers for Map {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    fn repeats(&self, _name: &str) -> bool {
        false
    }
}

impl Map {
    /// The headers a faithful client sends.
    fn faithful(region: &str) -> Self {
        let values =
            ["2026-07-28".to_owned(), "tools/call".to_owned(), "place".to_owned(), base64(region), COUNT.to_string(), SURE.to_string()];
        Self(NAMES.into_iter().zip(values.map(String::into_bytes)).collect())
    }

    /// Sets or takes away a header, which may be named by how its name ends.
    fn set(&mut self, name: &str, value: Option<&[u8]>) {
        let Some(name) = NAMES.into_iter().find(|known| !name.is_empty() && known.ends_with(name)) else { return };
        match value {
            Some(value) => self.0.insert(name, value.to_vec()),
            None => self.0.remove(name),
        };
    }

    /// Whether every header repeats the body, by a decoder that shares nothing with the server's.
    fn agree_with(&self, region: &str) -> bool {
        let plainly = |name: &str, body: &str| self.text(name).is_some_and(|value| value == body);
        let encoded = |name: &str, says: &dyn Fn(&str) -> bool| self.text(name).and_then(decoded).is_some_and(|value| says(&value));
        plainly("mcp-protocol-version", "2026-07-28")
            && plainly("mcp-method", "tools/call")
            && encoded("mcp-name", &|value| value == "place")
            && encoded("mcp-param-region", &|value| value == region)
            && encoded("mcp-param-count", &|value| value.parse() == Ok(COUNT as f64))
            && encoded("mcp-param-sure", &|value| value == SURE.to_string())
    }

    /// The value without white space around it, if it holds only what a value may hold.
    fn text(&self, name: &str) -> Option<&str> {
        let value = std::str::from_utf8(self.0.get(name)?).ok()?.trim_matches([' ', '\t']);
        value.chars().all(|char| char == '\t' || (' '..='~').contains(&char)).then_some(value)
    }
}

/// `=?base64?…?=` (RFC 4648, section 4).
fn base64(text: &str) -> String {
    let digits = base64::encode(text.as_bytes(), base64::STANDARD);
    let padding = "=".repeat((4 - digits.len() % 4) % 4);
    format!("=?base64?{digits}{padding}?=")
}

/// Undoes [`base64`], and nothing that it does not do.
fn decoded(value: &str) -> Option<String> {
    let Some(digits) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else { return Some(value.to_owned()) };
    let text = String::from_utf8(base64::decode(digits.trim_end_matches('='), base64::STANDARD)?).ok()?;
    (base64(&text) == value).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("é", "w6k=")] {
            let encoded = format!("=?base64?{encoded}?=");
            assert_eq!(base64(text), encoded);
            assert_eq!(decoded(&encoded).as_deref(), Some(text));
        }
        assert_eq!(decoded("=?base64?Zg?="), None);
        assert_eq!(decoded("=?base64?Zh==?="), None);
        assert_eq!(decoded("plain").as_deref(), Some("plain"));
    }
}
