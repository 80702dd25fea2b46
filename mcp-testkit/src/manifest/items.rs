//! Asking for what is not there, or badly.

use super::spec;
use crate::fixture::{Fixture, request};

/// The member `uri` with 8,193 bytes.
const LONG_URI: &str = {
    const BYTES: [u8; 8_201] = {
        let mut bytes = [b'x'; 8_201];
        let (start, end) = (br#""uri":""#, 8_200);
        let mut at = 0;
        while at < start.len() {
            bytes[at] = start[at];
            at += 1;
        }
        bytes[end] = b'"';
        bytes
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!("it is ASCII"),
    }
};

const TOOLS: &str = spec!("2025-11-25/server/tools#error-handling");
const RESOURCES: &str = spec!("2025-11-25/server/resources#error-handling");
const PROMPTS: &str = spec!("2025-11-25/server/prompts#error-handling");
const COMPLETION: &str = spec!("2025-11-25/server/utilities/completion#error-handling");
const PAGES: &str = spec!("2025-11-25/server/utilities/pagination#error-handling");
const LOGGING: &str = spec!("2025-11-25/server/utilities/logging#error-handling");

/// A name, the passage, a method and the members of its `params`; in every revision.
const EVERYWHERE: &[(&str, &str, &str, &str)] = &[
    ("an unknown tool", TOOLS, "tools/call", r#""name":"no_such_tool","arguments":{}"#),
    ("an unknown tool with a name beyond ASCII", TOOLS, "tools/call", r#""name":"café","arguments":{}"#),
    ("a tool with an empty name", TOOLS, "tools/call", r#""name":"","arguments":{}"#),
    ("a tool without a name", TOOLS, "tools/call", r#""arguments":{}"#),
    ("a tool whose name is a number", TOOLS, "tools/call", r#""name":7,"arguments":{}"#),
    ("a tool whose name is given twice", TOOLS, "tools/call", r#""name":"a","name":"b""#),
    ("an unknown tool with arguments in an array", TOOLS, "tools/call", r#""name":"no_such_tool","arguments":[]"#),
    ("an unknown resource", RESOURCES, "resources/read", r#""uri":"nowhere://x""#),
    ("a resource whose URI is too long", RESOURCES, "resources/read", LONG_URI),
    ("a subscription to a URI that is too long", RESOURCES, "resources/subscribe", LONG_URI),
    ("a resource without a URI", RESOURCES, "resources/read", ""),
    ("a resource whose URI is an object", RESOURCES, "resources/read", r#""uri":{}"#),
    ("an unknown prompt", PROMPTS, "prompts/get", r#""name":"no_such_prompt""#),
    ("a prompt without a name", PROMPTS, "prompts/get", ""),
    ("prompt arguments in an array", PROMPTS, "prompts/get", r#""name":"no_such_prompt","arguments":[]"#),
    ("prompt arguments that are numbers", PROMPTS, "prompts/get", r#""name":"no_such_prompt","arguments":{"x":1}"#),
    ("a completion of nothing", COMPLETION, "completion/complete", ""),
    ("a completion without a reference", COMPLETION, "completion/complete", r#""argument":{"name":"x","value":""}"#),
    (
        "a completion of an unknown prompt",
        COMPLETION,
        "completion/complete",
        r#""ref":{"type":"ref/prompt","name":"no_such_prompt"},"argument":{"name":"x","value":""}"#,
    ),
    (
        "a completion of an unknown kind",
        COMPLETION,
        "completion/complete",
        r#""ref":{"type":"ref/other","name":"x"},"argument":{"name":"x","value":""}"#,
    ),
    (
        "a completion with a number for a value",
        COMPLETION,
        "completion/complete",
        r#""ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"x","value":1}"#,
    ),
    ("a cursor that was never issued", PAGES, "tools/list", r#""cursor":"abc""#),
    ("a cursor that is no token", PAGES, "resources/list", r#""cursor":"!!!""#),
    ("an empty cursor", PAGES, "prompts/list", r#""cursor":"""#),
    ("a cursor that is a number", PAGES, "resources/templates/list", r#""cursor":1"#),
];

/// The same for the revisions with sessions.
const LEGACY: &[(&str, &str, &str, &str)] = &[
    ("a log level", LOGGING, "logging/setLevel", r#""level":"warning""#),
    ("an unknown log level", LOGGING, "logging/setLevel", r#""level":"loud""#),
    ("no log level", LOGGING, "logging/setLevel", ""),
    ("a subscription to an unknown resource", RESOURCES, "resources/subscribe", r#""uri":"nowhere://x""#),
    ("a subscription without a URI", RESOURCES, "resources/subscribe", ""),
    ("an end to a subscription there was not", RESOURCES, "resources/unsubscribe", r#""uri":"nowhere://x""#),
];

/// The same for the stateless revisions.
const MODERN: &[(&str, &str, &str, &str)] = &[
    ("a log level where requests carry it", spec!("2026-07-28/changelog"), "logging/setLevel", r#""level":"warning""#),
    ("a subscription where there is listening", spec!("2026-07-28/changelog"), "resources/subscribe", r#""uri":"nowhere://x""#),
    ("listening to nothing", spec!("2026-07-28/basic/patterns/subscriptions"), "subscriptions/listen", ""),
    (
        "listening with a filter in an array",
        spec!("2026-07-28/basic/patterns/subscriptions"),
        "subscriptions/listen",
        r#""notifications":[1]"#,
    ),
    (
        "answers in an array",
        spec!("2026-07-28/basic/patterns/mrtr"),
        "tools/call",
        r#""name":"no_such_tool","arguments":{},"inputResponses":[]"#,
    ),
    ("a task nobody started", spec!("2026-07-28/basic"), "tasks/get", r#""taskId":"abc""#),
    ("an update of a task nobody started", spec!("2026-07-28/basic"), "tasks/update", r#""taskId":"abc","inputResponses":{}"#),
    ("an end to a task nobody started", spec!("2026-07-28/basic"), "tasks/cancel", r#""taskId":"abc""#),
];

pub(super) fn fixtures() -> Vec<Fixture> {
    let line = |&(name, spec, method, params): &(&'static str, &'static str, &'static str, &'static str)| {
        Fixture::new(name, spec).call(request("1", method, params)).for_anybody()
    };
    let everywhere = EVERYWHERE.iter().map(line);
    everywhere.chain(LEGACY.iter().map(|entry| line(entry).legacy())).chain(MODERN.iter().map(|entry| line(entry).modern())).collect()
}
