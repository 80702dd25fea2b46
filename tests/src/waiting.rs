//! Tools that take their time, tell how far they are, and ask back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp_parity::{Change, Context, Elicited, LogLevel, State, ToolError, tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of calls, for tests that look from outside.
#[derive(Debug, Default)]
pub struct Witness {
    started: AtomicUsize,
    finished: AtomicUsize,
    dropped: AtomicUsize,
}

impl Witness {
    /// How many calls of `waits` and `chatters` have begun.
    pub fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    /// How many have come to their end.
    pub fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }

    /// How many were dropped before.
    pub fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }
}

/// Counts itself as dropped unless it came to its end.
struct Running {
    witness: State<Witness>,
    finished: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let counter = if self.finished { &self.witness.finished } else { &self.witness.dropped };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

/// Wait, having said that it has begun.
#[tool]
async fn waits(
    /// For how long, in milliseconds.
    ms: u64,
    witness: State<Witness>,
    cx: Context,
) -> String {
    let mut running = Running { witness, finished: false };
    running.witness.started.fetch_add(1, Ordering::SeqCst);
    cx.progress(1.0, None, None).await;
    cx.sleep(Duration::from_millis(ms)).await;
    running.finished = true;
    format!("waited {ms} ms")
}

/// How many calls of `waits` began, finished and were dropped, once none runs any more.
#[tool(read_only)]
async fn witnessed(witness: State<Witness>, cx: Context) -> String {
    while witness.started() > witness.finished() + witness.dropped() {
        cx.sleep(Duration::from_millis(5)).await;
    }
    format!("{} began, {} finished, {} dropped", witness.started(), witness.finished(), witness.dropped())
}

/// Take longer than it may.
#[tool(timeout = "50ms")]
async fn hangs() -> String {
    std::future::pending().await
}

/// Tell how far it is, several times.
#[tool]
async fn progresses(
    /// How many times.
    steps: u32,
    cx: Context,
) -> String {
    for step in 1..=steps {
        cx.progress(f64::from(step), Some(f64::from(steps)), Some("working")).await;
    }
    format!("{steps} steps")
}

/// Tell much of how far it is.
#[tool]
async fn chatters(
    /// How many times.
    lines: u32,
    /// How many characters each time.
    width: usize,
    witness: State<Witness>,
    cx: Context,
) -> String {
    let mut running = Running { witness, finished: false };
    running.witness.started.fetch_add(1, Ordering::SeqCst);
    let text = "x".repeat(width);
    for line in 1..=lines {
        cx.progress(f64::from(line), None, Some(&text)).await;
    }
    running.finished = true;
    format!("{lines} lines")
}

/// Log at every level.
#[tool]
async fn logs(cx: Context) -> String {
    for level in [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error] {
        cx.log(level, "parity", &serde_json::json!({"level": level})).await;
    }
    "logged".to_owned()
}

/// Use a thread that may block.
#[tool(blocking)]
fn blocks(
    /// For how long, in milliseconds.
    ms: u64,
) -> String {
    std::thread::sleep(Duration::from_millis(ms));
    format!("blocked for {ms} ms")
}

/// What a user is asked.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Confirmation {
    /// Whether the user is sure.
    sure: bool,
}

/// Ask the user once.
#[tool]
async fn asks(cx: Context) -> Result<String, ToolError> {
    Ok(match cx.elicit::<Confirmation>("Are you sure?").await? {
        Elicited::Accepted(answer) if answer.sure => "sure".to_owned(),
        Elicited::Accepted(_) => "not sure".to_owned(),
        other => other.action().to_owned(),
    })
}

/// Ask the user twice, and do something once between.
#[tool]
async fn asks_twice(cx: Context) -> Result<String, ToolError> {
    let first = cx.elicit::<Confirmation>("Are you sure?").await?.action();
    let drawn: u32 = cx.once("drawn", async { Ok(7) }).await?;
    let second = cx.elicit::<Confirmation>("Really sure?").await?.action();
    Ok(format!("{first}, {drawn}, {second}"))
}

/// Work for as long as it is let, as a task.
#[tool(task = "required")]
async fn works_long() -> String {
    std::future::pending().await
}

/// Work shortly, as a task if the client likes.
#[tool(task = "optional")]
async fn works_shortly() -> String {
    "worked".to_owned()
}

/// Tell everybody that things have changed.
#[tool]
fn changes(cx: Context) -> String {
    cx.notify(Change::Tools);
    cx.notify(Change::Resource("about://terms".into()));
    "told".to_owned()
}
