//! Clients that stop reading: what is sent to them waits, and nobody else does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use mcp_core::Revision;
use mcp_tests::client::{Listening, Stream, call, initialize, open_session, post};
use tokio::net::TcpSocket;

/// So many notifications of such a size are more than all buffers between server and client hold.
const LINES: u32 = 1_000;
const WIDTH: u32 = 32_768;

fn chatters(revision: Revision) -> String {
    call(revision, 1, "chatters", &format!(r#"{{"lines":{LINES},"width":{WIDTH}}}"#))
}

async fn http(revision: Revision) {
    let listening = Listening::start().await;
    let session = open_session(listening.address, revision).await;
    // A buffer of a fixed size, for some systems would let this one grow to hold everything.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(65_536).expect("a buffer");
    let connection = socket.connect(listening.address).await.expect("the server listens");
    let request = post(listening.address, revision, session.as_deref(), &chatters(revision));
    let response = request.send_on(connection).await.expect("the server answers");
    // From here on the first client does not read.
    for id in 100..150 {
        let message = call(revision, id, "add", r#"{"a":1,"b":2}"#);
        let mut other = post(listening.address, revision, session.as_deref(), &message).send().await.expect("the server listens");
        let answer = String::from_utf8(other.body().await.expect("an answer")).expect("text");
        assert!(answer.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result""#)), "{answer}");
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((listening.witness.started(), listening.witness.finished()), (1, 0), "{revision}: the call waits for its client");
    let mut stream = Stream::of(response);
    for line in 1..=LINES {
        let progress = stream.next().await.expect("nothing is lost");
        let told = progress.get(..110).unwrap_or(&progress);
        assert!(told.contains(&format!(r#""progress":{line},"#)), "{revision}: {told} is not line {line}");
    }
    let answer = stream.next().await.expect("nothing is lost");
    assert!(answer.contains("1000 lines"), "{answer}");
    assert_eq!(stream.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_holds_up_nobody_else_stateless() {
    http(Revision::V2026_07_28).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_holds_up_nobody_else_with_sessions() {
    for revision in [Revision::V2025_03_26, Revision::V2025_06_18, Revision::V2025_11_25] {
        http(revision).await;
    }
}

#[test]
fn a_client_that_stops_reading_its_pipe_finds_everything_there() {
    let revision = Revision::V2025_11_25;
    let mut child = Command::new(env!("CARGO_BIN_EXE_parity-server"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program exists");
    let mut input = child.stdin.take().expect("asked for above");
    for message in [initialize(revision), chatters(revision), call(revision, 2, "add", r#"{"a":1,"b":2}"#)] {
        writeln!(input, "{message}").expect("the process reads");
    }
    // Long enough for the pipe to fill up, though nothing goes wrong if it has not.
    std::thread::sleep(Duration::from_millis(300));
    let mut output = BufReader::new(child.stdout.take().expect("asked for above")).lines().map(|line| line.expect("text"));
    assert!(output.next().expect("an answer").contains(r#""id":0,"result""#));
    let (mut lines, mut answers) = (0, 0);
    while lines < LINES || answers < 2 {
        let line = output.next().expect("nothing is lost");
        if line.contains("notifications/progress") {
            lines += 1;
            let told = line.get(..110).unwrap_or(&line);
            assert!(told.contains(&format!(r#""progress":{lines},"#)), "{told} is not line {lines}");
        } else {
            answers += 1;
            assert!(line.contains(r#""result""#), "{line}");
        }
    }
    drop(input);
    assert_eq!(output.next(), None);
    assert!(child.wait().expect("a child can be waited for").success());
}
