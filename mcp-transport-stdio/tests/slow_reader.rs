//! What calls have said is written for as long as the client reads, also after the end of its input.

mod support;

use std::io::{PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::sync::Arc;
use std::time::Duration;

use mcp_core::{Context, Dispatcher, NoArguments, Registry, Tool, ToolError};
use mcp_transport_stdio::{Options, serve};

use crate::support::Tokio;

/// How much each call says, in bytes; more than a pipe holds.
const SAID: usize = 300_000;

fn dispatcher() -> Dispatcher {
    let mut registry = Registry::new();
    let tool = Tool::new("speak", |cx: Context, _: NoArguments| async move {
        // Long enough not to be answered by the thread that reads.
        cx.sleep(Duration::from_millis(1)).await;
        Ok::<_, ToolError>("x".repeat(SAID))
    });
    registry.add_tool(tool).expect("there is no other tool");
    Dispatcher::builder(registry, Arc::new(Tokio)).build().expect("the server is sound")
}

/// Serves three calls to a client that reads slowly, and only when it is told to. Returns what it has read.
async fn read_slowly(begin: std::sync::mpsc::Receiver<()>, when_served: impl FnOnce()) -> Vec<u8> {
    let ((server_reads, mut client_writes), (mut client_reads, server_writes)): ((PipeReader, PipeWriter), (PipeReader, PipeWriter)) =
        (pipe().expect("a pipe"), pipe().expect("a pipe"));
    let reading = std::thread::spawn(move || {
        let (mut all, mut piece) = (Vec::new(), vec![0; 32 * 1_024]);
        begin.recv().expect("somebody says so");
        loop {
            match client_reads.read(&mut piece).expect("the pipe can be read") {
                0 => return all,
                read => all.extend_from_slice(&piece[..read]),
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    });
    for id in 1..=3 {
        let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
        writeln!(
            client_writes,
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"speak","arguments":{{}},{meta}}}}}"#
        )
        .expect("the pipe takes a line");
    }
    drop(client_writes);
    let served = serve(dispatcher(), Options::default(), server_reads, server_writes, std::future::pending());
    tokio::time::timeout(Duration::from_secs(60), served).await.expect("the server ends").expect("it is served to the end");
    when_served();
    tokio::task::spawn_blocking(|| reading.join().expect("the reader does not panic")).await.expect("it is waited for")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_slowly_hears_all_that_calls_have_said() {
    let (tell, begin) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // Later than the last call has ended.
        std::thread::sleep(Duration::from_millis(1_200));
        tell.send(()).expect("the reader waits");
    });
    let all = read_slowly(begin, || ()).await;
    let lines: Vec<&[u8]> = all.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert!(line.len() > SAID && line.ends_with(b"}"), "an answer is cut after {} bytes", line.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_not_waited_for() {
    let (tell, begin) = std::sync::mpsc::channel();
    // It reads nothing before the server has ended.
    let all = read_slowly(begin, move || tell.send(()).expect("the reader waits")).await;
    assert!(all.starts_with(b"{"), "what was written is there");
}
