//! Tasks: calls that go on after they were answered (extension `io.modelcontextprotocol/tasks`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::ServerError;
use crate::round::InputRequest;

/// Identifier of the extension.
pub(crate) const EXTENSION: &str = "io.modelcontextprotocol/tasks";
/// How often to look where the server does not say.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);
/// The shortest and the longest interval that a server gets.
const INTERVALS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(60));

/// A task of the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Task {
    /// What it is known by.
    #[serde(rename = "taskId")]
    pub id: String,
    /// How far it is.
    pub status: TaskStatus,
    /// What it is doing, for people.
    #[serde(default, rename = "statusMessage")]
    pub message: Option<String>,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskStatus {
    /// It runs.
    Working,
    /// It waits for input.
    InputRequired,
    /// It has a result.
    Completed,
    /// It has an error.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// A task with everything that belongs to its status.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskState {
    #[serde(flatten)]
    pub(crate) task: Task,
    #[serde(default)]
    poll_interval_ms: Option<u64>,
    #[serde(default)]
    pub(crate) error: Option<ServerError>,
}

/// The members of a task's state that must not be rewritten.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskDetails {
    #[serde(default)]
    pub(crate) input_requests: BTreeMap<String, InputRequest>,
    #[serde(default)]
    pub(crate) result: Option<Box<RawValue>>,
}

impl TaskState {
    /// How long to wait before looking again.
    pub(crate) fn interval(&self) -> Duration {
        interval(self.poll_interval_ms)
    }
}

/// How long to wait before looking again, where the server says so many milliseconds, or nothing.
pub(crate) fn interval(millis: Option<u64>) -> Duration {
    let (shortest, longest) = INTERVALS;
    millis.map_or(DEFAULT_INTERVAL, Duration::from_millis).clamp(shortest, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_how_often_to_look_within_reason() {
        for (interval, expected) in
            [("", 1_000), (r#","pollIntervalMs":500"#, 500), (r#","pollIntervalMs":0"#, 20), (r#","pollIntervalMs":99999999"#, 60_000)]
        {
            let text = format!(r#"{{"taskId":"t","status":"working","ttlMs":null{interval}}}"#);
            let state: TaskState = serde_json::from_str(&text).expect("a task");
            assert_eq!(state.interval(), Duration::from_millis(expected), "{text}");
            assert_eq!(state.task.status, TaskStatus::Working);
        }
    }
}
