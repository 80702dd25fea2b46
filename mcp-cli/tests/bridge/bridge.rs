//! A bridge, as a host launches it.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_client::{Client, Era};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

/// How long anything may take here; nothing does unless it is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, for somebody whose logins are in a directory, on a machine without a browser: pages are printed.
pub(crate) fn mcp(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp"));
    command.args(words).env("HOME", home).env("XDG_CONFIG_HOME", home.join("settings")).env("PATH", home);
    command.env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN").env_remove("MCP_LOG").kill_on_drop(true);
    command
}

/// A bridge that runs. It is killed when this is dropped.
pub(crate) struct Bridge {
    child: Child,
    streams: Option<(ChildStdout, ChildStdin)>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Bridge {
    pub(crate) fn start(home: &Path, words: &[&str]) -> Self {
        let mut command = mcp(home, &[&["bridge"], words].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
        let (input, output) = (child.stdin.take().expect("asked for"), child.stdout.take().expect("asked for"));
        let mut lines = BufReader::new(child.stderr.take().expect("asked for")).lines();
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().expect("nobody panicked").push(line);
            }
        });
        Self { child, streams: Some((output, input)), said }
    }

    /// The host, once it has been answered.
    pub(crate) async fn host(&mut self, era: Era) -> Client {
        let (output, input) = self.streams.take().expect("there is one host");
        // As hosts do, it waits for the first answer for some time.
        let builder = Client::builder().era(era).timeouts(|timeouts| timeouts.probe = PATIENCE);
        builder.over(output, input).await.unwrap_or_else(|error| panic!("{error}: {}", self.said()))
    }

    /// What it has said on the standard error.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("nobody panicked").join("\n")
    }

    /// The pages that somebody was asked to open.
    pub(crate) fn pages(&self) -> Vec<String> {
        let said = self.said.lock().expect("nobody panicked");
        said.iter().filter(|line| line.starts_with("http") && line.contains("/authorize?")).cloned().collect()
    }

    /// The how-manieth page, counted from 1, when it is there.
    pub(crate) async fn page(&self, number: usize) -> String {
        self.until(|bridge| bridge.pages().len() >= number).await;
        self.pages().swap_remove(number - 1)
    }

    /// Waits until it has said something.
    pub(crate) async fn says(&self, text: &str) {
        self.until(|bridge| bridge.said().contains(text)).await;
    }

    async fn until(&self, done: impl Fn(&Self) -> bool) {
        until(std::slice::from_ref(self), |bridges| done(&bridges[0])).await;
    }

    /// The host leaves. The exit code.
    pub(crate) async fn left(mut self) -> Option<i32> {
        self.streams = None;
        self.ended().await
    }

    /// The exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("it ends").expect("it can be waited for").code()
    }
}

/// Waits until something is so.
pub(crate) async fn until(bridges: &[Bridge], done: impl Fn(&[Bridge]) -> bool) {
    let waiting = async {
        while !done(bridges) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let said = || bridges.iter().map(Bridge::said).collect::<Vec<_>>().join("\n");
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("all that is said is: {}", said()));
}
