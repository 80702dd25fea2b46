//! Tasks of sessions: calls of which a task was made because the request said so (2025-11-25, basic/utilities/tasks).

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{sleep, timeout};

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::inner::Inner;
use crate::perform::Abandoned;
use crate::task::{Task, TaskStatus, interval};

/// A task as sessions are told of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionTask {
    #[serde(flatten)]
    pub(crate) task: Task,
    #[serde(default)]
    poll_interval: Option<u64>,
}

impl SessionTask {
    /// The task that a result stands for; `None` when it is the result of the call itself.
    pub(crate) fn of(result: &RawValue) -> Option<Self> {
        #[derive(Deserialize)]
        struct Created {
            task: SessionTask,
        }
        serde_json::from_str::<Created>(result.get()).ok().map(|created| created.task)
    }

    fn interval(&self) -> Duration {
        interval(self.poll_interval)
    }
}

impl Inner {
    /// Waits until a task is over and returns what its call would have returned. Questions come meanwhile as they do of any call.
    pub(crate) async fn await_session_task(self: &Arc<Self>, first: SessionTask, draft: &Draft) -> Result<Box<RawValue>> {
        let cancel = draft.following("tasks/cancel", "taskId", &first.task.id);
        let mut abandoned = Abandoned { inner: Arc::clone(self), task: cancel, tell: true };
        let patience = self.settings.timeouts.task;
        let result = timeout(patience, self.watch_session_task(first, draft)).await.unwrap_or(Err(Error::Timeout(patience)));
        abandoned.tell = matches!(result, Err(Error::Timeout(_)));
        result
    }

    async fn watch_session_task(&self, mut task: SessionTask, draft: &Draft) -> Result<Box<RawValue>> {
        let id = task.task.id.clone();
        // A server that wants to know something asks while the result is waited for.
        while task.task.status == TaskStatus::Working {
            sleep(task.interval()).await;
            let state = self.send(&draft.following("tasks/get", "taskId", &id)).await?;
            task = serde_json::from_str(state.get()).map_err(|error| Error::unreadable(&error))?;
        }
        if task.task.status == TaskStatus::Cancelled {
            return Err(Error::Cancelled);
        }
        let mut result = draft.following("tasks/result", "taskId", &id);
        (result.silence, result.total) = (Some(self.settings.timeouts.task), Some(self.settings.timeouts.task));
        self.send(&result).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_told_from_a_result() {
        for (result, id) in [
            (r#"{"task":{"taskId":"t","status":"working","createdAt":"x","ttl":null,"pollInterval":50}}"#, Some("t")),
            (r#"{"content":[]}"#, None),
            (r#"{"content":[],"task":"homework"}"#, None),
        ] {
            let result = RawValue::from_string(result.to_owned()).expect("valid JSON");
            assert_eq!(SessionTask::of(&result).map(|task| task.task.id).as_deref(), id, "{result}");
        }
    }
}
