//! `mcp parity`, on servers that are alike and on such that are not.

use serde_json::Value;

use crate::support::{Served, command, example, run};

fn hello() -> String {
    path_of("hello")
}

fn path_of(server: &str) -> String {
    example(server).to_str().expect("a plain path").to_owned()
}

#[test]
fn a_server_with_parity_has_none_of_the_differences() {
    let server = Served::start("hello");
    let parity = run(command(&["parity", "--url", &server.url, "--all-revisions", "--json", "--", &hello()]));
    assert_eq!(parity.code, 0, "{}\n{}", parity.out, parity.err);
    let report: Value = serde_json::from_str(&parity.out).expect("JSON");
    assert_eq!(report["differences"], serde_json::json!([]));
    assert_eq!(report["reference"], "stdio");
    for face in report["faces"].as_array().expect("a list") {
        assert!(face["alike"].as_u64().expect("a number") > 500, "{face}");
    }
    assert_eq!(report["faces"].as_array().map(Vec::len), Some(3), "HTTP, and clients that take less: {report}");
}

#[test]
fn differences_are_shown_with_both_transcripts() {
    let other = Served::start("everything");
    let parity = run(command(&["parity", "--url", &other.url, "--only", "lists", "--era", "2025-06-18", "--", &hello()]));
    parity.is(
        1,
        &[
            "`lists tools`: HTTP differs from stdio (2025-06-18)",
            "  see https://modelcontextprotocol.io/specification/",
            "  stdio:\n    > {",
            "  HTTP:\n    > {",
            "\"name\":\"about\"",
            "FACE            ",
        ],
        &["conversations differ"],
    );
}

#[test]
fn a_server_with_one_face_is_compared_as_far_as_that_goes() {
    let words = ["parity", "--only", "an id", "--era", "modern", "--", &hello()];
    run(command(&words)).is(0, &["stdio, another process"], &["only one face is known"]);
    let server = Served::start("hello");
    run(command(&["parity", &server.url, "--only", "an id"])).is(0, &["HTTP, JSON only", "HTTP, SSE only"], &[]);
    run(command(&["parity", &server.url, "--only", "no such conversation"])).is(1, &[], &["nothing could be compared"]);
    run(command(&["parity", "http://127.0.0.1:9/mcp"])).is(3, &[], &["cannot be connected to"]);
    let elsewhere = server.url.replace("/mcp", "/elsewhere");
    run(command(&["parity", "--url", &elsewhere, "--", &hello()])).is(3, &[], &["there is no MCP endpoint at"]);
    run(command(&["parity", "--url", "http://127.0.0.1:9/mcp", "--", &hello()])).is(3, &[], &["127.0.0.1:9 cannot be connected to"]);
    run(command(&["parity", "--url", "https://x/", "--", &hello()])).is(2, &[], &["not an `http:` URL"]);
}

#[test]
fn the_other_face_can_be_started() {
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("there are free ports");
    let (url, start) = (format!("http://{address}/mcp"), format!("{} http --dev --bind {address}", hello()));
    let words = ["parity", "--http-command", &start, "--url", &url, "--only", "discover", "--", &hello()];
    // The port is free again as soon as the first is done.
    for _ in 0..2 {
        run(command(&words)).is(0, &["HTTP "], &[]);
    }
    let ends = ["parity", "--http-command", "false", "--url", &url, "--", &hello()];
    run(command(&ends)).is(1, &[], &["ended before it listened"]);
    let absent = ["parity", "--http-command", "/nowhere/server", "--url", &url, "--", &hello()];
    run(command(&absent)).is(2, &[], &["`/nowhere/server` cannot be started"]);
}

#[test]
fn tools_that_may_change_something_are_called_only_if_they_are_named() {
    let everything = path_of("everything");
    let quiet = ["parity", "--only", "test_trigger_tool_change", "--era", "modern", "--", &everything];
    run(command(&quiet)).is(1, &[], &["nothing could be compared"]);
    let named = ["parity", "--only", "test_error_handling", "--call", "greet", "--era", "modern", "--", &everything];
    run(command(&named)).is(0, &["stdio, another process"], &[]);
}

#[test]
fn what_is_left_out_is_told_with_the_reason() {
    const REASON: &str = "only HTTP mirrors parts of the body in headers";
    let server = Served::start("hello");
    let hello = hello();
    let with = |option| run(command(&["parity", "--url", &server.url, "--only", "version", "--era", "modern", option, "--", &hello]));
    with("--jobs=2").is(0, &[&format!("left out on HTTP: 4 conversations: {REASON}\n")], &[]);
    let report: Value = serde_json::from_str(&with("--json").out).expect("JSON");
    let face = &report["faces"][0];
    assert_eq!((&face["face"], &face["leftOut"]), (&"HTTP".into(), &4.into()));
    assert_eq!(face["leftOutBecause"].as_array().map(Vec::len), Some(1), "{face}");
    assert_eq!(face["leftOutBecause"][0]["reason"], REASON);
    let first = serde_json::json!({"conversation": "an empty version header", "revision": "2026-07-28"});
    assert_eq!(face["leftOutBecause"][0]["conversations"][0], first);
}

#[test]
fn a_message_that_is_passed_over_is_not_waited_for() {
    let server = Served::start("hello");
    // One line never reaches the server, which answers all others.
    let deaf = format!("grep --line-buffered -v '^{{$' | {}", hello());
    for era in ["modern", "legacy"] {
        let words = ["parity", "--url", &server.url, "--only", "text that is not JSON", "--era", era, "--", "sh", "-c", &deaf];
        let parity = run(command(&words));
        let passed_over =
            "    > {\n    - nothing, though what was asked after it was answered\n    > {\"jsonrpc\":\"2.0\",\"id\":\"alive\"";
        parity.is(1, &["  after {\n", passed_over, "\"code\":-32700"], &["differ"]);
        assert!(!parity.out.contains("nothing came within"), "{}", parity.out);
        assert!(!parity.out.contains("still there"), "what was asked is no part of the conversation: {}", parity.out);
    }
}

#[test]
fn a_difference_that_is_not_seen_again_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = folder.path().join("starts");
    // The first start is to learn what is offered, the second for the reference, the third for the other face.
    let once_another = format!(
        "echo x >> {count}; if [ $(wc -l < {count}) -eq 3 ]; then exec {everything}; else exec {hello}; fi",
        count = count.display(),
        everything = path_of("everything"),
        hello = hello()
    );
    let words = ["parity", "--only", "lists tools", "--era", "modern", "--jobs", "1", "--", "sh", "-c", &once_another];
    let told = "not compared: `lists tools` does not say the same twice on stdio, another process";
    run(command(&words)).is(1, &[told], &["nothing could be compared"]);
}
