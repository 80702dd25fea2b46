//! `Authorization` headers of arbitrary bytes, none or several.

use mcp_auth::{Credentials, MAX_TOKEN_BYTES, Resource};
use mcp_core::Headers;

use crate::Behaviour;

/// A token is taken if there is one header that holds one, and nothing of it is shown.
///
/// Each line is the value of a header.
pub fn authorization(data: &[u8]) -> Behaviour {
    let lines: Vec<&[u8]> = if data.is_empty() { Vec::new() } else { data.split(|&byte| byte == b'\n').collect() };
    let expected = expected(&lines);
    let headers = Lines(lines);
    let resource = Resource::parse("https://mcp.example.com/mcp").expect("it is a URL");
    let credentials = Credentials::new(&headers, None, &resource);
    let read = credentials.bearer();
    let found = match &read {
        Ok(Some(token)) => Found::Token(token.expose()),
        Ok(None) => Found::Nothing,
        Err(_) => Found::Wrong,
    };
    assert_eq!(found, expected, "{:?}", data.escape_ascii().to_string());
    if let Found::Token(token) = found
        && token.len() > "Bearer([redacted])".len()
    {
        assert!(!format!("{read:?} {credentials:?}").contains(token), "the token is shown");
    }
    let length = if let Found::Token(token) = found { token.len().min(4) } else { 0 };
    Behaviour::default().and(length).and(read.map(|token| token.is_some()).map_err(|why| format!("{why:?}")))
}

#[derive(Debug, PartialEq, Eq)]
enum Found<'a> {
    Token(&'a str),
    Nothing,
    Wrong,
}

/// What one reads by the letters of RFC 6750, section 2.1: `"Bearer" 1*SP b64token`, and spaces after it.
fn expected<'a>(lines: &[&'a [u8]]) -> Found<'a> {
    let line = match lines {
        [] => return Found::Nothing,
        [line] => *line,
        _ => return Found::Wrong,
    };
    let Ok(line) = std::str::from_utf8(line) else { return Found::Wrong };
    let scheme = line.bytes().position(|byte| byte == b' ').unwrap_or(line.len());
    if !matches!(line.as_bytes()[..scheme], [b'B' | b'b', b'E' | b'e', b'A' | b'a', b'R' | b'r', b'E' | b'e', b'R' | b'r']) {
        return Found::Nothing;
    }
    let rest = &line[scheme..];
    let start = rest.bytes().position(|byte| byte != b' ').unwrap_or(rest.len());
    let end = rest.bytes().rposition(|byte| byte != b' ').map_or(start, |last| last + 1);
    let Some(token) = rest.get(start..end) else { return Found::Wrong };
    if is_b64token(token.as_bytes()) && token.len() <= MAX_TOKEN_BYTES { Found::Token(token) } else { Found::Wrong }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
fn is_b64token(token: &[u8]) -> bool {
    let (mut body, mut padding) = (0, 0);
    for byte in token {
        match byte {
            b'=' => padding += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/' if padding == 0 => body += 1,
            _ => return false,
        }
    }
    body > 0
}

/// The values of the header, as a request has them.
struct Lines<'a>(Vec<&'a [u8]>);

impl Headers for Lines<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        match &self.0[..] {
            [line] if name == "authorization" => Some(line),
            _ => None,
        }
    }

    fn repeats(&self, name: &str) -> bool {
        name == "authorization" && self.0.len() > 1
    }
}
