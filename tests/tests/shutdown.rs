//! The end of a server: what runs is let finish, what only listens is ended, and nothing is lost.

use mcp_core::Revision;
use mcp_tests::client::{Listening, PATIENCE, Stream, call, initialize, post};
use mcp_tests::process::Process;

const PROGRAM: &str = env!("CARGO_BIN_EXE_parity-server");

/// The revision in which it does not matter, for stdio.
const OLD: Revision = Revision::V2025_06_18;

fn stdio() -> Process {
    let mut process = Process::launch(PROGRAM, &["stdio"]);
    process.send(&initialize(OLD));
    assert!(process.next().expect("an answer").contains(r#""id":0,"result""#));
    process
}

fn waited(id: u32, ms: u32) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"waited {ms} ms"}}]}}}}"#)
}

#[test]
fn the_end_of_input_lets_calls_finish() {
    let mut process = stdio();
    process.send(&call(OLD, 1, "waits", r#"{"ms":1500}"#));
    process.send(&call(OLD, 2, "waits", r#"{"ms":200}"#));
    for _ in 0..2 {
        assert!(process.next().expect("both begin").contains("notifications/progress"));
    }
    process.end_input();
    assert_eq!(process.next(), Some(waited(2, 200)));
    assert_eq!(process.next(), Some(waited(1, 1500)));
    assert_eq!(process.next(), None);
    assert!(process.wait().success());
}

#[test]
fn the_end_of_input_loses_nothing_that_was_sent_before_it() {
    let mut process = stdio();
    let burst: Vec<String> = (1..=500).map(|id| call(OLD, id, "add", r#"{"a":1,"b":2}"#)).collect();
    process.send(&burst.join("\n"));
    process.end_input();
    for id in 1..=500 {
        let answer = process.next().expect("every call is answered");
        assert!(answer.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result""#)), "{answer}");
    }
    assert_eq!(process.next(), None);
    assert!(process.wait().success());
}

#[test]
fn a_last_line_without_an_end_is_answered() {
    use std::io::Write as _;
    let mut child = std::process::Command::new(PROGRAM)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program exists");
    let mut input = child.stdin.take().expect("asked for above");
    input.write_all(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).expect("the process reads");
    drop(input);
    let output = child.wait_with_output().expect("a child can be waited for");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
    assert!(output.status.success());
}

#[test]
fn the_end_of_input_ends_listening_with_an_answer() {
    let mut process = Process::launch(PROGRAM, &["stdio"]);
    process.send(concat!(
        r#"{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"#,
        r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
    ));
    assert!(process.next().expect("an acknowledgment").contains("notifications/subscriptions/acknowledged"));
    process.end_input();
    let answer = process.next().expect("an answer");
    assert!(answer.starts_with(r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete""#), "{answer}");
    assert_eq!(process.next(), None);
    assert!(process.wait().success());
}

#[test]
fn a_question_that_nobody_can_answer_any_more_ends_its_call() {
    let mut process = Process::launch(PROGRAM, &["stdio"]);
    process.send(&initialize(OLD).replace(r#""capabilities":{}"#, r#""capabilities":{"elicitation":{}}"#));
    process.next().expect("an answer");
    process.send(&call(OLD, 1, "asks", "{}"));
    assert!(process.next().expect("a question").contains("elicitation/create"));
    process.end_input();
    let answer = process.next().expect("an answer");
    assert!(answer.contains(r#""id":1,"result""#) && answer.contains("left without answering"), "{answer}");
    assert!(process.wait().success());
}

#[test]
fn being_asked_to_stop_lets_calls_over_stdio_finish() {
    let mut process = stdio();
    process.send(&call(OLD, 1, "waits", r#"{"ms":300}"#));
    assert!(process.next().expect("it begins").contains("notifications/progress"));
    process.terminate();
    assert_eq!(process.next(), Some(waited(1, 300)));
    assert_eq!(process.next(), None);
    assert!(process.wait().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn being_asked_to_stop_lets_calls_over_http_finish() {
    let mut process = Process::launch(PROGRAM, &["http", "--bind", "127.0.0.1:0", "--dev"]);
    let announced = process.next_of_log();
    let address = announced.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the address is announced");
    let address = address.parse().expect("an address");
    let mut running = Vec::new();
    for id in 1..=4 {
        let message = call(Revision::LATEST, id, "waits", r#"{"ms":500}"#);
        let mut stream = Stream::of(post(address, Revision::LATEST, None, &message).send().await.expect("the server listens"));
        assert!(stream.next().await.expect("it begins").contains("notifications/progress"));
        running.push(stream);
    }
    process.terminate();
    for mut stream in running {
        assert!(stream.next().await.expect("every call is answered").contains("waited 500 ms"));
        assert_eq!(stream.next().await, None);
    }
    let ended = tokio::task::spawn_blocking(move || process.wait()).await.expect("waiting does not panic");
    assert!(ended.success());
    let late = post(address, Revision::LATEST, None, &call(Revision::LATEST, 9, "add", "{}")).send().await;
    assert!(late.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn stopping_to_serve_http_ends_streams_of_news_and_idle_connections() {
    let listening = Listening::start().await;
    let address = listening.address;
    let listen = concat!(
        r#"{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"#,
        r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
    );
    let mut stream = Stream::of(post(address, Revision::LATEST, None, listen).send().await.expect("the server listens"));
    assert!(stream.next().await.expect("an acknowledgment").contains("acknowledged"));
    let _idle = tokio::net::TcpStream::connect(address).await.expect("the server listens");
    let stopped = listening.stop();
    let answer = stream.next().await.expect("an answer");
    assert!(answer.starts_with(r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete""#), "{answer}");
    assert_eq!(stream.next().await, None);
    tokio::time::timeout(PATIENCE, stopped).await.expect("nobody is waited for").expect("serving does not panic");
}
