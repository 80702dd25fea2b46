//! Launching a server: this program, started once more.

use std::process::Stdio;
use std::time::{Duration, Instant};

use mcp_client::{Client, Error};
use mcp_parity::{Server, tool};
use serde_json::json;
use tokio::process::Command;

/// Tell which process this is.
#[tool(read_only)]
fn pid() -> u32 {
    std::process::id()
}

/// End the process without a word.
#[tool]
fn die() -> String {
    std::process::exit(7)
}

fn command(mode: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(mode).stderr(Stdio::null());
    command
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match std::env::args().nth(1).as_deref() {
        Some("serve") => runtime.block_on(serve()),
        Some("deaf") => std::thread::sleep(Duration::from_secs(60)),
        _ => runtime.block_on(test()),
    }
}

async fn serve() {
    let dispatcher = Server::linked().expect("the registry is sound").into_dispatcher().expect("the registry is sound");
    let options = mcp_parity::stdio::Options::default();
    mcp_parity::stdio::serve_stdio(dispatcher, options, std::future::pending()).await.expect("the standard streams can be read");
}

async fn test() {
    a_server_is_launched_and_exits_by_itself().await;
    a_server_dies_with_its_client().await;
    a_server_that_dies_fails_the_calls_that_wait().await;
    a_server_that_does_not_exit_is_killed().await;
    what_is_no_server_is_an_error().await;
}

fn is_alive(pid: u32) -> bool {
    // A process that ended but was not waited for is a zombie, which counts as gone.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

async fn is_gone(pid: u32) {
    for _ in 0..500 {
        if !is_alive(pid) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {pid} still runs");
}

async fn pid_of(client: &Client) -> u32 {
    client.call_tool("pid", &json!({})).await.expect("an answer").structured().expect("a number")
}

async fn a_server_is_launched_and_exits_by_itself() {
    let client = Client::spawn(command("serve")).await.expect("a connection");
    let pid = pid_of(&client).await;
    assert!(is_alive(pid));
    let started = Instant::now();
    client.close().await;
    assert!(!is_alive(pid));
    assert!(started.elapsed() < Duration::from_secs(4), "it had to be killed");
}

async fn a_server_dies_with_its_client() {
    let client = Client::spawn(command("serve")).await.expect("a connection");
    let pid = pid_of(&client).await;
    drop(client);
    is_gone(pid).await;
}

async fn a_server_that_dies_fails_the_calls_that_wait() {
    let client = Client::spawn(command("serve")).await.expect("a connection");
    let error = client.call_tool("die", &()).await.expect_err("it died");
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    let error = client.call_tool("pid", &()).await.expect_err("it is dead");
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    client.close().await;
}

async fn a_server_that_does_not_exit_is_killed() {
    let builder = Client::builder().timeouts(|timeouts| {
        timeouts.probe = Duration::from_millis(100);
        timeouts.silence = Duration::from_millis(100);
        timeouts.exit = Duration::from_millis(100);
    });
    let started = Instant::now();
    let error = builder.spawn(command("deaf")).await.expect_err("it never answers");
    assert!(matches!(error, Error::Timeout(_)), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "it was waited for");
}

async fn what_is_no_server_is_an_error() {
    let error = Client::spawn(Command::new("/no/such/program")).await.expect_err("there is no such program");
    assert_eq!(error.to_string(), "`/no/such/program` cannot be launched");
    let mut silent = Command::new("true");
    silent.stderr(Stdio::null());
    let error = Client::spawn(silent).await.expect_err("it says nothing");
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
}
