//! `mcp call`, `mcp read` and `mcp prompt`, and how they end.

use serde_json::Value;

use crate::support::{Served, command, example, on, run, run_on, run_with_input};

#[test]
fn arguments_are_words_json_or_the_standard_input() {
    let served = Served::start("hello");
    for words in [&["a=2", "b=3"][..], &["a:=2", "b=3"], &[r#"{"a": 2, "b": 3}"#]] {
        let over_stdio = run_on("hello", &[&["call", "add"], words].concat());
        let over_http = run(command(&[&["call", &served.url, "add"], words].concat()));
        assert_eq!((over_stdio.code, over_stdio.out.as_str()), (0, "5\n"), "{words:?}: {}", over_stdio.err);
        assert_eq!((over_http.code, over_http.out.as_str()), (0, "5\n"), "{words:?}: {}", over_http.err);
    }
    let read = run_with_input(command(&["call", &served.url, "add", "-"]), r#"{"a": 20, "b": 3}"#);
    assert_eq!((read.code, read.out.as_str()), (0, "23\n"), "{}", read.err);
}

#[test]
fn every_ending_has_its_code() {
    for (line, code, error) in [
        ("call greet name=you", 0, ""),
        ("call add a=1", 2, "these arguments are missing: `b` (integer)"),
        ("call add a=1 b=x", 2, "the argument `b` must be integer, not `x`"),
        ("call add a=1 b=2 c=3", 2, "there is no argument `c`"),
        ("call ad", 6, "the server has no tool `ad`; did you mean add?"),
        ("call zzz", 6, "`mcp list` shows what it has"),
        ("prompt zzz", 6, "the server has no prompts"),
        ("read a:b", 6, "the server has no resources"),
        ("call add {\"a\":9999999999,\"b\":1}", 7, "the tool reports a failure"),
        ("call", 2, "required"),
    ] {
        on("hello", line).is(code, &[], &[error]);
    }
    for (line, code, error) in [
        ("call test_error_handling", 7, "the tool reports a failure"),
        ("read test://nowhere", 6, "the server has no resource `test://nowhere`"),
        ("read test://nowhere --era legacy", 6, "there is no resource"),
        ("prompt test_simple_promp", 6, "did you mean test_simple_prompt?"),
        ("prompt test_prompt_with_arguments arg1=x", 2, "`arg2` (string)"),
    ] {
        on("everything", line).is(code, &[], &[error]);
    }
}

#[test]
fn what_a_failing_tool_says_is_shown() {
    on("everything", "call test_error_handling").is(7, &["This tool intentionally returns an error for testing"], &[]);
    let result: Value = serde_json::from_str(&on("everything", "call test_error_handling --json").out).expect("JSON");
    assert_eq!(result["isError"], true);
}

#[test]
fn a_result_can_be_json() {
    let result: Value = serde_json::from_str(&on("hello", "call add a=1 b=2 --json").out).expect("JSON");
    assert_eq!(result["structuredContent"], serde_json::json!(3));
}

#[test]
fn bytes_are_saved_where_they_are_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("dot.png");
    let path = picture.to_str().expect("a plain path");
    on("everything", "call test_image_content").is(0, &[], &["[image/png, 69 bytes; save it with --output PATH]"]);
    run_on("everything", &["call", "test_image_content", "--output", path]).is(0, &[], &["saved as"]);
    let dot = std::fs::read(&picture).expect("it was saved");
    assert!(dot.starts_with(b"\x89PNG"));
    run_on("everything", &["read", "test://static-binary", "-o", path]).is(0, &[], &["saved as"]);
    assert_eq!(std::fs::read(&picture).expect("it was saved again"), dot);
    let into = folder.path().to_str().expect("a plain path");
    run_on("everything", &["call", "test_audio_content", "-o", into]).is(0, &[], &["1.wav"]);
    assert!(folder.path().join("1.wav").exists());
    run_on("everything", &["call", "test_image_content", "-o", "/nowhere/dot.png"]).is(1, &[], &["/nowhere/dot.png cannot be written"]);
}

#[test]
fn resources_and_prompts_are_shown() {
    on("everything", "read test://static-text").is(0, &["This is the content of the static text resource."], &[]);
    on("everything", "read test://template/7/data").is(0, &["7"], &[]);
    on("everything", "prompt test_prompt_with_arguments arg1=a arg2=b").is(0, &["user:\nPrompt with arguments: arg1='a', arg2='b'"], &[]);
    on("everything", "prompt test_simple_prompt --json").is(0, &[r#""role": "user""#], &[]);
}

#[test]
fn a_question_is_declined_where_there_is_nobody_to_ask() {
    for era in ["modern", "legacy"] {
        on("everything", &format!("call test_elicitation message=Really? --era {era}")).is(
            0,
            &["action=decline"],
            &["the server asks: Really?", "declined, because there is no terminal to ask on"],
        );
    }
}

#[test]
fn a_time_out_is_a_broken_connection() {
    on("everything", "call slow_compute seconds=30 --era legacy --timeout 300ms").is(3, &[], &["no answer came within 300ms"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_cancels_the_call_and_ends_the_server() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    for signal in ["-INT", "-TERM"] {
        let server = example("everything");
        let server = server.to_str().expect("a plain path");
        let mut command = command(&["call", "slow_compute", "seconds=60", "--era", "legacy", "--debug", "--", server]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
        let mut log = BufReader::new(child.stderr.take().expect("asked for above")).lines().map_while(Result::ok);
        log.find(|line| line.contains("tools/call")).expect("the call is shown");
        let kill = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.expect("there is `kill`").success());
        let rest: Vec<String> = log.collect();
        assert!(rest.iter().any(|line| line.contains("notifications/cancelled")), "{rest:#?}");
        assert_eq!(child.wait().expect("a child can be waited for").code(), Some(130), "{rest:#?}");
    }
}
