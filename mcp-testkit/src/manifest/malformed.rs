//! Bytes that are no message.

use mcp_parity::Limits;

use super::spec;
use crate::fixture::{Fixture, raw, request, text};
use crate::wire::Wire;

/// A name, the passage, and the bytes.
type Line = (&'static str, &'static str, &'static str);

const MESSAGES: &str = spec!("2025-11-25/basic#messages");
const IDS: &str = spec!("2026-07-28/basic#requests");

const NO_MESSAGES: &[Line] = &[
    ("text that is not JSON", MESSAGES, "{"),
    ("a byte order mark", MESSAGES, "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"),
    ("JSON with a trailing comma", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#),
    ("two values", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#),
    ("a key without quotes", MESSAGES, r#"{jsonrpc:"2.0","id":1,"method":"ping"}"#),
    ("half of a surrogate pair", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#),
    ("a number", MESSAGES, "7"),
    ("null", MESSAGES, "null"),
    ("a string", MESSAGES, "\"ping\""),
    ("an empty object", MESSAGES, "{}"),
    ("no jsonrpc", MESSAGES, r#"{"id":1,"method":"ping","params":{$meta}}"#),
    ("jsonrpc 1.0", MESSAGES, r#"{"jsonrpc":"1.0","id":1,"method":"ping","params":{$meta}}"#),
    ("jsonrpc as a number", MESSAGES, r#"{"jsonrpc":2.0,"id":1,"method":"ping","params":{$meta}}"#),
    ("jsonrpc null", MESSAGES, r#"{"jsonrpc":null,"id":1,"method":"ping","params":{$meta}}"#),
    ("id null", IDS, r#"{"jsonrpc":"2.0","id":null,"method":"ping","params":{$meta}}"#),
    ("id with a fraction", IDS, r#"{"jsonrpc":"2.0","id":1.5,"method":"ping","params":{$meta}}"#),
    ("id with a zero fraction", IDS, r#"{"jsonrpc":"2.0","id":1.0,"method":"ping","params":{$meta}}"#),
    ("id with an exponent", IDS, r#"{"jsonrpc":"2.0","id":1e3,"method":"ping","params":{$meta}}"#),
    ("id true", IDS, r#"{"jsonrpc":"2.0","id":true,"method":"ping","params":{$meta}}"#),
    ("id an object", IDS, r#"{"jsonrpc":"2.0","id":{},"method":"ping","params":{$meta}}"#),
    ("id an array", IDS, r#"{"jsonrpc":"2.0","id":[1],"method":"ping","params":{$meta}}"#),
    ("id twice", IDS, r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","params":{$meta}}"#),
    ("the same id twice", IDS, r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping","params":{$meta}}"#),
    ("method twice", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list","params":{$meta}}"#),
    ("params twice", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{$meta},"params":{$meta}}"#),
    ("method a number", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":7,"params":{$meta}}"#),
    ("method null", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":null,"params":{$meta}}"#),
    ("neither method nor result", MESSAGES, r#"{"jsonrpc":"2.0","id":1}"#),
    ("both result and error", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}"#),
    ("a result without an id", MESSAGES, r#"{"jsonrpc":"2.0","result":{}}"#),
    ("params an array", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#),
    ("params a string", MESSAGES, r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#),
    ("_meta an array", spec!("2025-11-25/basic#_meta"), r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":[]}}"#),
    ("_meta twice", spec!("2025-11-25/basic#_meta"), r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{$meta,$meta}}"#),
];

const DISCOVER: &str = concat!(
    r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"#,
    r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
);

pub(super) fn fixtures(limits: &Limits) -> Vec<Fixture> {
    let lines = NO_MESSAGES.iter().map(|&(name, spec, bytes)| Fixture::new(name, spec).call(text(bytes)));
    let mut fixtures: Vec<Fixture> = lines.collect();
    for (name, nothing) in [("no bytes at all", ""), ("nothing but white space", " \t ")] {
        let blank = "where each line is a message, a blank line is none";
        fixtures.push(Fixture::new(name, MESSAGES).except(&[Wire::Stdio, Wire::Pipes], blank).call(text(nothing)));
    }
    let not_utf8 = &b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"p\xffng\"}"[..];
    fixtures.push(Fixture::new("invalid UTF-8", spec!("2025-11-25/basic/transports")).call(raw(not_utf8)));
    let overlong = &b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xc0\xaf\"}"[..];
    fixtures.push(Fixture::new("overlong UTF-8", spec!("2025-11-25/basic/transports")).call(raw(overlong)));
    fixtures.push(Fixture::new("10,000 nested arrays", MESSAGES).call(raw("[".repeat(10_000).into_bytes())));
    let nested =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{$meta,"x":{}{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    fixtures.push(Fixture::new("10,000 nested arrays in a request", MESSAGES).call(text(nested)));
    // `params` and the message itself are two levels.
    for (name, depth) in [("nesting as deep as allowed", limits.max_depth - 2), ("nesting one level too deep", limits.max_depth - 1)] {
        let nested = format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth));
        fixtures.push(Fixture::new(name, MESSAGES).call(request("1", "tools/list", nested)));
    }
    for (name, more) in [("a message as large as allowed", 0), ("a message one byte too large", 1)] {
        let padded = |text: &str| {
            let mut message = text.as_bytes().to_vec();
            message.resize(limits.max_message_bytes + more, b' ');
            raw(message)
        };
        let ping = padded(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
        fixtures.push(Fixture::new(name, spec!("2025-11-25/basic/transports")).legacy().call(ping));
        fixtures.push(Fixture::new(format!("{name}, stateless"), spec!("2026-07-28/basic/transports")).modern().call(padded(DISCOVER)));
    }
    fixtures.into_iter().map(Fixture::for_anybody).collect()
}
