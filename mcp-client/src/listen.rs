//! Listening for changes.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::news::News;
use crate::task::Task;

/// What to listen for (2026-07-28, basic/patterns/subscriptions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Changes of the list of tools.
    #[serde(rename = "toolsListChanged", skip_serializing_if = "is_false")]
    pub tools: bool,
    /// Changes of the list of prompts.
    #[serde(rename = "promptsListChanged", skip_serializing_if = "is_false")]
    pub prompts: bool,
    /// Changes of the lists of resources and templates.
    #[serde(rename = "resourcesListChanged", skip_serializing_if = "is_false")]
    pub resources: bool,
    /// Changes of these resources.
    #[serde(rename = "resourceSubscriptions", skip_serializing_if = "BTreeSet::is_empty")]
    pub uris: BTreeSet<String>,
    /// Changes of these tasks; only in 2026-07-28.
    #[serde(rename = "taskIds", skip_serializing_if = "BTreeSet::is_empty")]
    pub tasks: BTreeSet<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Filter {
    /// Changes of every list.
    pub fn lists() -> Self {
        Self { tools: true, prompts: true, resources: true, ..Self::default() }
    }

    /// Changes of one resource.
    pub fn resource(uri: impl Into<String>) -> Self {
        Self::default().and_resource(uri)
    }

    /// Adds changes of one resource.
    #[must_use]
    pub fn and_resource(mut self, uri: impl Into<String>) -> Self {
        self.uris.insert(uri.into());
        self
    }

    /// Whether a change is wanted. Servers may name a resource below the one that is watched.
    pub(crate) fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools,
            Change::Prompts => self.prompts,
            Change::Resources => self.resources,
            Change::Resource(uri) => self.uris.iter().any(|watched| uri.starts_with(watched.as_str())),
            Change::Task(task) => self.tasks.contains(&task.id),
            Change::Missed => true,
        }
    }
}

/// Something changed at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources or of templates.
    Resources,
    /// The resource at this URI.
    Resource(String),
    /// A task.
    Task(Task),
    /// So much that not all of it was kept: look at everything.
    Missed,
}

impl Change {
    /// Reads a notification; `None` when it tells of no change.
    pub(crate) fn read(method: &str, params: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Updated {
            uri: String,
        }
        match method {
            "notifications/tools/list_changed" => Some(Self::Tools),
            "notifications/prompts/list_changed" => Some(Self::Prompts),
            "notifications/resources/list_changed" => Some(Self::Resources),
            "notifications/resources/updated" => serde_json::from_str(params).ok().map(|Updated { uri }| Self::Resource(uri)),
            "notifications/tasks" => serde_json::from_str(params).ok().map(Self::Task),
            _ => None,
        }
    }

    /// Whether hearing of one is enough to know of the other.
    pub(crate) fn is_about_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Task(task), Self::Task(other)) => task.id == other.id,
            _ => self == other,
        }
    }
}

/// The changes a server tells, until it is dropped or the server ends it.
///
/// A connection that breaks ends it with an error; listen again then, and look at everything.
#[must_use = "dropping it ends the listening"]
pub struct Changes {
    news: Arc<News>,
    granted: Filter,
    /// What ends the listening when dropped.
    _guard: Box<dyn Send + Sync>,
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").field("granted", &self.granted).finish_non_exhaustive()
    }
}

impl Changes {
    pub(crate) fn new(news: Arc<News>, granted: Filter, guard: impl Send + Sync + 'static) -> Self {
        Self { news, granted, _guard: Box::new(guard) }
    }

    /// What the server agreed to tell, which may be less than what was asked for.
    pub fn granted(&self) -> &Filter {
        &self.granted
    }

    /// Waits for the next change; `None` when there will be no more.
    ///
    /// Cancel safe: a change that is not returned is kept.
    pub async fn next(&mut self) -> Option<Result<Change>> {
        std::future::poll_fn(|cx| self.news.poll_next(cx)).await
    }
}

impl Stream for Changes {
    type Item = Result<Change>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.news.poll_next(cx)
    }
}
