//! How a client behaves, apart from what it is connected to.

use std::time::Duration;

use mcp_core::{LogLevel, RELEASE_EXTENSION, Revision};
use serde_json::{Map, Value, json};

use crate::declared::Offered;
use crate::task;

/// Which revisions of the protocol to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Era {
    /// The newest that the server speaks: tries the stateless revision, and falls back to `initialize`.
    #[default]
    Auto,
    /// Only revisions without sessions: 2026-07-28.
    Modern,
    /// Only revisions with sessions: those up to 2025-11-25.
    Legacy,
    /// Exactly this one.
    Exactly(Revision),
}

impl Era {
    /// The stateless revision to try first.
    pub(crate) fn modern(self) -> Option<Revision> {
        match self {
            Self::Auto | Self::Modern => Some(Revision::LATEST),
            Self::Legacy => None,
            Self::Exactly(revision) => Some(revision).filter(|revision| revision.is_modern()),
        }
    }

    /// The revision to ask for with `initialize`.
    pub(crate) fn legacy(self) -> Option<Revision> {
        match self {
            Self::Auto | Self::Legacy => Some(Revision::LATEST_LEGACY),
            Self::Modern => None,
            Self::Exactly(revision) => Some(revision).filter(|revision| !revision.is_modern()),
        }
    }

    /// Whether this revision may be spoken.
    pub(crate) fn permits(self, revision: Revision) -> bool {
        match self {
            Self::Auto => true,
            Self::Modern => revision.is_modern(),
            Self::Legacy => !revision.is_modern(),
            Self::Exactly(only) => revision == only,
        }
    }
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a connection to be made. Default 10 s.
    pub connect: Duration,
    /// For a server on a pipe to answer the first question, before it is taken for an old one. Default 5 s.
    pub probe: Duration,
    /// For something to be heard of a call: its answer, its progress, a question to the user. Default 60 s.
    pub silence: Duration,
    /// For a call's answer, whatever is heard of it meanwhile. Default 15 min.
    pub call: Duration,
    /// For a task to end. Default 1 h.
    pub task: Duration,
    /// For a server process to exit by itself. Default 5 s.
    pub exit: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            probe: Duration::from_secs(5),
            silence: Duration::from_secs(60),
            call: Duration::from_secs(15 * 60),
            task: Duration::from_secs(3_600),
            exit: Duration::from_secs(5),
        }
    }
}

/// How much to take from a server.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// Largest message of the server, in bytes. Default 16 MiB.
    pub message_bytes: usize,
    /// Largest request or notification, in bytes. A larger one is not sent: over a pipe a server cannot say which one it did not read.
    /// Default 16 MiB.
    pub request_bytes: usize,
    /// Most pages of one list. Default 1,000.
    pub pages: usize,
    /// All pages of one list together, in bytes. Default 64 MiB.
    pub list_bytes: usize,
    /// Most rounds of input for one call. Default 16.
    pub rounds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let most = 16 * 1_024 * 1_024;
        Self { message_bytes: most, request_bytes: most, pages: 1_000, list_bytes: 64 * 1_024 * 1_024, rounds: 16 }
    }
}

/// Everything a client was set up with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `Implementation`: what the client calls itself.
    pub(crate) info: Value,
    pub(crate) era: Era,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) log_level: Option<LogLevel>,
    pub(crate) report_progress: bool,
    pub(crate) tasks: bool,
    pub(crate) extensions: Map<String, Value>,
    /// Whether it hears of released connections, in revisions where that is said once.
    pub(crate) releases: bool,
}

impl Settings {
    /// The client's capabilities, as a revision has them.
    pub(crate) fn capabilities(&self, Offered { offers, tasks, releases, revision }: Offered) -> Value {
        let mut capabilities = Map::new();
        if offers.roots {
            capabilities.insert("roots".to_owned(), if revision.is_modern() { json!({}) } else { json!({"listChanged": true}) });
        }
        if offers.sampling {
            capabilities.insert("sampling".to_owned(), if offers.sampling_tools { json!({"tools": {}}) } else { json!({}) });
        }
        let modes = [("form", offers.forms), ("url", offers.urls && revision.has_url_elicitation())];
        let modes: Map<String, Value> =
            modes.into_iter().filter(|(_, offered)| *offered).map(|(mode, _)| (mode.to_owned(), json!({}))).collect();
        if !modes.is_empty() && revision.has_elicitation() {
            capabilities.insert("elicitation".to_owned(), modes.into());
        }
        if revision.is_modern() {
            let mut extensions = self.extensions.clone();
            if tasks {
                extensions.entry(task::EXTENSION).or_insert_with(|| json!({}));
            }
            if releases {
                extensions.insert(RELEASE_EXTENSION.to_owned(), json!({}));
            }
            if !extensions.is_empty() {
                capabilities.insert("extensions".to_owned(), extensions.into());
            }
        } else if releases {
            capabilities.insert("experimental".to_owned(), json!({RELEASE_EXTENSION: {}}));
        }
        capabilities.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::Offers;

    fn check(offers: Offers, revision: Revision, expected: &Value) {
        check_with(offers, false, revision, expected);
    }

    fn check_with(offers: Offers, releases: bool, revision: Revision, expected: &Value) {
        let settings = Settings {
            info: json!({}),
            era: Era::Auto,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            log_level: None,
            report_progress: false,
            tasks: true,
            extensions: Map::new(),
            releases: false,
        };
        let offered = Offered { offers, tasks: settings.tasks, releases, revision };
        assert_eq!(settings.capabilities(offered), *expected, "{offers:?} in {revision}");
    }

    #[test]
    fn capabilities_are_those_of_the_revision() {
        let all = Offers::NONE.forms().urls().sampling_tools().roots();
        let tasks = json!({"io.modelcontextprotocol/tasks": {}});
        check(Offers::NONE, Revision::V2025_11_25, &json!({}));
        check(Offers::NONE, Revision::V2026_07_28, &json!({"extensions": tasks}));
        check(all, Revision::V2024_11_05, &json!({"roots": {"listChanged": true}, "sampling": {"tools": {}}}));
        check(
            all,
            Revision::V2025_11_25,
            &json!({"roots": {"listChanged": true}, "sampling": {"tools": {}}, "elicitation": {"form": {}, "url": {}}}),
        );
        let release = json!({RELEASE_EXTENSION: {}});
        check_with(Offers::NONE, true, Revision::V2025_11_25, &json!({"experimental": release}));
        let both = json!({RELEASE_EXTENSION: {}, "io.modelcontextprotocol/tasks": {}});
        check_with(Offers::NONE, true, Revision::V2026_07_28, &json!({"extensions": both}));
        check(Offers::NONE.forms().roots(), Revision::V2026_07_28, &json!({"roots": {}, "elicitation": {"form": {}}, "extensions": tasks}));
    }
}
