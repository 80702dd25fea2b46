//! What the project promises, and which fixture or test covers it. A test keeps the names honest.

use Cover::{Fixture, Test};

/// A promise.
#[derive(Debug)]
pub struct Requirement {
    /// What is promised.
    pub text: &'static str,
    /// What covers it.
    pub covers: &'static [Cover],
}

/// A fixture or a test.
#[derive(Debug)]
pub enum Cover {
    /// A fixture of a manifest.
    Fixture(&'static str),
    /// A test of this package, as `file::name`.
    Test(&'static str),
}

const fn promise(text: &'static str, covers: &'static [Cover]) -> Requirement {
    Requirement { text, covers }
}

/// Bad input has the same code and message everywhere, and the connection lives.
pub const BAD_INPUT: &[Requirement] = &[
    promise(
        "a connection that carried bad requests",
        &[
            Test("keep_alive::a_connection_lives_through_bad_requests"),
            Test("keep_alive::requests_that_follow_one_another_at_once_are_answered_in_order"),
        ],
    ),
    promise(
        "malformed JSON",
        &[Fixture("text that is not JSON"), Fixture("two values"), Fixture("bytes that are not JSON, to a page too")],
    ),
    promise("invalid UTF-8", &[Fixture("invalid UTF-8"), Fixture("overlong UTF-8"), Fixture("half of a surrogate pair")]),
    promise("wrong `jsonrpc`", &[Fixture("no jsonrpc"), Fixture("jsonrpc 1.0"), Fixture("jsonrpc as a number"), Fixture("jsonrpc null")]),
    promise("null ids", &[Fixture("id null")]),
    promise("fractional ids", &[Fixture("id with a fraction"), Fixture("id with a zero fraction"), Fixture("id with an exponent")]),
    promise("duplicate ids", &[Fixture("id twice"), Fixture("the same id twice"), Fixture("an id that is in use")]),
    promise("unknown method", &[Fixture("an unknown method"), Fixture("initialize in a stateless revision")]),
    promise("unknown tool", &[Fixture("an unknown tool"), Fixture("an unknown tool with arguments in an array")]),
    promise(
        "missing arguments",
        &[Fixture("a missing argument"), Fixture("no arguments member"), Fixture("an argument missing within another")],
    ),
    promise(
        "extra arguments",
        &[Fixture("an extra argument"), Fixture("an extra argument beside others"), Fixture("an extra prompt argument")],
    ),
    promise(
        "mistyped arguments",
        &[Fixture("a mistyped argument"), Fixture("an array where an object belongs"), Fixture("arguments in an array")],
    ),
    promise(
        "out-of-range arguments",
        &[Fixture("an argument above its range"), Fixture("an argument beyond its type"), Fixture("an argument beyond every type")],
    ),
    promise(
        "a message over the limit",
        &[
            Fixture("a message one byte too large"),
            Fixture("a message as large as allowed"),
            Test("plain::a_body_over_the_limit_is_refused_whole_or_in_pieces"),
        ],
    ),
    promise(
        "10,000 nested arrays",
        &[Fixture("10,000 nested arrays"), Fixture("10,000 nested arrays in a request"), Fixture("nesting one level too deep")],
    ),
    promise(
        "a batch where none is allowed",
        &[Fixture("a batch of two"), Fixture("a batch of two, without a session"), Fixture("a batch that initializes")],
    ),
    promise("unsupported protocol version", &[Fixture("a protocol version nobody knows"), Fixture("a protocol version with sessions")]),
    promise(
        "header and body that disagree",
        &[Fixture("another method in the header"), Fixture("another name in the header"), Fixture("an argument with another header")],
    ),
    promise(
        "a cursor that was never issued",
        &[Fixture("a cursor that was never issued"), Fixture("a cursor of another list"), Fixture("a cursor with a character added")],
    ),
    promise(
        "a tampered `requestState`",
        &[
            Fixture("a request state with a character added"),
            Fixture("a request state of another tool"),
            Fixture("a request state of other arguments"),
            Fixture("somebody else's request state"),
        ],
    ),
    promise(
        "a session id that was made up",
        &[
            Fixture("a request with a session id made up"),
            Fixture("a session id with a character changed"),
            Test("sessions::unknown_sessions_are_refused_in_the_same_words_however_they_are_named"),
        ],
    ),
    promise(
        "a session id that was revoked",
        &[
            Fixture("a session that was ended"),
            Fixture("news of a session that was ended"),
            Test("leaving::an_ended_session_ends_its_calls"),
        ],
    ),
    promise(
        "a session id that belongs to someone else",
        &[Fixture("somebody else's session"), Fixture("a notification in somebody else's session")],
    ),
    promise(
        "a client that disconnects mid-stream",
        &[
            Test("leaving::leaving_a_stream_cancels_where_requests_are_stateless"),
            Test("leaving::leaving_does_not_cancel_where_there_are_sessions"),
            Test("leaving::leaving_the_stream_of_http_sse_cancels"),
        ],
    ),
    promise(
        "a client that stops reading mid-stream",
        &[
            Test("back_pressure::a_client_that_stops_reading_holds_up_nobody_else_stateless"),
            Test("back_pressure::a_client_that_stops_reading_holds_up_nobody_else_with_sessions"),
            Test("back_pressure::a_client_that_stops_reading_its_pipe_finds_everything_there"),
        ],
    ),
    promise(
        "a tool that panics",
        &[Fixture("a tool that panics"), Fixture("a tool that panics after having waited"), Fixture("32 calls of every kind at once")],
    ),
    promise("a tool that hangs", &[Fixture("a tool that hangs")]),
    promise("a tool that returns what its schema forbids", &[Fixture("a tool that breaks its output schema")]),
];

/// What users of other frameworks report that one transport does and another does not.
pub const REPORTED_ELSEWHERE: &[Requirement] = &[
    promise(
        "authorization is skipped on stdio (punkpeye/fastmcp#144)",
        &[
            Fixture("a scoped tool, then an open one"),
            Fixture("refusals side by side"),
            Test("decisions::decisions_are_as_written_on_every_transport"),
        ],
    ),
    promise("every scoped call over stdio is refused (redis/redis-vl-python#628)", &[Fixture("a scoped tool, then an open one")]),
    promise(
        "sampling and elicitation hang over HTTP (modelcontextprotocol#907)",
        &[Fixture("a question on the stream, accepted"), Fixture("two questions on the stream")],
    ),
    promise(
        "progress, logs and news are dropped on stdio (joshrotenberg/tower-mcp#374)",
        &[Fixture("progress"), Fixture("logs at a level"), Fixture("news of a list"), Fixture("listening to everything")],
    ),
    promise(
        "progress is lost or late over HTTP (punkpeye/fastmcp#362, #90)",
        &[Fixture("progress"), Fixture("more progress than is buffered")],
    ),
    promise(
        "cancellation is missing on stdio (mezmo/aura#163)",
        &[Fixture("a call that is cancelled"), Fixture("a call with a text for an id that is cancelled")],
    ),
    promise(
        "a tool sees the first request's caller (PrefectHQ/fastmcp#1233)",
        &[Fixture("a scoped tool, then an open one"), Fixture("somebody else's session")],
    ),
    promise(
        "a session changes with each call (PrefectHQ/fastmcp#5134)",
        &[Fixture("logs at another level"), Fixture("news of a resource")],
    ),
    promise("HTTP runs calls one after the other (pmcp 2.23.0, F-4)", &[Fixture("32 calls at once")]),
    promise("stdio frames with Content-Length (paiml/rust-mcp-sdk#157)", &[Fixture("initialize and be heard")]),
    promise(
        "tasks fail when mounted over HTTP (PrefectHQ/fastmcp#2671)",
        &[Fixture("a task that is cancelled"), Fixture("a tool that could be a task, for a client without tasks")],
    ),
    promise("a parse error has no answer on stdio (rmcp#833, #1208)", &[Fixture("text that is not JSON"), Fixture("invalid UTF-8")]),
    promise(
        "what runs is lost at the end of input or at shutdown (rmcp#759, #1427)",
        &[
            Test("shutdown::the_end_of_input_lets_calls_finish"),
            Test("shutdown::the_end_of_input_loses_nothing_that_was_sent_before_it"),
            Test("shutdown::being_asked_to_stop_lets_calls_over_http_finish"),
            Test("shutdown::being_asked_to_stop_lets_calls_over_stdio_finish"),
        ],
    ),
    promise(
        "requests before initialize pass on one transport (rmcp#788)",
        &[Fixture("a list before initialize"), Fixture("a call before initialize"), Fixture("no session id")],
    ),
    promise("progress in JSON mode breaks the answer (rmcp#990)", &[Fixture("progress")]),
    promise(
        "leaving cancels on one kind of session only (rmcp#967)",
        &[
            Test("leaving::leaving_before_any_stream_does_not_cancel_where_there_are_sessions"),
            Test("leaving::leaving_before_any_stream_cancels_where_requests_are_stateless"),
        ],
    ),
    promise(
        "lines without bound on stdio, memory over HTTP (rmcp#1049, #970)",
        &[Fixture("a message one byte too large"), Test("back_pressure::a_client_that_stops_reading_holds_up_nobody_else_stateless")],
    ),
    promise(
        "error bodies are hidden over HTTP (rmcp#748, #1341)",
        &[Fixture("an unknown tool"), Test("plain::every_outcome_has_a_status_and_the_bare_body")],
    ),
    promise("a header mismatch has the wrong status (rmcp#1259)", &[Fixture("no method header"), Fixture("no version header")]),
    promise(
        "ids change their type on the way (rmcp#1021, #1346)",
        &[
            Fixture("an id beyond 2^53"),
            Fixture("an id of 40 digits"),
            Fixture("an id that looks like a number"),
            Fixture("an id with escapes"),
        ],
    ),
    promise("a stray `println!` corrupts stdio", &[Fixture("a tool that prints")]),
    promise(
        "arguments that are no object answer `method not found`",
        &[Fixture("arguments in an array"), Fixture("arguments that are text")],
    ),
];
