//! How the mail server behaves.

use std::collections::HashSet;
use std::time::Duration;

/// When a mail server drops a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// Before it says anything.
    AtOnce,
    /// Instead of letting the mail be sent.
    BeforeData,
    /// After it has taken a mail, and before it says so.
    AfterMail,
}

#[derive(Clone, Debug)]
pub(super) struct Conduct {
    /// In lower case.
    pub(super) refused: HashSet<String>,
    pub(super) defers: bool,
    pub(super) delay: Duration,
    pub(super) hangs_up: Option<HangUp>,
    pub(super) login: Option<(String, String)>,
    pub(super) most_octets: usize,
}

impl Conduct {
    pub(super) fn lets_in(&self, user: &str, password: &str) -> bool {
        self.login.as_ref().is_some_and(|login| (login.0.as_str(), login.1.as_str()) == (user, password))
    }
}

impl Default for Conduct {
    fn default() -> Self {
        let most_octets = 10 * 1_024 * 1_024;
        Self { refused: HashSet::new(), defers: false, delay: Duration::ZERO, hangs_up: None, login: None, most_octets }
    }
}
