//! As much of HTTP/1.1 as a benchmark client needs: one response at a time, from a buffer.

use std::{borrow::Cow, net::SocketAddr};

use crate::{
    Error, Result,
    workload::{Call, Revision},
};

const MAX_HEADERS: usize = 32;

/// A complete response.
#[derive(Debug)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// The session the server opened.
    pub session: Option<&'a str>,
    /// The JSON-RPC message, taken out of its event stream if it came in one.
    pub body: Cow<'a, [u8]>,
    /// How many bytes of the buffer it took.
    pub length: usize,
}

/// Reads a response from the start of `buffer`, or nothing if it is not complete yet.
///
/// # Errors
/// [`Error::Framing`] if the bytes are not a response.
pub fn parse(buffer: &[u8]) -> Result<Option<Response<'_>>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(buffer) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(framing(&error.to_string(), buffer)),
    };
    let status = head.code.unwrap_or_default();
    let header = |name: &str| {
        let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let session = header("mcp-session-id");

    let payload = &buffer[start..];
    let (body, length) = if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        match unchunk(payload)? {
            Some((body, length)) => (Cow::Owned(body), length),
            None => return Ok(None),
        }
    } else {
        let length = header("content-length").map_or(Ok(0), str::parse);
        let length: usize = length.map_err(|_| framing("content-length is not a number", buffer))?;
        match payload.get(..length) {
            Some(body) => (Cow::Borrowed(body), length),
            None => return Ok(None),
        }
    };
    let is_stream = header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
    let body = if is_stream { Cow::Owned(last_event(&body)) } else { body };
    Ok(Some(Response { status, session, body, length: start + length }))
}

/// The head of a POST of `length` bytes to `/mcp`.
#[must_use]
pub fn post(address: SocketAddr, length: usize, extra: &str) -> Vec<u8> {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n{extra}Content-Length: {length}\r\n\r\n"
    )
    .into()
}

/// The headers that `revision` demands of a client that makes `call`.
#[must_use]
pub fn protocol_headers(revision: Revision, call: Call, session: Option<&str>) -> String {
    let mut headers = format!("MCP-Protocol-Version: {}\r\n", revision.as_str());
    match revision {
        Revision::Legacy => {
            if let Some(session) = session {
                headers.push_str(&format!("Mcp-Session-Id: {session}\r\n"));
            }
        }
        Revision::Modern => {
            headers.push_str(&format!("Mcp-Method: {}\r\n", call.method()));
            if let Some(tool) = call.tool() {
                headers.push_str(&format!("Mcp-Name: {tool}\r\n"));
            }
        }
    }
    headers
}

/// Joins the chunks of a body, if the last one has arrived, and says how many bytes they took.
fn unchunk(mut rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>> {
    let whole = rest.len();
    let mut body = Vec::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((start, size))) => (start, size as usize),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(framing("not a chunk size", rest)),
        };
        let Some(chunk) = rest.get(start..start + size + 2) else {
            return Ok(None);
        };
        rest = &rest[start + size + 2..];
        if size == 0 {
            return Ok(Some((body, whole - rest.len())));
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// The data of the last event that has any: the answer, after whatever else the server had to say.
fn last_event(stream: &[u8]) -> Vec<u8> {
    let mut last = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    for line in stream.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            if !data.is_empty() {
                last = std::mem::take(&mut data);
            }
        } else if let Some(more) = line.strip_prefix(b"data:") {
            data.extend_from_slice(more.strip_prefix(b" ").unwrap_or(more));
        }
    }
    last
}

fn framing(why: &str, bytes: &[u8]) -> Error {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]);
    Error::Framing(format!("{why}\n{shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &str, expected: &str) {
        for end in 0..bytes.len() {
            let early = parse(&bytes.as_bytes()[..end]).expect("a prefix is not malformed");
            assert!(early.is_none(), "complete after {end} bytes");
        }
        let response = parse(bytes.as_bytes()).expect("well-formed").expect("complete");
        assert_eq!(String::from_utf8_lossy(&response.body), expected);
        assert_eq!(response.length, bytes.len());
    }

    #[test]
    fn a_counted_body_is_taken_whole() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: application/json\r\n\r\n{  }", "{  }");
    }

    #[test]
    fn chunks_are_joined() {
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n1\r\n}\r\n0\r\n\r\n", "{ }");
    }

    #[test]
    fn the_answer_is_the_last_event_with_data() {
        let events = "id: 0\nretry: 3000\ndata:\n\nid: 1\ndata: {\"id\":1}\n\n";
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        check(&format!("{head}{:x}\r\n{events}\r\n0\r\n\r\n", events.len()), "{\"id\":1}");
    }
}
