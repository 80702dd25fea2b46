//! Arguments that fit, and arguments that do not: the message names the argument and what it expects.

use mcp_core::Limits;
use mcp_testkit::{Fixture, call, raw, request};

use super::spec;

const TOOLS: &str = spec!("2025-11-25/server/tools#error-handling");
const PROMPTS: &str = spec!("2025-11-25/server/prompts#error-handling");
const RESOURCES: &str = spec!("2025-11-25/server/resources#error-handling");

/// A name, a tool and its arguments.
const LINES: &[(&str, &str, &str)] = &[
    ("arguments that fit", "add", r#"{"a":1,"b":2}"#),
    ("arguments in another order", "add", r#"{"b":2,"a":1}"#),
    ("arguments at the edge of their type", "add", r#"{"a":2147483647,"b":-2147483648}"#),
    ("a whole number written with a fraction", "add", r#"{"a":1.0,"b":2}"#),
    ("a whole number written with an exponent", "add", r#"{"a":1e2,"b":2}"#),
    ("a missing argument", "add", r#"{"a":1}"#),
    ("all arguments missing", "add", "{}"),
    ("an extra argument", "add", r#"{"a":1,"b":2,"c":3}"#),
    ("an argument with a slip in its name", "add", r#"{"a":1,"B":2}"#),
    ("a mistyped argument", "add", r#"{"a":"1","b":2}"#),
    ("an argument that is null", "add", r#"{"a":null,"b":2}"#),
    ("an argument with a fraction", "add", r#"{"a":1.5,"b":2}"#),
    ("an argument beyond its type", "add", r#"{"a":2147483648,"b":2}"#),
    ("an argument beyond every type", "add", r#"{"a":1e999,"b":2}"#),
    ("an argument given twice", "add", r#"{"a":1,"a":2,"b":3}"#),
    ("two arguments wrong at once", "add", r#"{"a":"x","b":[]}"#),
    ("arguments in an array", "add", "[1,2]"),
    ("arguments that are text", "add", "\"1\""),
    ("arguments that are a number", "add", "7"),
    ("arguments null", "add", "null"),
    ("text beyond ASCII", "echo", r#"{"text":"żółć 🦀\u0000\n"}"#),
    ("text with half of a surrogate pair", "echo", r#"{"text":"\ud800"}"#),
    ("text that holds a message", "echo", r#"{"text":"\r\ndata: {\"jsonrpc\":\"2.0\"}\n\n"}"#),
    ("text with line separators", "echo", "{\"text\":\"\u{2028}\u{2029}\u{85}\"}"),
    ("an argument below its range", "ranged", r#"{"count":0}"#),
    ("an argument above its range", "ranged", r#"{"count":11}"#),
    ("a negative argument where none is allowed", "ranged", r#"{"count":-1}"#),
    ("text that is too short", "ranged", r#"{"count":1,"code":"a"}"#),
    ("text that is too long", "ranged", r#"{"count":1,"code":"abcde"}"#),
    ("text that breaks its pattern", "ranged", r#"{"count":1,"code":"A1"}"#),
    ("a choice that exists", "ranged", r#"{"count":1,"order":"rising"}"#),
    ("a choice that does not exist", "ranged", r#"{"count":1,"order":"sideways"}"#),
    ("a choice left open", "ranged", r#"{"count":1,"order":null}"#),
    ("arguments within arguments", "measure", r#"{"from":{"x":1,"y":2},"to":{"x":3,"y":4}}"#),
    ("an argument missing within another", "measure", r#"{"from":{"x":1}}"#),
    ("an argument mistyped within another", "measure", r#"{"from":{"x":1,"y":"2"},"to":null}"#),
    ("an argument out of range within another", "measure", r#"{"from":{"x":1,"y":200}}"#),
    ("an array where an object belongs", "measure", r#"{"from":[1,2]}"#),
    ("an extra argument beside others", "measure", r#"{"from":{"x":1,"y":2},"via":[]}"#),
    ("many things wrong at once", "ranged", r#"{"count":99,"code":"A","order":1,"x":true}"#),
];

/// Messages that name no tool's arguments: method and members of `params`.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("no arguments member", TOOLS, "tools/call", r#""name":"add""#),
    ("prompt arguments that fit", PROMPTS, "prompts/get", r#""name":"review","arguments":{"code":"x","focus":"speed"}"#),
    ("a missing prompt argument", PROMPTS, "prompts/get", r#""name":"review","arguments":{"focus":"speed"}"#),
    ("an extra prompt argument", PROMPTS, "prompts/get", r#""name":"review","arguments":{"code":"x","y":"z"}"#),
    ("a prompt argument that is a number", PROMPTS, "prompts/get", r#""name":"review","arguments":{"code":1}"#),
    ("a page of a template", RESOURCES, "resources/read", r#""uri":"handbook://pages/7""#),
    ("a page that is no number", RESOURCES, "resources/read", r#""uri":"handbook://pages/seven""#),
    ("a page the template has not", RESOURCES, "resources/read", r#""uri":"handbook://pages/101""#),
    ("a URI that only begins like the template", RESOURCES, "resources/read", r#""uri":"handbook://pages/7/8""#),
    ("a URI with escapes", RESOURCES, "resources/read", r#""uri":"handbook://pages/%37""#),
    ("a URI with broken escapes", RESOURCES, "resources/read", r#""uri":"handbook://pages/%zz""#),
    (
        "a completion of a prompt",
        spec!("2025-11-25/server/utilities/completion"),
        "completion/complete",
        r#""ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"focus","value":"s"}"#,
    ),
    (
        "a completion of a template",
        spec!("2025-11-25/server/utilities/completion"),
        "completion/complete",
        r#""ref":{"type":"ref/resource","uri":"handbook://pages/{page}"},"argument":{"name":"page","value":"1"}"#,
    ),
    (
        "a completion without suggestions",
        spec!("2025-11-25/server/utilities/completion"),
        "completion/complete",
        r#""ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"code","value":"s"},"context":{"arguments":{"focus":"speed"}}"#,
    ),
];

pub(super) fn fixtures(limits: &Limits) -> Vec<Fixture> {
    let tools = LINES.iter().map(|&(name, tool, arguments)| Fixture::new(name, TOOLS).call(call("1", tool, arguments)));
    let others = OTHERS.iter().map(|&(name, spec, method, params)| Fixture::new(name, spec).call(request("1", method, params)));
    let headers = [
        Fixture::new("an argument repeated in a header", HEADERS)
            .call(call("1", "locate", r#"{"region":"north"}"#).header("Mcp-Param-Region", "north")),
        Fixture::new("an argument in a header in base64", HEADERS)
            .call(call("1", "locate", r#"{"region":"süd"}"#).header("Mcp-Param-Region", "=?base64?c8O8ZA==?=")),
        Fixture::new("an argument without its header", HEADERS).with_headers(ONLY_HTTP).call(call("1", "locate", r#"{"region":"north"}"#)),
        Fixture::new("an argument with another header", HEADERS)
            .with_headers(ONLY_HTTP)
            .call(call("1", "locate", r#"{"region":"north"}"#).header("Mcp-Param-Region", "south")),
        Fixture::new("a header without its argument", HEADERS)
            .with_headers(ONLY_HTTP)
            .call(call("1", "locate", "{}").header("Mcp-Param-Region", "south")),
        Fixture::new("an argument whose header is not needed", HEADERS).legacy().call(call("1", "locate", r#"{"region":"north"}"#)),
    ];
    let too_large = vec![b' '; limits.max_message_bytes + 1];
    let pages = [
        ("bytes that are not JSON, to a page too", b"{".to_vec()),
        ("a key without quotes, to a page too", b"{a:1}".to_vec()),
        ("invalid UTF-8, to a page too", b"{\"a\":\"\xff\"}".to_vec()),
        ("10,000 nested arrays, to a page too", b"[".repeat(10_000)),
        ("a message that is too large, to a page too", too_large),
    ];
    let pages = pages.map(|(name, bytes)| Fixture::new(name, TOOLS).call(raw(bytes).also_plain("add")));
    tools.chain(others).chain(headers).chain(pages).map(Fixture::for_anybody).collect()
}

const HEADERS: &str = spec!("2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters");
const ONLY_HTTP: &str = "only HTTP repeats arguments in headers";
